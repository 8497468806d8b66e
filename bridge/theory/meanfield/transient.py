"""`transient`: how the activity of a network changes with time, from its definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.grid import steps_of
from ...records import dataclass
from .blueprint import Output
from .plan import blueprint
from .stationary import network_of
from .sweep import Sweep

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """What a population sends over time: ``mean`` (n,) and its standard ``error`` over trials, Hz
    for spikes; ``covariance`` (n, n): between times, of one unit (Hz^2 for spikes).
    """

    output: Output
    mean: Floats
    error: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class Transient:
    """``courses`` by label; entry k is the average from ``times[k]`` on, over ``every``; ms."""

    label: str
    times: Floats
    every: float
    courses: Mapping[str, Course]

    def __getitem__(self, label: str) -> Course:
        return self.courses[label]


def transient(
    model: Any,
    *,
    duration: Any = None,
    every: float = 1.0,
    units: int = 4096,
    trials: int = 4,
    settle: float | None = None,
    dt: Any = None,
    seed: int = 1,
    **parameters: Any,
) -> Transient:
    """The activity of ``model`` over time, after a change of its input.

    mu(t) = mu_ext(t) + sum_b K J m_b(t - d) and
    C(t, t') = C_ext + sum_b [K (J^2 + s2) C_b(t - d, t' - d) + (K s2 + VK J^2) m_b(t-d) m_b(t'-d)]
    of the Gaussian input, from the outputs of an ensemble up to then: one pass, no iteration (see
    `sweep`). Chance is that of a network of ``units`` neurons: errors fall as 1/sqrt(units trials).

    Args:
        model: library name, path, dictionary or `Network`; stimuli and phases give the course.
        duration: ``"100 ms"`` or ms; the network's own where None.
        every: width of the bins in which means are returned, ms, a multiple of dt.
        units: size of each ensemble; memory is 4 units^2 bytes per link.
        trials: how often the sweep is repeated.
        settle: ms before time 0 with the input of time 0; 0: begin with the initial states.
        dt: step, ``"0.1 ms"`` or ms; the network's own where None.
        seed: of the ensembles.
        **parameters: of the network; ``variant``.

    Raises:
        DefinitionError, Unsupported: what the theory cannot take, with a remedy.
    """
    plan = blueprint(network_of(model, parameters), dt=dt, duration=duration)
    width = steps_of(float(every), plan.dt, "every", model=plan.label, least=1)
    runs = [Sweep(plan, units, seed, t).run(width, settle) for t in range(trials)]
    times = np.arange(len(runs[0][0][0])) * every
    courses = {}
    for i, output in enumerate(plan.outputs):
        scale = 1e3 / plan.dt if output.spiking else 1.0
        means = np.array([r[i][0] for r in runs]) * scale
        error = means.std(axis=0, ddof=1) / np.sqrt(trials) if trials > 1 else np.nan * means[0]
        two = np.mean([r[i][1] for r in runs], axis=0) * scale**2
        courses[output.label] = Course(output, means.mean(axis=0), error, two)
    return Transient(plan.label, np.asarray(times, float), float(every), courses)
