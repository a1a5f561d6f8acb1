"""Personal identities as tokens: the key file, and what of a phone, an e-mail or a name counts.

A token is the first half of HMAC-SHA256 (RFC 2104) over the identity; which columns are personal
stands with the layout of the file.

What identity a text is, decided in this order once white space, and one apostrophe in front, are
off its ends:

1. With an asterisk anywhere, it is masked: none.
2. Without white space and dashes, eleven digits that start with 1, behind `+86`, `0086`, `86` or
   nothing, are a mobile number of China: the eleven digits.
3. Without white space and dashes, three digits or more, then three X or more, then nothing but
   digits, are masked: none.
4. Visible characters of ASCII around one `@`, with a point somewhere behind it, are an e-mail
   address: the same in lower case.
5. All else is itself, in Unicode's composed form (NFC) where no NUL is in it, whose rest DuckDB
   would lose; nothing left is none.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.engines.duckdb import quote_text
from pipelines.errors import InputError
from pipelines.ingest.patterns import SPACE, SPACES, WHITE_SPACE, matches

KEY_BYTES, KEY_ID_LETTERS, TOKEN_LETTERS = 32, 8, 32
BLOCK_BYTES = 64
INNER_PAD, OUTER_PAD = "token_inner_pad", "token_outer_pad"
STARS = "*\uff0a"
PHONE = r"(?:\+?86|0086)?(1[0-9]{10})"
MASKED_PHONE = "[0-9]{3,}[xX]{3,}[0-9]*"
EMAIL = r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+"
GAPS = str.maketrans("", "", WHITE_SPACE + "-")


@dataclass(frozen=True)
class Key:
    """The secret of a data set's tokens; what is shown of it is its id."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """The first letters of the secret's hash, which tell keys apart and nothing else."""
        return hashlib.sha256(self.secret).hexdigest()[:KEY_ID_LETTERS]


# The key file


def find_keys() -> Path:
    """Return the folder of the keys: REGULARS_KEYS, or the user's folder of settings."""
    if named := os.environ.get("REGULARS_KEYS"):
        return Path(named)
    settings = os.environ.get("XDG_CONFIG_HOME")
    return (Path(settings) if settings else Path.home() / ".config") / "regulars" / "keys"


def load_same_key(dataset_name: str, used: set[str]) -> Key:
    """Return the key of a data set whose snapshots were made with the keys `used`, by their ids.

    Raises InputError where it is not there, or is another one.
    """
    key = load_key(dataset_name)
    if key.id not in used:
        raise InputError(
            f"The key of {dataset_name} is {key.id}, but its snapshots were made with "
            f"{', '.join(sorted(used))}; bring that key back, or publish elsewhere (--output)."
        )
    return key


def load_key(dataset_name: str) -> Key:
    """Return the key of a data set.

    Raises InputError where there is none, where others can read it, or where it is no key.
    """
    path = find_keys() / f"{dataset_name}.key"
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = stream.read(4 * KEY_BYTES)
    except FileNotFoundError:
        raise InputError(
            f"{path}: the key of the tokens of {dataset_name!r} is not there; copy it from where "
            "the data set was read before (a new key would make every member a new one), or set "
            "REGULARS_KEYS to its folder."
        ) from None
    except OSError as error:
        raise InputError(
            f"{path}: the key of the tokens cannot be read ({error.strerror}); make it readable "
            "for you alone."
        ) from error
    if mode & 0o077:
        raise InputError(
            f"{path}: others can use the key of the tokens (mode {mode & 0o777:o}); run chmod 600 "
            "on it, and make a new key if somebody may have read it."
        )
    if re.fullmatch(rb"[0-9a-f]{%d}\s*" % (2 * KEY_BYTES), text) is None:
        raise InputError(
            f"{path}: this is no key of {KEY_BYTES} bytes in hexadecimal digits; put back the file "
            "that was made for the data set."
        )
    return Key(bytes.fromhex(text.decode().strip()))


def make_key(dataset_name: str) -> Key:
    """Return the key of a data set, made and kept for its user alone where there is none yet.

    Raises InputError where the key cannot be kept, or the one that is there cannot be used.
    """
    folder = find_keys()
    path = folder / f"{dataset_name}.key"
    if path.exists():
        return load_key(dataset_name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Readable by its owner only, from the first moment.
        number, part = tempfile.mkstemp(dir=folder, prefix=f".{dataset_name}-", suffix=".part")
        try:
            with os.fdopen(number, "w") as stream:
                stream.write(secrets.token_hex(KEY_BYTES) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            # A link never replaces: of two that make a key at once, the later takes the earlier's.
            Path(path).hardlink_to(part)
        except FileExistsError:
            pass
        finally:
            Path(part).unlink()
    except OSError as error:
        raise InputError(
            f"{path}: the key of the tokens cannot be kept there ({error.strerror}); set "
            "REGULARS_KEYS to a folder of yours outside of the data."
        ) from error
    return load_key(dataset_name)


# Tokens


def tokenise(value: str, key: Key) -> str | None:
    """Return the token of a personal text, or None where it tells nobody apart."""
    identity = identify(value)
    if identity is None:
        return None
    return authenticate(identity.encode(), key.secret).hex()[:TOKEN_LETTERS]


def identify(value: str) -> str | None:
    """Return what of a personal text counts, or None where it is empty or masked."""
    bare = value.strip(WHITE_SPACE).removeprefix("'").strip(WHITE_SPACE)
    if any(star in bare for star in STARS):
        return None
    close = bare.translate(GAPS)
    if phone := re.fullmatch(PHONE, close):
        return phone[1]
    if re.fullmatch(MASKED_PHONE, close):
        return None
    if re.fullmatch(EMAIL, bare):
        return bare.lower()
    return (bare if "\0" in bare else unicodedata.normalize("NFC", bare)) or None


def authenticate(message: bytes, secret: bytes) -> bytes:
    """Return HMAC-SHA256 of a message, 32 bytes."""
    return hmac.digest(secret, message, hashlib.sha256)


def set_token_key(connection: duckdb.DuckDBPyConnection, key: Key) -> None:
    """Give a connection what `token_sql` needs, as variables, for as long as it is open.

    They reach neither its cursors nor the text of any query; plans that DuckDB explains show them.
    """
    for name, flip in ((INNER_PAD, 0x36), (OUTER_PAD, 0x5C)):
        pad = bytes(byte ^ flip for byte in key.secret.ljust(BLOCK_BYTES, b"\0"))
        connection.execute(f"set variable {name} = $1", [pad])


def token_sql(cell: str) -> str:
    """Return SQL for the token of a text, as `tokenise` makes it.

    The query fails where its connection has no key: nobody's token would be everybody's.
    """
    inner, outer = (
        f"coalesce(cast(getvariable('{name}') as blob), cast(error('no key of tokens') as blob))"
        for name in (INNER_PAD, OUTER_PAD)
    )
    digest = f"sha256({inner} || encode({identify_sql(cell)}))"
    return f"substr(sha256({outer} || unhex({digest})), 1, {TOKEN_LETTERS})"


def identify_sql(cell: str) -> str:
    """Return SQL for what of a personal text counts, as `identify` finds it."""
    white = quote_text(WHITE_SPACE)
    bare = f"trim(regexp_replace(trim({cell}, {white}), '^''', ''), {white})"
    close = f"regexp_replace({cell}, {quote_text(f'[{SPACES}-]')}, '', 'g')"
    is_close = matches(cell, f"{SPACE}*'?[+0-9xX{SPACES}-]*")
    phone_text = quote_text(f"^'?{PHONE}$")
    phone = f"regexp_extract({close}, {phone_text}, 1)"
    is_masked_phone = matches(close, f"'?{MASKED_PHONE}")
    is_email = matches(cell, f"{SPACE}*'?{SPACE}*{EMAIL}{SPACE}*")
    has_star = " or ".join(f"contains({cell}, {quote_text(star)})" for star in STARS)
    return (
        f"case when {matches(cell, '1[0-9]{10}')} then {cell}"
        f" when {has_star} then null"
        f" when {is_close} and {phone} <> '' then {phone}"
        f" when {is_close} and {is_masked_phone} then null"
        f" when {is_email} then lower({bare})"
        f" when contains({cell}, chr(0)) then {bare}"
        f" else nullif(nfc_normalize({bare}), '') end"
    )
