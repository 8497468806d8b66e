"""The part of the input that the units of one population have in common, in a finite network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .activities import activities
from .populations import populations_of

if TYPE_CHECKING:
    from .solver import Solver

RECENT = 4  # rounds from which responses are taken


def common_input(solver: Solver) -> dict[tuple[str, str], NDArray[np.float64]]:
    """(population, port) -> spectrum per bin: sum over b, b' of g_b C_bb' g_b'^*,
    g_b = K J exp(-i omega d), C that of the population averages.
    """
    plan = solver.plan
    measured = [r for r in solver.rounds[-RECENT:] if r.responses]
    acts = activities(solver, measured)
    found = populations_of(plan, acts, solver.at)
    places = plan.linked()
    bins = np.array([np.sqrt(plan.dt / 1e3 if plan.outputs[i].spiking else 1.0 / plan.dt)
                     for i in places])  # fmt: skip
    C = found.spectra * np.outer(bins, bins)
    omega = 2e-3 * np.pi * found.frequencies
    common: dict[tuple[str, str], Any] = {}
    for name, port in solver.outside:
        g = np.zeros((len(omega), len(places)), dtype=complex)
        for link in plan.links_to(name, port):
            phase = np.exp(-1j * omega[:, None] * link.delays * plan.dt) @ link.shares
            g[:, places.index(link.output)] += link.degrees.coupling * phase
        power = np.einsum("fa,fab,fb->f", g, C, g.conj()).real
        common[name, port] = np.maximum(power, 0.0)
    return common
