"""Why a first dataset.yaml is as it is, one thing at a time, for `init` to say.

What is missing for which figures stands in `pipelines.ingest.enabling`.
"""

from collections.abc import Iterator

from pipelines.canonical import CANONICAL_TABLES
from pipelines.exports import load_profiles
from pipelines.ingest.discovery.draft import Chosen
from pipelines.ingest.discovery.files import FoundFile
from pipelines.ingest.discovery.guesses import find_closest, find_missing, has_key, match_columns
from pipelines.ingest.discovery.names import quote
from pipelines.ingest.discovery.proposals import Proposal
from pipelines.ingest.words import Note

MAX_LISTED = 12


def list_names(names: tuple[str, ...] | list[str]) -> tuple[object, ...]:
    """Return quoted names to list, the rest counted where there are many."""
    shown = tuple(quote(name) for name in names[:MAX_LISTED])
    rest = len(names) - MAX_LISTED
    return (*shown, Note("and_more", {"count": rest})) if rest > 0 else shown


def explain_proposal(proposal: Proposal) -> Iterator[Note]:
    """Yield why files fill a table and what becomes of their columns."""
    count = len(proposal.files)
    files: tuple[object, ...] = (quote(proposal.pattern),)
    if proposal.files[0].sheet is not None:
        sheet = Note("of_sheet", {"file": files[0], "sheet": quote(proposal.files[0].sheet)})
        files = (sheet,)
    subject = files[0]
    if count > 1:
        subject = Note("files_of_one_kind", {"file": subject, "count": count})
    if proposal.guess.profile is not None:
        profile = load_profiles()[proposal.guess.profile]
        title = {f"title_{language}": text for language, text in profile.title.items()}
        yield Note(
            "chosen_profile",
            {
                "file": subject,
                "profile": proposal.guess.profile,
                "tables": tuple(proposal.tables),
                "columns": list_names(proposal.guess.telling),
                "title_zh": "",
                "title_en": "",
                **title,
            },
        )
    else:
        used = tuple(
            column if column == name else f"{column} = {quote(name)}"
            for column, name in proposal.guess.columns.items()
        )
        yield Note("chosen_mapping", {"file": subject, "table": proposal.table, "columns": used})
    if proposal.has_token:
        yield Note("key_token", {"columns": list_names(proposal.keys)})
    elif proposal.keys:
        yield Note("key_plain", {"columns": list_names(proposal.keys)})
    if proposal.ignored:
        yield Note("columns_ignored", {"columns": list_names(proposal.ignored)})
    unread = [name for name in proposal.personal if name not in proposal.keys]
    if unread:
        yield Note("columns_personal", {"columns": list_names(unread)})
    if proposal.export_date is not None:
        yield Note("export_date", {"pattern": quote(proposal.export_date)})
    if proposal.may_be_full:
        yield Note("may_be_full", {"file": subject})
    elif count > 1:
        yield Note("all_are_read")
    products = (has_key(proposal.files[0], column) for column in ("sku", "quantity", "product"))
    if proposal.guess.profile is None and proposal.table == "orders" and any(products):
        yield Note("may_be_lines")


def explain_others(others: list[tuple[FoundFile, str | None]]) -> Iterator[Note]:
    """Yield why files are not used."""
    for file, preferred in others:
        if preferred is None:
            closest = find_closest(file)
            if closest is None:
                yield Note("not_used_unknown", {"file": file.label})
            else:
                values = {"table": closest[0], "missing": tuple(closest[1])}
                yield Note("not_used_close", {"file": file.label, **values})
        else:
            yield Note("not_used_second", {"file": file.label, "preferred": quote(preferred)})


def explain_place(chosen: Chosen, zone: str, currency: str, is_told: bool) -> Iterator[Note]:
    """Yield where the shop was taken to be."""
    told = sorted({code for proposal in chosen["orders"] for code in proposal.currencies})
    if len(told) > 1:
        yield Note("currencies_several", {"codes": tuple(map(quote, told))})
    key = "place_told" if is_told else "place_guessed"
    yield Note(key, {"zone": zone, "currency": currency})


def explain_missing_orders(files: list[FoundFile]) -> str:
    """Return what orders need, and how far the closest file is from it."""
    needs = (
        "no file holds orders; they need an export that a profile knows, or a file with columns "
        "for order_id (订单编号), paid_at or created_at (付款时间) and paid_amount (实付金额)"
    )
    gaps = []
    for file in files:
        matched = match_columns(file, "orders")
        if matched:
            gaps.append((-len(matched), file.path.name, find_missing("orders", matched)))
    closest = min(gaps, default=None)
    if closest is None or not closest[2]:
        return f"{needs}."
    return f"{needs}. Closest is {quote(closest[1])}, without {', '.join(closest[2])}."


def list_given(chosen: Chosen) -> dict[str, set[str]]:
    """Return, for each table, the canonical columns that the proposals fill."""
    given: dict[str, set[str]] = {}
    for proposals in chosen.values():
        for proposal in proposals:
            profile = load_profiles().get(proposal.guess.profile or "")
            for table in proposal.tables:
                columns = CANONICAL_TABLES[table].columns
                found = {column for column in columns if proposal.find_columns(table, column)}
                constants = profile.tables[table].constants if profile is not None else {}
                given.setdefault(table, set()).update(found, constants)
    return given
