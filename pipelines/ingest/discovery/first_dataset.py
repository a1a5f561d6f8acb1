"""A first dataset.yaml for a folder: look, choose, write, and say why.

Each step stands in a module of its own beside this one.
"""

from pathlib import Path

from pipelines.errors import InputError
from pipelines.ingest.discovery.contents import look_into
from pipelines.ingest.discovery.draft import (
    choose_languages,
    choose_place,
    name_dataset,
    write_draft,
)
from pipelines.ingest.discovery.explanations import (
    explain_missing_orders,
    explain_others,
    explain_place,
    explain_proposal,
    list_given,
)
from pipelines.ingest.discovery.files import find_files
from pipelines.ingest.discovery.proposals import Proposal, choose_proposals
from pipelines.ingest.enabling import list_unmet
from pipelines.ingest.identities import find_keys, make_key
from pipelines.ingest.words import Note, say


def write_first_dataset(folder: Path, force: bool) -> list[str]:
    """Write FOLDER/dataset.yaml and return lines that explain each guess in its languages.

    A dataset.yaml that is there is replaced only with `force`. Of the data itself only the words
    of the status and currency columns are written or returned. Where a personal column becomes the
    member key, the key of the tokens is made. Raises InputError where the folder or its orders are
    missing, or the file cannot be written.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the folder that holds the exports.")
    target = folder / "dataset.yaml"
    if target.exists() and not force:
        raise InputError(f"{target} exists; correct it by hand, or replace it with --force.")
    files, ignored = find_files(folder)
    proposals, others = choose_proposals(folder, files)
    if "orders" not in proposals:
        raise InputError(f"{folder}: {explain_missing_orders(files)}")
    chosen: dict[str, list[Proposal]] = {}
    notes: list[Note] = []
    for table, of_table in proposals.items():
        looked = [look_into(proposal) for proposal in of_table]
        chosen[table] = [proposal for proposal, _ in looked]
        for proposal, findings in looked:
            notes += [*explain_proposal(proposal), *findings]
    name = name_dataset(folder)
    try:
        target.write_text(write_draft(name, chosen), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}.") from error
    notes += [*ignored, *explain_others(others)]
    ending = list(explain_place(chosen, *choose_place(chosen)))
    if any(proposal.has_token for of_table in chosen.values() for proposal in of_table):
        key = make_key(name)
        path = find_keys() / f"{name}.key"
        ending.append(Note("key_file", {"path": path, "key": key.id}))
    ending.append(Note("wrote", {"path": target, "folder": folder, "name": name}))
    unmet = [need for need in list_unmet(list_given(chosen)) if need.is_first]
    lines: list[str] = []
    for language in choose_languages(chosen):
        lines += [""] if lines else []
        lines += [say(note, language) for note in notes]
        lines += [need.zh if language == "zh" else need.en for need in unmet]
        lines += [say(note, language) for note in ending]
    return lines
