"""Large random networks of binary units in closed form: means, covariances, thresholds.

m_a = E g_a(mu_a + sigma_a x), x of N(0, 1), with
mu_a = I_a + sum_b K_ab J_ab m_b and
sigma_a^2 = sum_b [K_ab (J_ab^2 + s2_ab) m_b (1 - m_b) + (K_ab s2_ab + VK_ab J_ab^2) m_b^2],
K, VK mean and variance of in-degrees, J, s2 of weights. Assumed: units that are updated one at a
time at Poisson times, large in-degrees, random connections, delays short against tau_m.

Source: van Vreeswijk, Sompolinsky (1998), doi 10.1162/089976698300017214; covariances: Ginzburg,
Sompolinsky (1994), doi 10.1103/PhysRevE.50.3171; their response to the variance is this project's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.evaluate import evaluate
from ..errors import DefinitionError, NoConvergence, Unsupported
from ..passes.binary_form import SIGMOID, BinaryForm, binary_form
from ..records import dataclass
from .binary_gain import Gain
from .meanfield.blueprint import Blueprint
from .meanfield.plan import blueprint
from .meanfield.stationary import network_of

Floats = NDArray[np.float64]
CLOSE = 1e-10
WIDEST = 60.0  # sigma: no threshold of a mean activity is farther off


@dataclass(frozen=True, eq=False)
class BinaryRates:
    """By population, in the order of ``labels``: mean activity ``m``, mean ``mu`` and variance
    ``variance`` of the input, responses ``chi`` = dm/dmu and ``to_variance`` = dm/dsigma^2.

    ``sizes``; ``tau`` (ms); ``coupling`` K J and ``spread`` K (J^2 + s2), [to, from].
    """

    labels: tuple[str, ...]
    m: Floats
    mu: Floats
    variance: Floats
    chi: Floats
    to_variance: Floats
    sizes: Floats
    tau: Floats
    coupling: Floats
    spread: Floats

    def __getitem__(self, label: str) -> float:
        """The mean activity of a population."""
        return float(self.m[self.labels.index(label)])

    @property
    def effective(self) -> Floats:
        """W_ab = chi_a K J + to_variance_a K (J^2 + s2) (1 - 2 m_b): how means answer means."""
        by_variance: Floats = self.to_variance[:, None] * self.spread * (1.0 - 2.0 * self.m)
        return self.chi[:, None] * self.coupling + by_variance

    @property
    def stable(self) -> bool:
        """Whether small changes of the means die out."""
        flow = (self.effective - np.eye(len(self.m))) / self.tau[:, None]
        return bool(np.linalg.eigvals(flow).real.max() < 0)

    @property
    def covariances(self) -> Floats:
        """Mean covariance of two different units at equal times, [a, b].

        (1 - W) C/tau + transposed = 2 diag(m (1 - m)/(N tau)), less what a unit has with itself.

        Raises:
            DefinitionError: the state is unstable.
        """
        from scipy.linalg import solve_continuous_lyapunov

        if not self.stable:
            raise DefinitionError(
                "the state is unstable: its fluctuations grow",
                symbol="covariances",
                remedy="start elsewhere (start), or change the couplings",
            )
        flow = (self.effective - np.eye(len(self.m))) / self.tau[:, None]
        single = self.m * (1.0 - self.m)
        whole = solve_continuous_lyapunov(flow, -2.0 * np.diag(single / (self.sizes * self.tau)))
        found: Floats = np.array(whole)
        own = np.arange(len(single))
        pairs = (found[own, own] - single / self.sizes) * self.sizes / (self.sizes - 1.0)
        found[own, own] = pairs
        return found


def binary_rates(
    model: Any, *, start: Mapping[str, float] | None = None, **parameters: Any
) -> BinaryRates:
    """The mean activities of a large network of asynchronous binary units.

    Args:
        model: library name, path, dictionary or `Network`; units with a threshold, a sigmoid or
            noise, found by algebra.
        start: population -> first guess, where there are several solutions; 0.1 where not given.
        **parameters: of the network; ``variant``.

    Raises:
        Unsupported: units of another form.
        NoConvergence: no solution was found from there.
    """
    parts = _Parts(blueprint(network_of(model, parameters)))
    guess = np.array([(start or {}).get(n, 0.1) for n in parts.labels], dtype=float)
    m = _solved(parts, guess)
    mu, variance = parts.inputs(m)
    points = list(zip(parts.gains, mu, variance, strict=True))
    return BinaryRates(
        parts.labels,
        m,
        mu,
        variance,
        np.array([g.to_mean(x, v) for g, x, v in points]),
        np.array([g.to_variance(x, v) for g, x, v in points]),
        parts.sizes,
        parts.tau,
        parts.coupling,
        parts.spread,
    )


def balanced_threshold(model: Any, m: Mapping[str, float], **parameters: Any) -> dict[str, float]:
    """Population -> the threshold theta with which its mean activity is ``m``, all others' given.

    For thresholds theta = mu - sigma Phi^-1(m), sigma with the unit's own noise; else solved for.

    Raises:
        DefinitionError: a population is missing, or a mean is not between 0 and 1.
        Unsupported: the gain is no function of h - theta (c_1 is not 0).
    """
    from scipy.optimize import brentq

    parts = _Parts(blueprint(network_of(model, parameters)))
    for name in parts.labels:
        if not 0.0 < m.get(name, np.nan) < 1.0:
            raise DefinitionError(
                f"the mean activity of {name} must be between 0 and 1",
                symbol=name,
                remedy="give one for each population",
            )
    wanted = np.array([m[n] for n in parts.labels])
    found = {}
    for name, gain, mu, variance, goal in zip(
        parts.labels, parts.gains, *parts.inputs(wanted), wanted, strict=True
    ):
        if gain.kind == SIGMOID and np.any(gain.numbers["c_1"] != 0):
            raise Unsupported(
                f"the gain of {name} is no function of h - theta: c_1 is not 0", symbol="c_1"
            )
        far = WIDEST * (1.0 + np.sqrt(variance) + np.max(gain.numbers.get("sigma", 0.0)))
        base = float(np.mean(gain.numbers["theta"]))
        far += abs(mu - base)
        shift = brentq(lambda d, g=gain, x=mu, v=variance, y=goal: g.mean(x - d, v) - y, -far, far)
        found[name] = base + float(shift)
    return found


class _Parts:
    """A network as the arrays of the equations above."""

    def __init__(self, plan: Blueprint) -> None:
        self.label = plan.label
        self.labels = tuple(o.population for o in plan.outputs)
        forms = {n: _form(plan, n) for n in self.labels}
        drawn = [plan.populations[n] for n in self.labels]
        self.sizes = np.array([float(p.size) for p in drawn])
        scopes = [_scope(plan, n) for n in self.labels]
        numbers = [
            {k: np.asarray(evaluate(v, s), dtype=float) for k, v in forms[n].numbers.items()}
            for n, s in zip(self.labels, scopes, strict=True)
        ]
        self.tau = np.array([float(np.mean(x["tau_m"])) for x in numbers])
        pairs = zip(self.labels, numbers, strict=True)
        self.gains = [Gain(forms[n].gain, x) for n, x in pairs]
        count = len(self.labels)
        self.coupling, self.spread, self.static = (np.zeros((count, count)) for _ in range(3))
        for a, name in enumerate(self.labels):
            for link in plan.links_to(name):
                f = float(evaluate(forms[name].factors[link.port], scopes[a]))
                d, b = link.degrees, link.output
                self.coupling[a, b] += f * d.coupling
                self.spread[a, b] += f**2 * d.variance
                self.static[a, b] += f**2 * d.quenched

    def inputs(self, m: Floats) -> tuple[Floats, Floats]:
        """mu and sigma^2."""
        return self.coupling @ m, self.spread @ (m * (1.0 - m)) + self.static @ m**2

    def answered(self, m: Floats) -> Floats:
        """The mean activities that the inputs of ``m`` make."""
        points = zip(self.gains, *self.inputs(m), strict=True)
        return np.array([g.mean(mu, variance) for g, mu, variance in points])


def _form(plan: Blueprint, name: str) -> BinaryForm:
    form = binary_form(plan.populations[name].neuron)
    if form.why:
        raise Unsupported(
            f"the units of {name} are no binary units that are updated at Poisson times: "
            f"{form.why}",
            model=plan.label,
            symbol=name,
            remedy="ask `mean_field`, which takes any unit",
        )
    return form


def _scope(plan: Blueprint, name: str) -> dict[str, Any]:
    """Parameters, and ports: currents that hold from time 0, others at 0."""
    drawn = plan.populations[name]
    scope: dict[str, Any] = {**drawn.parameters, "dt": plan.dt}
    scope |= dict.fromkeys(drawn.neuron.continuous_ports, 0.0)
    for current in plan.currents:
        if current.population == name:
            if len(current.steps) > 1:
                raise DefinitionError(
                    f"{current.name} changes with time: there is no stationary state",
                    model=plan.label,
                    symbol=current.name,
                    remedy="ask for a network whose input stays",
                )
            total = np.zeros(drawn.size)
            total[current.units] = current.values[0]
            scope[current.port] = scope[current.port] + total
    return scope


def _solved(parts: _Parts, guess: Floats) -> Floats:
    from scipy.optimize import root

    found = root(lambda m: parts.answered(np.clip(m, 0.0, 1.0)) - m, guess, tol=CLOSE)
    m: Floats = np.clip(found.x, 0.0, 1.0)
    off = np.abs(parts.answered(m) - m).max()
    if off > 1e-7:
        listed = ", ".join(f"{n} = {v:.4g}" for n, v in zip(parts.labels, m, strict=True))
        raise NoConvergence(
            f"no stationary mean activity was found; the last guess, {listed}, is off by {off:.2g}",
            model=parts.label,
            symbol="start",
            remedy="start elsewhere (start)",
        )
    return m
