"""Working points and linear theory of network definitions, against tabulated values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import Network, Neuron, Population, Projection, Stimulus, load
from spikebridge.errors import DefinitionError
from spikebridge.theory.lif.circuit import circuit_of
from spikebridge.theory.lif.critical import (
    boxcar,
    delayed_exponents,
    eigenvalues,
    low_pass,
    modes,
    sensitivity,
)
from spikebridge.theory.lif.linear import (
    coupling,
    linear,
    spectral_bound,
    static_coupling,
)
from spikebridge.theory.lif.pairs import pair_coupling, pair_covariances
from spikebridge.theory.lif.working_point import WorkingPoint, working_point

AI = {"order": 1000, "J": "0.15 mV", "g": 6, "eta": 1.2}


@pytest.fixture(scope="module")
def ai() -> WorkingPoint:
    return working_point("networks/brunel2000", **AI)


def test_brunel_figure_8c() -> None:
    found = working_point("networks/brunel2000", order=2500, J="0.1 mV")
    assert found.rates["E"] == pytest.approx(37.949697, abs=1e-6)
    assert found.mu["E"] == pytest.approx(21.025151, abs=1e-6)
    assert found.sigma["I"] == pytest.approx(7.682907, abs=1e-6)
    assert found.units["E"].cv == pytest.approx(0.675329, abs=1e-6)
    grid = working_point("networks/brunel2000", order=2500, J="0.1 mV", grid=True)
    assert grid.rates["I"] == pytest.approx(37.248345, abs=1e-6)


def test_ai_network(ai: WorkingPoint) -> None:
    assert ai.rates == pytest.approx({"E": 13.37196440, "I": 13.37196440}, abs=1e-7)
    assert working_point("networks/brunel2000", grid=True, **AI).rates["E"] == pytest.approx(
        13.036821, abs=1e-6
    )
    strong = {"order": 1000, "J": "0.2 mV", "g": 6, "eta": 2}
    assert working_point("networks/brunel2000", **strong).rates["E"] == pytest.approx(
        29.35041722, abs=1e-7
    )
    assert working_point("networks/brunel2000", grid=True, **strong).rates["E"] == pytest.approx(
        28.715053, abs=1e-6
    )


def filtered_network() -> Network:
    """The network with J = 0.2 mV, whose synapses decay with 2 ms."""
    base = load("networks/brunel2000", order=1000, g=6, eta=2)
    neuron = load("neurons/lif_current", tau_exc="2 ms", tau_inh="2 ms")
    numbers = {
        "tau_m": "tau",
        "V_th": "theta",
        "V_reset": "V_r",
        "t_ref": "tau_rp",
        "V_rest": "0 mV",
    }
    populations = {
        n: Population(n, neuron, p.size, parameters=numbers) for n, p in base.populations.items()
    }
    projections = {
        n: Projection(
            n, p.pre, p.post, "inh" if p.pre == "I" else "exc", p.rule,
            "-120 pA" if p.pre == "I" else "20 pA", p.delay,
        )  # 0.2 mV = R_m w tau_s/tau_m
        for n, p in base.projections.items()
    }  # fmt: skip
    fixed = {**base.parameters, "J": "0.2 mV"}
    return base.replace(
        populations=populations, projections=projections, parameters=fixed, recordings={}
    )


def test_filtered_synapses_of_a_network() -> None:
    found = working_point(filtered_network())
    assert found.rates["E"] == pytest.approx(26.17620671, abs=1e-6)
    assert found.mu["E"] == pytest.approx(19.059035, abs=1e-5)
    assert found.sigma["E"] == pytest.approx(9.579346, abs=1e-5)
    assert found.units["E"].cv == pytest.approx(0.873974, abs=1e-5)


def test_population_spectra_of_the_ai_network(ai: WorkingPoint) -> None:
    """Mean and variance modulated, with the single-neuron spectrum of a simulation (white S is too
    regular): within 20 % of a simulation with NEST; with the mean alone, far off."""
    f = [5.0, 10.0, 20.0, 50.0]
    measured = np.array([5.92, 8.40, 12.27, 13.03])[:, None]
    found = np.real(linear(ai, f, spectrum=measured).spectra)
    nest = np.array([0.0455, 0.0635, 0.1075, 0.2992])
    assert found[:, 0, 0] == pytest.approx(nest, rel=0.2)
    assert found[1:, 1, 1] == pytest.approx(np.array([0.0264, 0.0504, 0.2052]), rel=0.25)
    mean_only = np.real(linear(ai, f, spectrum=measured, variance=False).spectra)
    assert mean_only[3, 0, 0] < 0.25 * nest[3]


def test_cross_spectra_leave_out_each_neurons_own(ai: WorkingPoint) -> None:
    found = linear(ai, [0.0, 50.0])
    own = found.spectra[:, 0, 0] - found.cross_spectra[:, 0, 0]
    assert own == pytest.approx(found.single[:, 0] / 4000)
    assert found.single[0, 0] == pytest.approx(ai.units["E"].cv ** 2 * ai.rates["E"])
    identity = np.eye(2) + found.propagator
    assert identity @ (np.eye(2) - found.W) == pytest.approx(
        np.tile(np.eye(2), (2, 1, 1)), abs=1e-12
    )


def test_static_coupling_is_the_slope_of_the_rates(ai: WorkingPoint) -> None:
    circuit, h = ai.circuit, 1e-6
    rates = {n: r / 1e3 for n, r in ai.rates.items()}
    from spikebridge.theory.lif.working_point import output

    def at(change: float) -> float:
        return output(
            circuit.cells["E"], circuit.drives({**rates, "I": rates["I"] + change})["E"]
        ).rate

    slope = (at(h) - at(-h)) / (2 * h) / 1e3
    assert static_coupling(ai)[0, 1] == pytest.approx(slope, rel=1e-6)


def test_the_mode_of_the_ai_network_solves_its_equation(ai: WorkingPoint) -> None:
    first = modes(ai)[0]
    assert first.stable and first.band == "gamma"
    assert 60 < first.frequency < 90  # NEST's spectrum peaks at 65.9 Hz
    s = first.growth + 2j * np.pi * first.frequency / 1e3
    W = coupling(ai, np.array([s]))[0][0]
    assert abs(np.linalg.det(np.eye(2) - W)) < 1e-6


def test_a_fast_oscillation_is_unstable() -> None:
    """Figure 8 B of Brunel (2000): fast synchronous oscillations for g = 6, eta = 4."""
    found = working_point("networks/brunel2000", order=2500, J="0.1 mV", variant="SI_fast")
    first = modes(found)[0]
    assert not first.stable
    assert 100 < first.frequency < 250


def test_sensitivity_adds_up_to_the_eigenvalue(ai: WorkingPoint) -> None:
    found = linear(ai, np.linspace(20.0, 100.0, 5))
    values, Z = sensitivity(found)
    assert Z.sum(axis=(1, 2)) == pytest.approx(values, abs=1e-9)
    all_values, each = sensitivity(found, every=True)
    assert each.shape == (5, 2, 2, 2)
    assert each.sum(axis=(2, 3)) == pytest.approx(all_values, abs=1e-9)
    assert all_values == pytest.approx(eigenvalues(found.W), abs=1e-9)
    nearest = np.argmin(np.abs(1 - all_values), axis=1)
    assert each[np.arange(5), nearest] == pytest.approx(Z, abs=1e-9)


def test_waves_in_space(ai: WorkingPoint) -> None:
    """Senk et al. (2020): at wavenumber 0 connections are those of a network without space."""
    assert boxcar(0.0, [1.0, 2.0]) == pytest.approx([1.0, 1.0])
    assert boxcar(2.0, 1.5) == pytest.approx(np.sin(3.0) / 3.0)
    everywhere = modes(ai)[0]
    assert modes(ai, profile=boxcar(0.0, [1.0, 1.0]))[0] == everywhere
    wave = modes(ai, profile=boxcar(1.0, [1.0, 1.5]))[0]
    s = wave.growth + 2j * np.pi * wave.frequency / 1e3
    W = coupling(ai, np.array([s]))[0][0] * [np.sin(1.0), np.sin(1.5) / 1.5]
    assert abs(np.linalg.det(np.eye(2) - W)) < 1e-6
    assert wave.growth < everywhere.growth  # less inhibition goes around


def test_low_pass_and_lambert(ai: WorkingPoint) -> None:
    weight, tau = low_pass(linear(ai, np.linspace(0.0, 200.0, 21)), "E", "I")
    assert weight == pytest.approx(static_coupling(ai)[0, 1], rel=0.1)
    for s in delayed_exponents(weight, tau, 1.5):
        assert tau * s == pytest.approx(-1 + weight * np.exp(-1.5 * s), abs=1e-9)


def test_spectral_bound(ai: WorkingPoint) -> None:
    """K_E w_E^2 + K_I w_I^2 of the mean response: 20^2 (0.15^2 400 + 0.9^2 100) 3.2479^2 1e-6."""
    expected = 400 * (0.15**2 * 400 + 0.9**2 * 100) * 3.24791809**2 * 1e-6
    assert spectral_bound(ai) ** 2 == pytest.approx(expected, rel=1e-6)


def test_covariances_of_pairs_average_to_the_population_theory() -> None:
    """All-to-all, so that every pair of a kind is the same."""
    neuron = load("neurons/lif_delta")
    drive = Stimulus("drive", "poisson", size=60, rate="9 kHz")
    circuit = Network(
        {"E": Population("E", neuron, 40), "I": Population("I", neuron, 20)},
        {
            "E": Projection("E", "E", "E", "spikes", "all_to_all", "0.02 mV", "1 ms"),
            "EI": Projection("EI", "I", "E", "spikes", "all_to_all", "-0.1 mV", "1 ms"),
            "IE": Projection("IE", "E", "I", "spikes", "all_to_all", "0.02 mV", "1 ms"),
            "to_E": Projection("to_E", "drive", "E", "spikes", {"kind": "pairwise_list",
                "sources": list(range(40)), "targets": list(range(40))}, "0.1 mV", "1 ms"),
            "to_I": Projection("to_I", "drive", "I", "spikes", {"kind": "pairwise_list",
                "sources": list(range(40, 60)), "targets": list(range(20))}, "0.1 mV", "1 ms"),
        },
        {"drive": drive},
    )  # fmt: skip
    point = working_point(circuit)
    counts = np.ones((60, 60))
    counts[40:, 40:] = 0
    w = pair_coupling(point, counts)
    assert w[:40, 40:].sum(axis=1) == pytest.approx(np.full(40, static_coupling(point)[0, 1]))
    with pytest.raises(DefinitionError, match=r"\(3, 3\) for 60 neurons"):
        pair_coupling(point, np.ones((3, 3)))
    C = pair_covariances(point, counts)
    assert np.diag(C)[:40] == pytest.approx(point.units["E"].cv ** 2 * point.rates["E"])
    assert C == pytest.approx(C.T)
    population = np.real(linear(point, [0.0]).spectra[0])
    assert C[:40, 40:].mean() == pytest.approx(population[0, 1], rel=0.1)


SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
PROBABILITY = np.array([
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
])  # fmt: skip
EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)


def microcircuit() -> Network:
    """Potjans & Diesmann (2014), doi:10.1093/cercor/bhs358, tables 4 and 5."""
    neuron = load(
        "neurons/lif_current", tau_m="10 ms", R_m="0.04 GOhm", tau_exc="0.5 ms", tau_inh="0.5 ms",
        V_rest="-65 mV", V_reset="-65 mV", V_th="-50 mV", t_ref="2 ms",
    )  # fmt: skip
    names = ["E23", "I23", "E4", "I4", "E5", "I5", "E6", "I6"]
    projections: dict[str, Projection] = {}
    stimuli: dict[str, Stimulus] = {}
    pairs = SIZES[:, None] * SIZES
    synapses = np.log1p(-PROBABILITY) / np.log1p(-1.0 / pairs)
    for a, post in enumerate(names):
        stimuli[f"x_{post}"] = Stimulus(
            f"x_{post}", "poisson", size=int(SIZES[a]), rate=f"{8 * EXTERNAL[a]} Hz"
        )
        projections[f"x_{post}"] = Projection(
            f"x_{post}", f"x_{post}", post, "exc", "one_to_one", "87.81 pA", "1.5 ms"
        )
        for b, pre in enumerate(names):
            number = round(synapses[a, b])
            if not number:
                continue
            kind, weight = ("inh", -351.24) if pre[0] == "I" else ("exc", 87.81)
            weight *= 2 if (post, pre) == ("E23", "E4") else 1
            projections[f"{post}{pre}"] = Projection(
                f"{post}{pre}", pre, post, kind, {"kind": "fixed_total_number", "number": number},
                f"{weight} pA", "1.5 ms" if kind == "exc" else "0.8 ms",
            )  # fmt: skip
    populations = {n: Population(n, neuron, int(s)) for n, s in zip(names, SIZES, strict=True)}
    return Network(populations, projections, stimuli)


def test_microcircuit_in_milliseconds_without_drawing_it() -> None:
    """NNMT's values, whose in-degrees are rounded differently."""
    circuit = circuit_of(microcircuit())
    shift = [0.75418827, 2.79370842, 4.44021852, 5.82292556, 7.15358793, 8.469816, 1.15973716,
             7.75571581]  # fmt: skip
    cvs = [0.98986, 0.94608, 0.92210, 0.90839, 0.88706, 0.84716, 0.98499, 0.85448]
    found = working_point(circuit, start=1.0)
    assert list(found.rates.values()) == pytest.approx(shift, rel=1e-2)
    assert [u.cv for u in found.units.values()] == pytest.approx(cvs, rel=1e-2)
    mean = [2.58096127, 6.69514863, 6.99611603, 6.94129678, 7.569654, 9.04642491, 2.84095407,
            9.04314455]  # fmt: skip
    std = [6.20654586, 5.13810564, 5.5112854, 5.97872213, 5.90266837, 5.08667557, 6.44529099,
           4.92006447]  # fmt: skip
    inputs = [u.lif for u in found.units.values() if u.lif is not None]
    assert [mu + 65.0 for _, mu, _ in inputs] == pytest.approx(mean, abs=4e-3)
    assert [sigma for _, _, sigma in inputs] == pytest.approx(std, rel=3e-4)
    taylor = [0.70901971, 2.74821358, 4.56194926, 5.78823666, 7.2783459, 8.46810992, 1.06374654,
              7.65747774]  # fmt: skip
    expanded = working_point(circuit, start=1.0, shift="taylor")
    assert list(expanded.rates.values()) == pytest.approx(taylor, rel=1e-2)


def poisson_driven(neuron: Neuron, port: str, weight: str, rate: str = "0.8 kHz") -> Network:
    return Network(
        {"E": Population("E", neuron, 10)},
        {"in": Projection("in", "drive", "E", port, "one_to_one", weight, "1 ms")},
        {"drive": Stimulus("drive", "poisson", size=10, rate=rate)},
    )


@pytest.mark.parametrize(
    ("model", "port", "weight"),
    [
        ("neurons/exponential_if", "exc", "25 pA"),
        ("neurons/lif_conductance", "exc", "1 nS"),
        ("neurons/lif_alpha", "exc", "40 pA"),
    ],
)
def test_other_neurons_by_threshold_integration(model: str, port: str, weight: str) -> None:
    point = working_point(poisson_driven(load(model), port, weight), shift=False)
    unit = point.units["E"]
    assert 1 < unit.rate < 60 and 0.1 < unit.cv < 1
    found = linear(point, [0.0, 10.0])
    assert np.isfinite(found.single).all()


BAD: list[tuple[Any, str]] = [
    ("networks/wilson_cowan", "passes a variable on continuously"),
    ("networks/microcircuit_stp", "changes with time"),
    ("networks/song2000", "change with their spikes"),
    ("neurons/lif", "is no network"),
    (poisson_driven(load("neurons/adex"), "exc", "1 nS"), "more than one dimension"),
    (poisson_driven(load("neurons/hodgkin_huxley"), "exc", "1 nS"), "one-dimensional"),
]


@pytest.mark.parametrize(("model", "why"), BAD)
def test_what_has_no_theory_is_refused(model: Any, why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        working_point(model)
