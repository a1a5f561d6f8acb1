"""White space, and how SQL asks for a pattern: what cells and identities have in common.

Patterns of money, times and ids stand in `pipelines.ingest.cells`.
"""

from pipelines.engines.duckdb import quote_text

# ASCII's, the no-break and the ideographic space, those of typography, and what has no width.
WHITE_SPACE = (
    " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u202f\u205f\u2060\u3000\ufeff"
)
# The inside of a class of characters, and the class, in regular expressions of DuckDB.
SPACES = "".join(f"\\x{{{ord(space):x}}}" for space in WHITE_SPACE)
SPACE = f"[{SPACES}]"


def matches(cell: str, pattern: str) -> str:
    """Return SQL that tells whether the whole cell has the pattern."""
    return f"regexp_full_match({cell}, {quote_text(pattern)})"
