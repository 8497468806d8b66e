"""Continuous input of a population: a number, a number per unit, or a table over time."""

from __future__ import annotations

from math import gcd

import numpy as np

from ...definition.drawn import DrawnCurrent, DrawnNetwork, DrawnPopulation, Floats, Ints, Number
from ...errors import Unsupported
from ...passes.program import Program
from ...records import dataclass

LARGEST = 100_000_000  # numbers in one table (0.8 GB)


@dataclass(frozen=True, eq=False)
class Table:
    """``values[k]`` acts from step ``k*every`` on; (stretches,) or (stretches, units)."""

    values: Floats
    every: int


def port_input(
    network: DrawnNetwork, population: DrawnPopulation, program: Program
) -> dict[str, Number | Table]:
    """What drives each continuous port, and each frozen noise, of a population."""
    mine = [c for c in network.currents if c.population == population.name and len(c.units)]
    driven = {c.port for c in mine}
    ports = [*program.currents, *(n for n in program.noise if n in driven)]
    return {
        port: _summed([c for c in mine if c.port == port], population.size, network.steps)
        for port in ports
    }


def _summed(currents: list[DrawnCurrent], size: int, steps: int) -> Number | Table:
    if not currents:
        return 0.0
    wide = any(c.values.ndim == 2 or not _everyone(c.units, size) for c in currents)
    starts = np.unique(np.concatenate([c.steps[c.steps < max(steps, 1)] for c in currents]))
    every = gcd(*(int(s) for s in starts)) if starts.any() else max(steps, 1)
    rows = -(-steps // every) if len(starts) > 1 else 1
    if rows * (size if wide else 1) > LARGEST:
        raise Unsupported(
            f"a current has {rows} different steps for {size} units",
            model=currents[0].name,
            remedy="give fewer breakpoints, or drive fewer units",
        )
    total = np.zeros((rows, size) if wide else rows)
    for current in currents:
        row = np.searchsorted(current.steps, np.arange(rows) * every, side="right") - 1
        total += _spread(current, size)[row] if wide else current.values[row]
    if rows > 1:
        return Table(total, every)
    return total[0] if wide else float(total[0])


def _everyone(units: Ints, size: int) -> bool:
    return len(units) == size and bool((np.sort(units) == np.arange(size)).all())


def _spread(current: DrawnCurrent, size: int) -> Floats:
    """(breakpoints, size), 0 for units that are not driven."""
    values = np.zeros((len(current.steps), size))
    values[:, current.units] = (
        current.values if current.values.ndim == 2 else current.values[:, None]
    )
    return values


def rate_table(rate_steps: Ints, rates: Floats, steps: int) -> Table | Number:
    """Rates in kHz as a number, a number per unit, or a table."""
    if len(rate_steps) == 1:
        return rates[0] if rates.ndim == 2 else float(rates[0])
    every = gcd(*(int(s) for s in rate_steps))
    row = np.searchsorted(rate_steps, np.arange(-(-steps // every)) * every, side="right") - 1
    return Table(rates[row], every)
