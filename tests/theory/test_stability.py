"""Fixed points, eigenvalues, cycles and spectra against the numbers of the equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from spikebridge import DefinitionError, Network, Neuron, Population
from spikebridge.definition.expressions import parse
from spikebridge.theory.cycles import cycle
from spikebridge.theory.field import Field
from spikebridge.theory.fixedpoints import NoConvergence, find
from spikebridge.theory.intervals import enclose
from spikebridge.theory.models import field_of
from spikebridge.theory.plane import plane
from spikebridge.theory.spectrum import connectivity, spectrum
from spikebridge.theory.stability import band, classify, stability


@pytest.fixture(scope="module")
def wilson_cowan() -> Field:
    return field_of("networks/wilson_cowan")


def test_wilson_cowan_rests_nowhere_at_its_default(wilson_cowan: Field) -> None:
    found = stability(wilson_cowan)
    (point,) = found.points
    assert found.complete and point.kind == "unstable focus" and not point.stable
    assert list(point.state.values()) == pytest.approx([0.5, 0.5], abs=1e-12)
    assert point.eigenvalues[0] == pytest.approx(0.025 + 0.178536j, abs=1e-6)
    assert point.frequency == pytest.approx(1000 * 0.17853571 / (2 * np.pi), rel=1e-7)


@pytest.mark.parametrize(("variant", "hertz", "name"), [("theta", 5.46682, "theta"),
                         ("beta", 13.66706, "beta"), ("gamma", 34.16765, "gamma")])  # fmt: skip
def test_bands_at_the_hopf_point(variant: str, hertz: float, name: str) -> None:
    (point,) = stability("networks/wilson_cowan", variant=variant, I_E=-2.6670247331).points
    assert list(point.state.values()) == pytest.approx([0.2490767401, 0.1425438568], abs=1e-9)
    assert abs(point.eigenvalues[0].real) < 1e-9
    assert point.frequency == pytest.approx(hertz, abs=1e-5)
    assert point.band == name


def test_one_fixed_point_for_every_input() -> None:
    """And the symmetry (E, I, I_E) -> (1 - E, 1 - I, -2 - I_E)."""
    for I_E in (-4.0, -2.0, 1.0, 6.0):
        one, other = (find(field_of("networks/wilson_cowan", I_E=x)) for x in (I_E, -2 - I_E))
        assert one.complete and len(one.points) == 1
        assert 1 - one.points[0] == pytest.approx(other.points[0], abs=1e-10)


def test_saddles_are_found_with_the_stable_points() -> None:
    found = stability("networks/winner_take_all")
    kinds = [p.kind for p in found.points]
    assert found.complete and kinds == ["stable node", "saddle", "stable node"]
    assert list(found.points[2].state.values()) == pytest.approx(
        [0.9488083621, 0.0100461694], abs=1e-9
    )
    biased = stability("networks/winner_take_all", variant="biased").points[-1]
    assert list(biased.state.values()) == pytest.approx([0.9512546916, 0.0098533893], abs=1e-9)


def test_the_pitchfork_of_two_units() -> None:
    """w F' = 1 at w_c: the eigenvalue of differences is 0, that of the sum -2/tau."""
    point = stability("networks/winner_take_all", w=4.1993463031).points
    middle = min(point, key=lambda p: np.ptp(list(p.state.values())))
    assert list(middle.state.values()) == pytest.approx([0.6089389668] * 2, abs=1e-5)
    assert middle.eigenvalues.real == pytest.approx([0, -0.2], abs=1e-6)
    assert len(stability("networks/winner_take_all", w=4.0).points) == 1
    assert len(stability("networks/winner_take_all", w=4.4).points) == 3


def test_many_units_by_deflation() -> None:
    """Ten units are above what is proved: the symmetric state and each single winner are there."""
    found = stability("networks/winner_take_all", N=10, w=40, I_0=3, starts=20)
    r0 = brentq(lambda r: expit(3 - 9 * 40 * r) - r, 0, 1)
    states = np.array([list(p.state.values()) for p in found.points])
    assert not found.complete
    assert np.abs(states - r0).max(axis=1).min() < 1e-9
    symmetric = found.points[int(np.abs(states - r0).max(axis=1).argmin())]
    slope = r0 * (1 - r0)
    assert symmetric.eigenvalues[:9].real == pytest.approx([(-1 + 40 * slope) / 10] * 9)
    assert symmetric.eigenvalues[9].real == pytest.approx((-1 - 9 * 40 * slope) / 10)


def test_centre_crossing_and_its_transpose() -> None:
    (point,) = stability("networks/ctrnn_oscillator").points
    assert list(point.state.values()) == pytest.approx([2.75, 1.75], abs=1e-12)
    assert 10 * point.eigenvalues[0] == pytest.approx(0.125 + 0.25j, abs=1e-12)
    (other,) = stability("networks/ctrnn_oscillator", variant="transposed").points
    assert list(other.state.values()) == pytest.approx([-0.79045649, 4.15593834], abs=1e-8)
    assert 10 * other.eigenvalues.real == pytest.approx([-0.668529, -0.866771], abs=1e-6)
    assert other.kind == "stable node" and other.band is None


CYCLES = {
    "wilson_cowan": (44.37828578, [0.26545], [0.73455], "beta"),
    "wilson_cowan_1972": (40.02728744, [0.10163], [0.27148], "beta"),
    "ctrnn_oscillator": (289.999079, [1.29385, 0.29385], [4.20615, 3.20615], "delta"),
}


@pytest.mark.parametrize("model", CYCLES)
def test_limit_cycles(model: str) -> None:
    period, low, high, name = CYCLES[model]
    found = cycle(field_of(f"networks/{model}"))
    assert found is not None and found.stable and found.band == name
    assert found.period == pytest.approx(period, abs=2e-6)
    assert found.states.min(axis=0)[: len(low)] == pytest.approx(np.array(low), abs=2e-4)
    assert found.states.max(axis=0)[: len(low)] == pytest.approx(np.array(high), abs=2e-4)
    assert np.abs(found.multipliers - 1).min() < 1e-6


def test_no_cycle_where_it_rests() -> None:
    assert cycle(field_of("networks/ctrnn_oscillator", variant="transposed")) is None


@pytest.mark.parametrize(
    ("model", "x"),
    [
        ("networks/wilson_cowan", [0.3, 0.2]),
        ("networks/wilson_cowan_1972", [0.2, 0.1]),
        ("neurons/hodgkin_huxley", None),
        ("neurons/adex", [-55.0, 20.0, 1.0, 2.0]),
        ("rates/rate_threshold_linear", [0.4]),
    ],
)
def test_jacobians_are_those_of_differences(model: str, x: Any) -> None:
    field = field_of(model)
    x = field.start + 0.1 if x is None else np.array(x)
    step = 1e-6
    shifts = step * np.eye(len(x))
    found = [(field.rates(x + d) - field.rates(x - d)) / (2 * step) for d in shifts]
    assert field.jacobian(x) == pytest.approx(np.array(found).T, rel=1e-5, abs=1e-7)


def test_neurons_below_threshold() -> None:
    """Two rest points of an AdEx cell, and the three of Hodgkin and Huxley, proved to be all."""
    found = stability("neurons/adex", box={"V": (-100, -20)})
    assert found.complete and [p.kind for p in found.points] == ["stable node", "saddle"]
    axon = stability("neurons/hodgkin_huxley", box={"V": (-100, 60)})
    assert axon.complete and axon.points[0].stable
    assert [p.stable for p in axon.points] == [True, False, False]
    (leaky,) = stability("neurons/lif", inputs={"I_ext": "100 pA"}).points
    assert leaky.eigenvalues[0].real == pytest.approx(-1 / 20)


def test_a_neuron_that_fires_has_no_rest() -> None:
    with pytest.raises(DefinitionError, match="it fires"):
        stability("neurons/lif", inputs={"I_ext": "400 pA"})


WRONG = {
    "networks/brunel2000": "passes spikes on",
    "networks/binary_small": "maps",
    "networks/rate_matrix": "changes with time",
    "synapses/static": "is a synapse",
    "neurons/adex": "nothing bounds cell.V",
}


@pytest.mark.parametrize("model", WRONG)
def test_what_has_no_fixed_point_is_refused(model: str) -> None:
    with pytest.raises(DefinitionError, match=WRONG[model]) as error:
        stability(model)
    assert error.value.remedy


def test_delays_boxes_and_ports_are_checked(wilson_cowan: Field) -> None:
    with pytest.raises(DefinitionError, match="delay equation"):
        field_of("networks/wilson_cowan", delay="1 ms")
    with pytest.raises(DefinitionError, match="names no state"):
        find(wilson_cowan, box={"x": (0, 1)})
    with pytest.raises(DefinitionError, match="no continuous port 'J'"):
        field_of("neurons/lif", inputs={"J": 1})
    with pytest.raises(DefinitionError, match="phase plane has two"):
        plane(field_of("neurons/hodgkin_huxley"))
    grows = Neuron("dx/dt = (1 + x**2)/(1*ms) : 1", name="grows")
    alone = Network(populations=[Population("cell", grows, 1)])
    assert find(field_of(alone), box={"x": (-5, 5)}).points.size == 0


def test_kinds_and_bands() -> None:
    kinds = {
        (-1, -2): "stable node",
        (-1 + 1j, -1 - 1j): "stable focus",
        (1, 2): "unstable node",
        (1 + 1j, 1 - 1j): "unstable focus",
        (1, -1): "saddle",
        (1 + 1j, 1 - 1j, -1): "saddle-focus",
        (1j, -1j): "Hopf point",
        (0, -1): "fold point",
    }
    assert {v: classify(v) for v in kinds} == kinds
    names = [band(f) for f in (3.9, 4, 8, 13, 30, 90)]
    assert names == ["delta", "theta", "alpha", "beta", "gamma", "above gamma"]


def test_nullclines_cross_at_the_fixed_point(wilson_cowan: Field) -> None:
    found = plane(wilson_cowan, points=101)
    E, inh = found.nullclines["E.r"].T
    inside = (E > 1e-3) & (E < 1 - 1e-3)
    logit = np.log(E[inside] / (1 - E[inside]))
    assert inh[inside] == pytest.approx((12 * E[inside] - 1 - logit) / 10, abs=1e-9)
    assert min(np.abs(found.nullclines["I.r"] - 0.5).max(axis=1)) < 0.01
    assert found.rates.shape == (101, 101, 2)


@pytest.mark.parametrize(("g", "seed"), [(0.9, 1), (1.5, 2)])
def test_circular_law(g: float, seed: int) -> None:
    """Radius g to 5 %, a quarter of the eigenvalues within g/2 (N = 600)."""
    field = field_of("networks/random_tanh", N=600, g=g, seed=seed)
    found = spectrum(connectivity(field))
    assert found.radius == pytest.approx(g, rel=0.02)
    assert np.abs(found.eigenvalues).max() == pytest.approx(g, rel=0.05)
    assert found.inside(0.5) == pytest.approx(0.25, abs=0.02)
    assert not len(found.outliers)


def test_columns_of_two_kinds() -> None:
    """Rajan and Abbott: the radius of the mixed variances, an outlier from the means."""
    rng, N, share = np.random.default_rng(3), 800, 0.8
    excitatory = np.arange(N) < share * N
    mean = np.where(excitatory, 4.0, -6.0) / N
    std = np.where(excitatory, 0.5, 1.5) / np.sqrt(N)
    found = spectrum(mean + std * rng.standard_normal((N, N)), [640, 160])
    assert found.radius == pytest.approx(np.sqrt(0.8 * 0.25 + 0.2 * 2.25), rel=0.02)
    outlier = 0.8 * 4 - 0.2 * 6
    assert found.outliers.real == pytest.approx([outlier], rel=0.1)
    assert np.abs(found.eigenvalues - outlier).min() < 0.15


BOUNDED = [
    "1/(1 + exp(-x))", "tanh(x)*y - x**3", "x**2/(1 + x**2)", "max(x, 0)**1.5", "abs(x - y)",
    "clip(2*x, -1, y)", "sin(3*x) + cos(y)", "int(x > y)*x", "int(x > 0 and not y > 0)",
    "exprel(x)/(1 + exprel(y))", "sqrt(1 + x**2) - log(2 + cosh(y))", "floor(x)%3", "sign(x)/2",
]  # fmt: skip


@pytest.mark.parametrize("text", BOUNDED)
def test_bounds_hold(text: str) -> None:
    """No value in a box lies outside of its bounds."""
    from spikebridge.definition.evaluate import evaluate

    rng = np.random.default_rng(1)
    a, b = np.sort(rng.uniform(-4, 4, (2, 2, 300)), axis=0)
    expression = parse(text)
    low, high = enclose(expression, {"x": (a[0], b[0]), "y": (a[1], b[1])})
    for share in (0.0, 0.2, 0.5, 0.9, 1.0):
        x, y = a[0] + share * (b[0] - a[0]), b[1] - share * (b[1] - a[1])
        value = evaluate(expression, {"x": x, "y": y})
        assert (value >= low - 1e-12).all() and (value <= high + 1e-12).all()


def test_a_search_that_ends_with_nothing_says_so() -> None:
    """Ten states, none of them at rest: no proof, hence an error."""
    grows = Neuron("dx/dt = (1 + x**2)/(1*ms) : 1", name="grows")
    field = field_of(Network(populations=[Population("cells", grows, 10)]))
    with pytest.raises(NoConvergence, match="no fixed point"):
        find(field, box={"x": (-5, 5)}, starts=4)
