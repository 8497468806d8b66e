"""A corner of its own inside a process where the user may have a Brian2 session running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def session(target: str, seed: int) -> Iterator[None]:
    """Runtime device, code generation for ``target``, random numbers from ``seed``.

    On leaving, the device, the preference and every random number that the user's session would
    have drawn are what they were, and the names of the objects made here are free.
    """
    import brian2
    from brian2.core.names import Nameable
    from brian2.devices.device import get_device, reset_device, runtime_device, set_device

    own_device = get_device() is not runtime_device
    if own_device:
        set_device(runtime_device)
    before = brian2.prefs["codegen.target"]
    random = _random_state(runtime_device)
    users = set(Nameable.__instances__())
    try:
        brian2.prefs["codegen.target"] = target
        _fresh_buffers(runtime_device)
        brian2.seed(seed % 2**32)
        yield
    finally:
        brian2.prefs["codegen.target"] = before
        _restore_random(runtime_device, random)
        _free_names(set(Nameable.__instances__()) - users)
        if own_device:
            reset_device()


def _free_names(references: Iterable[Any]) -> None:
    """Objects live on until Python looks for cycles; another name is other code, compiled anew."""
    for reference in references:
        thing = reference()
        if thing is not None:
            thing._name = "sb_past"  # noqa: SLF001 - `name` is read-only


_BUFFERS = ("rand_buffer", "rand_buffer_index", "randn_buffer", "randn_buffer_index")


def _random_state(device: Any) -> tuple[Any, list[Any]]:
    import numpy as np

    state = np.random.get_state()  # noqa: NPY002 - Brian2 draws from it
    return state, [getattr(device, name).copy() for name in _BUFFERS]


def _fresh_buffers(device: Any) -> None:
    """The buffers hold pointers: a null one makes Brian2 allocate a buffer of its own."""
    for name in _BUFFERS:
        getattr(device, name)[:] = 0


def _restore_random(device: Any, state: tuple[Any, list[Any]]) -> None:
    import numpy as np

    np.random.set_state(state[0])  # noqa: NPY002
    for name, kept in zip(_BUFFERS, state[1], strict=True):
        getattr(device, name)[:] = kept
