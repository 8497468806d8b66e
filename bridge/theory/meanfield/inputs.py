"""Output -> input: means and spectra of what units send, summed over the links.

mu_a = mu_ext + sum_b K J m_b
S_a  = S_ext + sum_b [K (J^2 + s2) S_b + L (K s2 + VK J^2) m_b^2 at frequency 0]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass
from .blueprint import Blueprint
from .gaussian import WIDE, smooth

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Input:
    """Mean, spectrum (L/2 + 1) of one port, per bin."""

    mean: float
    spectrum: Floats


def external(plan: Blueprint, population: str, port: str, step: int, L: int) -> Input:
    """Of the Poisson trains: K J nu dt, white K (J^2 + s2) nu dt, static where degrees differ."""
    mean, spectrum = 0.0, np.zeros(L // 2 + 1)
    for drive in plan.drives_to(population, port):
        rate, spread = drive.at(step)
        count, d = rate * plan.dt, drive.degrees
        mean += d.coupling * count
        spectrum += d.variance * count
        spectrum[0] += L * (d.quenched * count**2 + d.variance * spread * plan.dt**2)
    return Input(mean, spectrum)


def total(
    plan: Blueprint,
    population: str,
    port: str,
    outside: Input,
    means: Floats,
    spectra: Floats,
    common: Floats | None = None,
) -> Input:
    """With what the network's outputs (``means`` and ``spectra`` by output) add.

    Where the spectrum of what units have in ``common`` is given, links add their private part only.
    """
    mean, spectrum = outside.mean, outside.spectrum.copy()
    L = 2 * (len(spectrum) - 1)
    for link in plan.links_to(population, port):
        d, b = link.degrees, link.output
        mean += d.coupling * means[b]
        spectrum += (d.variance if common is None else d.private) * spectra[b]
        spectrum[0] += L * d.quenched * means[b] ** 2
    if common is not None:
        spectrum += common
    return Input(float(mean), spectrum)


def sent_shapes(
    plan: Blueprint, population: str, twins: Sequence[int], means: Floats, spectra: Floats
) -> dict[tuple[str, int], Floats]:
    """(port, output) -> spectrum over mean of the spikes that ``population`` gets from there.

    ``twins``: output -> the output that it is a copy of.
    """
    continuous = plan.programs[population].program.currents
    found = {}
    for link in plan.links_to(population):
        b = twins[link.output]
        if plan.outputs[b].spiking and means[b] > 0 and link.port not in continuous:
            shape = np.asarray(smooth(spectra[b], WIDE).real) / means[b]
            shape[0] = shape[1]  # without what is static
            found[link.port, b] = shape
    return found
