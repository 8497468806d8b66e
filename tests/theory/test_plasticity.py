"""Plastic synapses against theory: drifts, fixed points and steady states.

The library's definitions run as their programs, many synapses at a time, in continuous time:
Poisson spikes, or regular ones. Monte-Carlo means must lie within four standard errors of the
theory, and the errors must be small enough for the test to mean something.
"""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.library import load
from spikebridge.passes.closures import block, run
from spikebridge.passes.synapse_program import synapse_program
from spikebridge.theory.plasticity.drift import balance
from spikebridge.theory.plasticity.drift import drift as drift_of
from spikebridge.theory.plasticity.release import release


class Synapses:
    """``count`` synapses of one definition; times in ms, rates in 1/ms."""

    def __init__(self, model: str, count: int, variant: str | None = None, **values: float) -> None:
        synapse = load(f"synapses/{model}", variant=variant)
        given = {n: v.number for n, v in synapse.parameters.items() if hasattr(v, "number")}
        program = synapse_program(synapse)
        assert program.obstacle is None
        self.scope: dict[str, Any] = {**given, "weight": 1.0, **values}
        self.count, self.rng = count, np.random.default_rng(count)
        self.scope |= {n: np.zeros(count) for n in program.states}
        self.states = program.states
        self.advance, self.pre = block(program.advance), block(program.pre)
        self.post = block(program.post)

    def wait(self, elapsed: Any) -> None:
        self._put(run(self.advance, {**self.scope, "elapsed": elapsed}), slice(None))

    def spike(self, statements: Any, chosen: Any) -> Any:
        """Runs ``statements`` for ``chosen`` synapses; what they deliver."""
        own = {n: self.scope[n][chosen] for n in self.states}
        found = run(statements, {**self.scope, **own})
        self._put(found, chosen)
        return found.get("amplitude")

    def _put(self, found: Any, chosen: Any) -> None:
        for name in self.states:
            self.scope[name][chosen] = found[name]

    def poisson(self, events: int, pre: float, post: float) -> None:
        """``events`` spikes of each synapse, of either side in proportion to the rates."""
        for _ in range(events):
            self.wait(self.rng.exponential(1 / (pre + post), self.count))
            first = self.rng.random(self.count) < pre / (pre + post)
            self.spike(self.pre, first)
            self.spike(self.post, ~first)

    def until(self, end: float, pre: float, post: float) -> None:
        """Poisson spikes up to the time ``end``, and the states then."""
        now = np.zeros(self.count)
        while (now < end).any():
            free = self.rng.exponential(1 / (pre + post), self.count)
            step = np.minimum(free, end - now)
            self.wait(step)
            now += step
            spikes = now < end
            first = self.rng.random(self.count) < pre / (pre + post)
            self.spike(self.pre, spikes & first)
            self.spike(self.post, spikes & ~first)


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def drift(variant: str, x: float, y: float) -> float:
    """1/s, of the weight of the triplet rule at independent Poisson spikes of x and y Hz."""
    return drift_of("synapses/stdp_triplet", variant=variant).at(x, y)


@pytest.mark.parametrize(
    ("variant", "x", "y", "per_second"),
    [
        ("visual_cortex", 10, 10, -1.13528502e-2),
        ("visual_cortex", 10, 20, 3.33429968e-3),
        ("visual_cortex", 20, 50, 3.99442988e-1),
        ("visual_cortex_minimal", 10, 10, -1.14782e-2),
        ("visual_cortex_minimal", 10, 20, 1.9412e-3),
        ("visual_cortex_minimal", 20, 50, 3.8317e-1),
        ("hippocampus", 20, 20, None),
        ("hippocampus_minimal", 20, 20, None),
    ],
)
def test_poisson_drift_of_the_triplet_rule(
    variant: str, x: float, y: float, per_second: float | None
) -> None:
    theory = drift(variant, x, y)
    if per_second is not None:
        assert theory == pytest.approx(per_second, rel=1e-4)
    made = Synapses("stdp_triplet", 16000, variant, w_max=1e3)
    made.scope["w"][:] = 500.0
    made.poisson(round(5 * 0.2 * (x + y)), x / 1e3, y / 1e3)  # 5 tau_y, or tau_x of visual cortex
    if variant == "hippocampus":
        made.poisson(200, x / 1e3, y / 1e3)
    start, events = made.scope["w"].copy(), 400
    made.poisson(events, x / 1e3, y / 1e3)
    mean, error = mean_and_error((made.scope["w"] - start) * (x + y) / events)
    assert abs(mean - theory) < 4 * error, (mean, error, theory)
    assert error < 0.015 * (abs(theory) + 0.02)


def test_the_triplet_rule_turns_from_depression_to_potentiation_at_its_threshold() -> None:
    """A2_minus tau_minus/(A3_plus tau_plus tau_y) = 19.220326 Hz, whatever the presynaptic rate."""
    rule = drift_of("synapses/stdp_triplet", variant="visual_cortex_minimal")
    for x in (5.0, 20.0):
        (threshold,) = balance(rule, x)
        assert threshold == pytest.approx(19.220326)
        assert rule.at(x, threshold) == pytest.approx(0.0, abs=1e-12)


def test_hebbian_time_course() -> None:
    """<w>(t) = r_i r_j/alpha (1 - exp(-eta alpha t)) at rates 2 and 3."""
    made = Synapses("hebbian", 4000, eta=0.01, alpha=0.5)
    made.scope["r_pre"][:], made.scope["r_post"][:] = 2.0, 3.0
    made.until(10.0, 2.0, 3.0)
    theory = 12 * (1 - exp(-0.05))
    assert theory == pytest.approx(0.58524691)
    mean, error = mean_and_error(made.scope["w"])
    assert abs(mean - theory) < 4 * error, (mean, error)
    assert error < 2e-3 * theory


def test_hebbian_fixed_point() -> None:
    """w* = r_i r_j/alpha, from above and from below."""
    made = Synapses("hebbian", 2000)
    made.scope["r_pre"][:], made.scope["r_post"][:] = 0.01, 0.02
    made.scope["w"][:1000] = 4.0
    made.until(80_000.0, 0.01, 0.02)
    theory = 0.01 * 0.02 / 1e-4
    for half in (made.scope["w"][:1000], made.scope["w"][1000:]):
        mean, error = mean_and_error(half)
        assert abs(mean - theory) < 4 * error + 5e-4 * theory, (mean, error)
        assert error < 0.02 * theory


FACILITATING = {"U": 0.05, "tau_d": 130.0, "tau_f": 530.0}
DEPRESSING = {"U": 0.5, "tau_d": 800.0, "tau_f": 1.0}
RATE = 0.02


def steady(variant: str, numbers: dict[str, float]) -> Any:
    """u that releases, R before the spike and amplitude at the 3000th regular spike."""
    rest = numbers["U"] if variant.startswith("to_U") else 0.0
    made = Synapses("tsodyks_markram", 1, variant, u_rest=rest, **numbers)
    made.scope["R"][:] = 1.0
    for _ in range(3000):
        made.wait(1 / RATE)
        R = made.scope["R"].item()
        amplitude = np.asarray(made.spike(made.pre, slice(None))).item()
    return amplitude / R, R, amplitude


@pytest.mark.parametrize("numbers", [FACILITATING, DEPRESSING])
@pytest.mark.parametrize("variant", ["to_U", "to_zero", "to_U_after", "to_zero_before"])
def test_tsodyks_markram_at_a_regular_rate(variant: str, numbers: dict[str, float]) -> None:
    U, e = numbers["U"], exp(-1 / (RATE * numbers["tau_f"]))
    d = exp(-1 / (RATE * numbers["tau_d"]))
    before = (U if variant.startswith("to_U") else U * e) / (1 - (1 - U) * e)
    u = before + U * (1 - before) if variant in ("to_zero", "to_U_after") else before
    R = (1 - d) / (1 - (1 - u) * d)
    assert steady(variant, numbers) == pytest.approx((u, R, u * R), rel=1e-12)


def test_tsodyks_markram_at_a_regular_rate_has_the_tabulated_values() -> None:
    after = {v: steady(v, FACILITATING) for v in ("to_U_after", "to_zero", "to_U")}
    assert after["to_U_after"] == pytest.approx((0.40048879, 0.53942347, 0.21603305), abs=1e-8)
    assert after["to_zero"] == pytest.approx((0.36893556, 0.55973476, 0.20650606), abs=1e-8)
    assert after["to_U"] == pytest.approx(after["to_zero"], rel=1e-12)
    assert steady("to_U_after", DEPRESSING)[2] == pytest.approx(0.05938757, abs=1e-8)
    assert steady("to_zero", DEPRESSING)[2] == pytest.approx(0.05712586, abs=1e-8)


def poisson_amplitude(variant: str, numbers: dict[str, float], rate: float) -> float:
    """<u R> of what is released at Poisson spikes."""
    given = {n: v if n == "U" else f"{v} ms" for n, v in numbers.items()}
    return release("synapses/tsodyks_markram", 1e3 * rate, variant=variant, **given).amplitude


POISSON = [
    (FACILITATING, "to_U_after", 0.19468384),
    (FACILITATING, "to_zero", 0.18667939),
    (FACILITATING, "to_U", 0.18667939),
    (FACILITATING, "to_zero_before", None),
    ({**DEPRESSING, "tau_f": 20.0}, "to_U_after", 0.05779835),
    ({**DEPRESSING, "tau_f": 20.0}, "to_zero", 0.05610582),
    ({**DEPRESSING, "tau_f": 20.0}, "to_U", 0.05610582),
    ({**DEPRESSING, "tau_f": 20.0}, "to_zero_before", None),
]


@pytest.mark.parametrize(("numbers", "variant", "tabulated"), POISSON)
def test_tsodyks_markram_with_poisson_spikes(
    numbers: dict[str, float], variant: str, tabulated: float | None
) -> None:
    theory = poisson_amplitude(variant, numbers, RATE)
    if tabulated is not None:
        assert theory == pytest.approx(tabulated, abs=2e-8)
    rest = numbers["U"] if variant.startswith("to_U") else 0.0
    made = Synapses("tsodyks_markram", 4000, variant, u_rest=rest, **numbers)
    made.scope["R"][:] = 1.0
    sums = np.zeros(made.count)
    for k in range(300):
        made.wait(made.rng.exponential(1 / RATE, made.count))
        amplitude = made.spike(made.pre, slice(None))
        if k >= 100:
            sums += amplitude
    mean, error = mean_and_error(sums / 200)
    assert abs(mean - theory) < 4 * error, (mean, error, theory)
    assert error < 3e-3 * theory
