"""Names and arrays in a Brian2 script."""

from __future__ import annotations

import keyword
import re
from typing import Any

import numpy as np

LONGEST = 1000


def own(*name: str) -> str:
    """A Python variable; of an area's item V1__E."""
    found = re.sub(r"\W", "_", "_".join(name).replace(".", "__"))
    return found + "_" if keyword.iskeyword(found) or not found[0].isalpha() else found


class Shown:
    """Arrays as text: up to 1000 numbers are written out, longer ones read from a .npy file.

    ``files``: the arrays of these files by name; None where nobody wants them, as to put long lists
    of connections in order takes its time.
    """

    def __init__(self, keep: bool) -> None:
        self.files: dict[str, Any] | None = {} if keep else None

    def __call__(self, value: Any, *name: str) -> str:
        array = np.asarray(value)
        if array.ndim == 0:
            return repr(array.item())
        if array.size <= LONGEST:
            return f"np.array({array.tolist()!r})"
        file = own(*name) + ".npy"
        if self.files is not None:
            self.files[file] = array
        return f"np.load({file!r})"

    def wants(self, size: int) -> bool:
        """Whether an array of that many numbers is shown or kept."""
        return size <= LONGEST or self.files is not None
