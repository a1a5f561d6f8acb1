"""The text of a first dataset.yaml, with a comment at each choice that a person should see.

What it says is settled in `pipelines.ingest.discovery.proposals` and `contents`.
"""

import hashlib
import re
from pathlib import Path

from pipelines.canonical import CANONICAL_TABLES
from pipelines.ingest.discovery.names import is_chinese, list_quoted, quote
from pipelines.ingest.discovery.proposals import Proposal
from pipelines.ingest.words import Language

Chosen = dict[str, list[Proposal]]
MOST_LETTERS = 48


def name_dataset(folder: Path) -> str:
    """Return a name for a data set, made from the folder's.

    Output and key go by the name: a folder whose name loses letters gets some of its hash instead,
    so that two shops are never one.
    """
    name = folder.resolve().name
    plain = re.sub(r"[^a-z0-9_-]+", "_", name.casefold()).strip("_-")[:MOST_LETTERS]
    if plain and re.sub(r"[\s._-]+", "", name.casefold()) == re.sub("[_-]+", "", plain):
        return plain
    return f"{plain or 'shop'}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def choose_languages(chosen: Chosen) -> list[Language]:
    """Return the languages of the reports, Chinese first where headers are Chinese."""
    headers = (
        name
        for proposals in chosen.values()
        for proposal in proposals
        for file in proposal.files
        for name in file.columns
    )
    return ["zh", "en"] if any(is_chinese(name) for name in headers) else ["en"]


def choose_place(chosen: Chosen) -> tuple[str, str, bool]:
    """Return time zone and currency, and whether a column tells the currency."""
    zone, currency = (
        ("Asia/Shanghai", "CNY") if "zh" in choose_languages(chosen) else ("UTC", "USD")
    )
    told = {code for proposal in chosen.get("orders", []) for code in proposal.currencies}
    if len(told) == 1 and re.fullmatch("[A-Z]{3}", code := told.pop()):
        return zone, code, True
    return zone, currency, False


def write_draft(name: str, chosen: Chosen) -> str:
    """Return the text of a dataset.yaml."""
    zone, currency, is_told = choose_place(chosen)
    lines = [
        "# A first guess from the names of files and columns. Correct what is wrong; a key that",
        "# the grammar does not know is an error. `regulars schema` prints the grammar.",
        f"name: {quote(name)}",
        f"timezone: {zone}    # guessed: times without an offset are local times of this zone",
        f"currency: {currency}    # {'as the orders say' if is_told else 'guessed'}",
        f"languages: [{', '.join(choose_languages(chosen))}]    # one report for each: zh, en",
        "trade: frequent    # how often people buy: frequent (weeks), fashion, durable (years)",
        "",
        "# Export profile, or canonical column: column of the file. Files with neither use the",
        "# canonical names. A table with files of several kinds has a list.",
        "files:",
    ]
    for table, proposals in chosen.items():
        lines.append(f"  {table}:")
        for proposal in proposals:
            source = write_source(proposal)
            if len(proposals) == 1:
                lines += [f"    {line}" for line in source]
            else:
                lines += [f"    - {source[0]}", *(f"      {line}" for line in source[1:])]
    orders = chosen["orders"]
    scopes = [
        scope
        for scope, column in (("store", "store_id"), ("channel", "channel"))
        if all(proposal.find_columns("orders", column) for proposal in orders)
    ]
    lines += [
        "",
        "# KPIs are made for the whole shop and for each of these; store, channel, brand, city.",
        f"scopes: [{', '.join(scopes)}]",
        "",
    ]
    return "\n".join(lines)


def write_source(proposal: Proposal) -> list[str]:
    """Return the lines of one source."""
    lines = [f"path: {quote(proposal.pattern)}"]
    if proposal.guess.profile is not None:
        lines.append(f"profile: {proposal.guess.profile}")
    if proposal.files[0].sheet is not None:
        lines.append(f"sheet: {quote(proposal.files[0].sheet)}")
    if proposal.files[0].header_row > 1:
        lines.append(f"header_row: {proposal.files[0].header_row}")
    if len(proposal.files) > 1:
        lines.append("mode: append    # replace: only the newest file is read")
    if proposal.export_date is not None:
        lines.append(f"export_date: {quote(proposal.export_date)}    # the later export wins")
    if proposal.date_order is not None:
        lines.append(f"date_order: {proposal.date_order}")
    lines += write_mapping(proposal)
    if proposal.guess.profile is None and proposal.personal:
        lines.append("# The names speak of persons: never read, or as a token where it is an id.")
        lines.append(f"personal: [{list_quoted(proposal.personal)}]")
    if proposal.statuses:
        lines.append("# What the words of the status column seem to mean; paid, shipped and done")
        lines.append("# count as purchases.")
        lines.append("statuses:")
        lines += [f"  {of}: [{list_quoted(words)}]" for of, words in proposal.statuses.items()]
    if proposal.unexplained:
        lines.append("# Not explained, and so not counted; write each under statuses, by what it")
        lines.append("# means: created, paid, shipped, done, refunded, cancelled or test:")
        lines.append(f"# {list_quoted(proposal.unexplained)}")
    return lines


def write_mapping(proposal: Proposal) -> list[str]:
    """Return the lines of a mapping, none where a profile or the canonical names give it."""
    if proposal.guess.profile is not None:
        return []
    names = proposal.files[0].columns
    canonical = {
        column: column
        for column in CANONICAL_TABLES[proposal.table].columns
        if column in names and column not in proposal.personal
    }
    if proposal.guess.columns == canonical:
        return []
    mapped = proposal.guess.columns.items()
    return ["columns:", *(f"  {column}: {quote(name)}" for column, name in mapped)]
