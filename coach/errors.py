"""Errors a person can act on: what is wrong, where, and how to mend it."""


class CoachError(Exception):
    """Something the user can mend. Printed as one line by the command line, never as a traceback."""


class InputError(CoachError):
    """A file or a part of it that cannot be read.

    what: the fault in a few words; fix: what to do; path and line: where (line counts from 1).
    """

    def __init__(self, what: str, *, fix: str, path: str = "", line: int | None = None) -> None:
        self.what, self.fix, self.path, self.line = what, fix, path, line
        place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(f"{place}{what}; {fix}")


class ConfigError(CoachError):
    """A rubric, a model folder or an option that does not fit."""


class StoreError(CoachError):
    """A database that is not ours, is newer than this version, or holds no such agent."""
