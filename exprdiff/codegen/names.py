"""Names in the emitted module: the user's where they can stand, others derived from them.

Deterministic, and hygienic: no name of the user's ever hides one that the module needs.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable

#: What emitted functions refer to besides their own variables.
USED = ("np", "float", "int", "bool", "ValueError", "__debug__")


class Names:
    """The names taken in a scope, and how to take another."""

    def __init__(self, taken: Iterable[str] = ()):
        self.taken = {*USED, *taken}
        self.counter = 0

    def child(self) -> Names:
        """Return a scope inside this one."""
        inner = Names(self.taken)
        return inner

    def take(self, wanted: str) -> str:
        """Take `wanted`, with ``_`` appended until Python and this scope allow it."""
        name = wanted
        while name in self.taken or keyword.iskeyword(name) or not name.isidentifier():
            name += "_"
            if len(name) > len(wanted) + 100:
                raise ValueError(f"not an identifier: {wanted!r}")
        self.taken.add(name)
        return name

    def temporary(self) -> str:
        """Take the next of t1, t2, ..."""
        while True:
            self.counter += 1
            name = f"t{self.counter}"
            if name not in self.taken:
                self.taken.add(name)
                return name
