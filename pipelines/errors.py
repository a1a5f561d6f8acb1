"""The errors a user can meet, each one sentence and one exit code.

What is not listed here is a defect of the program and keeps its traceback.
"""


class RegularsError(Exception):
    """A failure that is explained in one sentence; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(RegularsError):
    """A file, a setting or an as-of date cannot be used as it is."""


class MachineError(RegularsError):
    """The machine refuses: its disk is full, its memory too small, or a folder not ours to use."""


class CatalogueError(RegularsError):
    """A model file breaks the contract that all model files keep."""


class GateError(RegularsError):
    """The result was made but a gate refuses to publish it; the published state is as it was."""

    exit_code = 3


class LockedError(RegularsError):
    """Another run holds the data set's lock."""

    exit_code = 4
