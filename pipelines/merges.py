"""Merges of member numbers, followed to the number that lives on.

Pairs come from the model of all merges; what a merged member bought is added up in SQL.
"""

import datetime
from collections.abc import Iterable


def follow_merges(
    pairs: Iterable[tuple[str, str, datetime.date | None]],
) -> tuple[dict[str, str], set[str]]:
    """Return each merged number's last number, and the numbers that only run in a circle.

    A pair is (number given up, number that lives on, date). Where one number is given up twice the
    later merge holds, and of two on one date the greater target, whatever the order of the rows.
    Numbers in a circle, or on a chain into one, stay as they are.
    """
    targets: dict[str, tuple[datetime.date, str]] = {}
    for member, target, date in pairs:
        claim = (date or datetime.date.min, target)
        if member != target and claim > targets.get(member, (datetime.date.min, "")):
            targets[member] = claim
    resolved: dict[str, str] = {}
    circular: set[str] = set()
    for member in targets:
        chain: dict[str, None] = {}
        number = member
        while number in targets and number not in resolved and number not in circular:
            if number in chain:
                circular.update(chain)
                break
            chain[number] = None
            number = targets[number][1]
        if number in circular:
            circular.update(chain)
        for link in chain:
            if link not in circular:
                resolved[link] = resolved.get(number, number)
    return resolved, circular
