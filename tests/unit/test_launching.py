"""That the error a user can act on is found, however it is wrapped."""

from itertools import pairwise

from assets.launching import find_cause
from pipelines.errors import GateError, MachineError


def chain(*errors: Exception) -> Exception:
    """Return the first error, caused by the second and so on."""
    for effect, cause in pairwise(errors):
        effect.__cause__ = cause
    return errors[0]


def test_error_of_ours_is_found_below_others() -> None:
    ours = GateError("refused")
    assert find_cause(chain(ValueError("step"), RuntimeError("job"), ours)) is ours


def test_full_disk_is_explained_below_others() -> None:
    found = find_cause(chain(ValueError("step"), OSError(28, "No space left on device", "/out")))
    assert isinstance(found, MachineError)


def test_circle_of_errors_ends() -> None:
    outer, inner = ValueError("outer"), ValueError("inner")
    outer.__cause__, inner.__context__ = inner, outer
    assert find_cause(outer) is outer
