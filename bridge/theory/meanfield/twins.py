"""Populations with equal numbers and equal input: one ensemble serves them all."""

from __future__ import annotations

from typing import Any

import numpy as np

from .blueprint import Blueprint, Drive, Link


def twins_of(plan: Blueprint) -> dict[str, str]:
    """Population -> the first one that it is a copy of, itself where there is none."""
    first: dict[Any, str] = {}
    found = {}
    for name, drawn in plan.populations.items():
        own = any(c.population == name for c in plan.currents)
        own = own or any(c.owner == name for c in plan.changes)
        own = own or any(np.ndim(v) for v in drawn.parameters.values())
        numbers = {**drawn.parameters, **drawn.initial}
        values = tuple((n, float(v)) for n, v in sorted(numbers.items()) if np.ndim(v) == 0)
        links = tuple(sorted(_key(k) for k in plan.links_to(name)))
        drives = tuple(sorted(_key(d) for d in plan.drives_to(name)))
        key = (drawn.neuron.hash, values, links, drives, name if own else "")
        found[name] = first.setdefault(key, name)
    return found


def _key(x: Link | Drive) -> tuple[Any, ...]:
    d = x.degrees
    numbers = (x.port, d.K, d.VK, d.J, d.s2, d.private)
    if isinstance(x, Link):
        return (*numbers, x.output, x.delays.tobytes(), x.shares.tobytes())
    assert x.source.rates is not None and x.source.rate_steps is not None
    late = (x.delays.tobytes(), x.shares.tobytes()) if x.moves else ()
    return (*numbers, *late, x.source.rate_steps.tobytes(), x.source.rates.tobytes())
