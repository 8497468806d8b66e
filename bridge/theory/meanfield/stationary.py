"""`mean_field`: the stationary state of a network, from its definition."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.grid import steps_of
from ...definition.library import load
from ...definition.network import Network
from ...errors import DefinitionError
from .activities import activities
from .blueprint import Blueprint
from .common import common_input
from .plan import blueprint
from .result import MeanField
from .solver import Solver

UNITS = 1024
ROUNDS = 60  # until what is left is noise, and again to average
LEAST = 5  # rounds averaged


def mean_field(
    model: Any,
    *,
    units: int = UNITS,
    window: float | None = None,
    tolerance: float = 0.005,
    rounds: int = ROUNDS,
    finite_size: bool = False,
    start: Mapping[str, float] | None = None,
    at: float | None = None,
    dt: Any = None,
    seed: int = 1,
    **parameters: Any,
) -> MeanField:
    """The stationary activity of ``model``: means, spectra, responses.

    The input x of a unit is a Gaussian process with
    mu = mu_ext + sum_b K_b J_b m_b and
    C(T) = C_ext(T) + sum_b [K_b (J_b^2 + s2_b) C_b(T) + (K_b s2_b + VK_b J_b^2) m_b^2],
    m and C the mean and autocovariance of what units send, measured in an ensemble that runs the
    unit's own program. K, VK: mean and variance of in-degrees, J, s2: of weights. Assumed: large
    in-degrees, unstructured random connections, uncorrelated units.

    Args:
        model: library name, path, dictionary or `Network`; neurons, rate or binary units.
        units: size of each ensemble.
        window: its period in ms; where None three times the memory, which is ten of the longest
            time constant.
        tolerance: relative standard error of the means.
        rounds: most rounds to converge in, and most to average.
        finite_size: take in what units of one population have in common: the input's variance is
            then N Var w_ij C_b of its own and (K J)^2 C of the population averages.
        start: first guess by label: rates in Hz, means of signals.
        at: time (ms) whose input is taken to hold forever, for inputs that change.
        dt: step, ``"0.1 ms"`` or ms; the network's own where None.
        seed: of the ensembles.
        **parameters: of the network; ``variant``.

    Raises:
        NoConvergence: says what was tried and the loop gain.
        DefinitionError, Unsupported: what the theory cannot take, with a remedy.

    Source: Foos, Keup, Dahmen, Towards a universal field-theoretic framework for neural networks
    (source 2); Sompolinsky, Crisanti, Sommers (1988), doi 10.1103/PhysRevLett.61.259; Lerchner et
    al. (2006), doi 10.1162/neco.2006.18.3.634.
    """
    began = time.perf_counter()
    plan = blueprint(network_of(model, parameters), dt=dt)
    step = _moment(plan, at)
    length = None if window is None else _bins(window, plan.dt)
    solver = Solver(plan, units, length, step, seed)
    solver.begin(_first(plan, start or {}))
    solver.settle(rounds)
    if finite_size and plan.links:
        solver.common_of = common_input
        solver.settle(rounds)
    kept = solver.average(tolerance, LEAST, rounds)
    return MeanField(
        label=plan.label,
        plan=plan,
        activity=activities(solver, kept),
        gain=np.mean([r.gain for r in kept], axis=0),
        at=step,
        rounds=len(solver.rounds),
        units=units,
        seconds=time.perf_counter() - began,
    )


def network_of(model: Any, parameters: Mapping[str, Any]) -> Network:
    """The network that ``model`` names."""
    found = load(model, **parameters)
    if not isinstance(found, Network):
        raise DefinitionError(
            f"{found.label} is no network: a mean field is that of many units",
            model=found.label,
            remedy="put it into a network, e.g. [populations.E] neuron = ...",
        )
    return found


def _moment(plan: Blueprint, at: float | None) -> int:
    """The step whose input holds; inputs that change need one."""
    if at is not None:
        step: int = steps_of(float(at), plan.dt, "at", model=plan.label)
        if plan.changes:
            raise DefinitionError(
                "a phase changes parameters of units",
                model=plan.label,
                symbol=plan.changes[0].key,
                remedy="set the parameter itself",
            )
        return step
    moving = [d.name for d in plan.drives if d.moves]
    moving += [c.name for c in plan.currents if len(c.steps) > 1]
    moving += [f"{c.owner}.{c.key}" for c in plan.changes]
    if moving:
        raise DefinitionError(
            f"{moving[0]} changes with time: there is no stationary state",
            model=plan.label,
            symbol=moving[0],
            remedy="say at which time its value shall hold forever (at), or ask for `transient`",
        )
    return 0


def _bins(window: float, dt: float) -> int:
    """A power of two of bins, at least ``window`` ms."""
    return 1 << int(np.ceil(np.log2(max(window / dt, 256))))


def _first(plan: Blueprint, start: Mapping[str, float]) -> dict[str, float]:
    """First guesses by label: kHz or the signal."""
    known = {o.label: o for o in plan.outputs}
    for label in start:
        if label not in known:
            raise DefinitionError(
                f"start names {label!r}, but nothing is sent as that",
                model=plan.label,
                symbol=label,
                remedy=f"known are {', '.join(known)}",
            )
    return {n: v * (1e-3 if known[n].spiking else 1.0) for n, v in start.items()}
