"""Binary networks: bit for bit with frozen random numbers, else as seeds of one simulator."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from spikebridge import simulate
from spikebridge.cases import cases
from spikebridge.definition.draw import draw
from spikebridge.definition.library import from_dict, names
from spikebridge.definition.network import Network
from spikebridge.simulators.base import Feature, get
from spikebridge.verify import run_case

ON = [n for n in ("reference", "brian2", "nest") if Feature.GRADED_COUPLING in get(n).features]
OPTIONS: Mapping[str, Mapping[str, Any]] = {"brian2": {"target": "numpy"}}
SYNCHRONOUS, ASYNCHRONOUS = "binary/binary", ("binary/mcculloch_pitts", "binary/ginzburg")
N = 50
pytestmark = pytest.mark.slow


def network(unit: Any, *, size: int = N, seed: int = 1, p: float = 0.2, **changes: Any) -> Network:
    """Random signed weights and thresholds, the same for every seed of the noise."""
    rng = np.random.default_rng(3)
    pre, post = np.nonzero(rng.random((size, size)) < p)
    weight = rng.normal(0.1, 0.5, len(pre))
    values: dict[str, Any] = {"theta": rng.normal(0.1, 0.3, size).tolist()}
    projection = {"pre": "A", "post": "A", "port": "x_syn", "synapse": "synapses/graded"}
    pairs = {"kind": "pairwise_list", "sources": pre, "targets": post}
    entries: dict[str, Any] = {"rule": pairs, "weight": weight, "delay": changes.pop("delay", 0)}
    entries["delay"] = f"{entries['delay']} ms"
    every = changes.pop("every", "0.1 ms")
    return from_dict(
        {
            "kind": "network",
            "name": "units",
            "populations": {
                "A": {"neuron": unit, "size": size, "parameters": {**values, **changes}}
            },
            "projections": {"AA": {**projection, **entries}},
            "recordings": {"A": {"population": "A", "variables": ["A"], "every": every}},
            "run": {"duration": "1 s", "dt": "0.1 ms", "seed": seed},
        }
    )


def activity(model: Network, on: str, **settings: Any) -> Any:
    """A (samples, units), every number 0 or 1."""
    found = simulate(model, on, options=OPTIONS.get(on), **settings).columns.trace("A", "A").values
    assert np.isin(found, (0.0, 1.0)).all()
    return found


def same(model: Network) -> Any:
    """The activity with frozen numbers, which is the reference's in every bit."""
    expected = activity(model, "reference", frozen_noise=True)
    for on in ON[1:]:
        assert np.array_equal(activity(model, on, frozen_noise=True), expected), on
    assert (expected[1:] != expected[:-1]).any(axis=0).mean() > 0.5  # most units change
    return expected


def test_all_three_take_part() -> None:
    assert ON == ["reference", "brian2", "nest"]


@pytest.mark.parametrize("delay", [0, 0.1, 0.7])
def test_synchronous_networks_bit_for_bit(delay: float) -> None:
    found = same(network(SYNCHRONOUS, delay=delay, M=2, sigma=0.4))
    assert found.shape == (10_001, N)


def test_synchronous_networks_are_the_printed_equation() -> None:
    """Iterated with numpy from the same weights and noise."""
    model = network(SYNCHRONOUS, M=2, sigma=0.4)
    drawn = draw(model, dt=0.1, frozen_noise=True)
    (noise,) = drawn.currents
    projection, theta = drawn.projections["AA"], drawn.populations["A"].parameters["theta"]
    J = np.zeros((N, N))
    J[projection.targets, projection.sources] = projection.weights
    A, path = (0.0 >= theta).astype(float), []
    for xi in noise.values:
        path.append(A)
        A = (J @ A / 2 + 0.4 * xi >= theta).astype(float)
    assert np.array_equal(same(model)[:-1], path)


def test_without_noise_a_network_ends_in_a_cycle() -> None:
    found = same(network(SYNCHRONOUS, M=1, sigma=0))
    codes = [a.tobytes() for a in found]
    first = codes.index(codes[-1])
    period = codes.index(codes[-1], first + 1) - first
    assert period > 1
    assert np.array_equal(found[first:-period], found[first + period :])


@pytest.mark.parametrize("delay", [0, 0.3])
@pytest.mark.parametrize("unit", ASYNCHRONOUS)
def test_asynchronous_networks_bit_for_bit(unit: str, delay: float) -> None:
    found = same(network(unit, delay=delay, tau_m="5 ms"))
    changed = (found[1:] != found[:-1]).mean()
    assert 0 < changed < 0.1 / 5  # fewer than there are updates


@pytest.mark.parametrize(
    "model",
    [
        n if n == "binary/binary" else pytest.param(n, marks=pytest.mark.full)
        for n in names()
        if n.startswith("binary/")
    ],
)
def test_verify_has_every_unit_and_passes(model: str) -> None:
    (case,) = (c for c in cases() if c.model == model)
    row = run_case(case)
    assert row is not None
    assert (row.verdict, row.passed) == ("identical", True), row.note


@pytest.mark.parametrize("unit", [SYNCHRONOUS, *ASYNCHRONOUS])
def test_parameters_differ_and_phases_change_them(unit: str) -> None:
    base = network(unit)
    values = {"I": np.linspace(-0.5, 0.5, N).tolist()}
    late = [{"at": "50 ms", "changes": {"A.I": 0.7, "AA.weight": "-weight"}}]
    moved = network(unit, **values).replace(phases=[_phase(e) for e in late])
    still, found = same(base.replace(duration="100 ms")), same(moved.replace(duration="100 ms"))
    assert not np.array_equal(still[:501], found[:501])
    assert found[501:].mean() != found[:501].mean()


def _phase(entry: Mapping[str, Any]) -> Any:
    from spikebridge import Phase

    return Phase(entry["at"], entry["changes"])


# -- native numbers: only the distribution is the same


def statistics(path: Any) -> tuple[Any, Any]:
    """Mean activity, autocorrelation at 5 and 10 ms; and the covariances of all pairs."""
    late = path[100:]
    D = late - late.mean(axis=0)
    auto = [(D[:-k] * D[k:]).mean() / (D * D).mean() for k in (5, 10)]
    covariance = D.T @ D / len(D)
    upper = covariance[np.triu_indices(D.shape[1], 1)]
    return np.array([late.mean(), *auto, upper.mean()]), upper


def alike(groups: Mapping[str, Any]) -> None:
    """Simulators differ by no more than seeds of one of them do, in each statistic.

    Grand means over seeds against the largest distance of two seeds of one simulator, or 4 standard
    errors of their difference; the covariances of all pairs by their distance between runs.
    """
    numbers = {on: np.array([s for s, _ in found]) for on, found in groups.items()}
    band = np.max([np.ptp(v, axis=0) for v in numbers.values()], axis=0)
    spread = np.sqrt(np.mean([np.var(v, axis=0, ddof=1) for v in numbers.values()], axis=0))
    band = np.maximum(band, 4 * spread * np.sqrt(2 / len(SEEDS)))
    for a, b in combinations(numbers, 2):
        apart = np.abs(numbers[a].mean(axis=0) - numbers[b].mean(axis=0))
        assert np.all(apart <= band), (a, b, apart, band)
    pairs = {on: [c for _, c in found] for on, found in groups.items()}
    within = max(_distance(x, y) for v in pairs.values() for x, y in combinations(v, 2))
    for a, b in combinations(pairs, 2):
        across = np.mean([_distance(x, y) for x in pairs[a] for y in pairs[b]])
        assert across <= within, (a, b, across, within)


def _distance(a: Any, b: Any) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))


SEEDS = range(1, 11)


full = pytest.mark.full
SOME = [
    pytest.param(u, marks=[] if u == "binary/ginzburg" else full)
    for u in (SYNCHRONOUS, *ASYNCHRONOUS)
]


@pytest.mark.parametrize("unit", SOME)
def test_native_numbers_within_the_seeds_band(unit: str) -> None:
    models = [network(unit, seed=s, every="1 ms") for s in SEEDS]
    groups = {on: [statistics(activity(m, on, duration="1 s")) for m in models] for on in ON}
    alike(groups)
    if unit != "binary/ginzburg":
        return
    shifted = [network(unit, seed=s, every="1 ms", I=0.2) for s in SEEDS]  # the test can fail
    groups["nest"] = [statistics(activity(m, "nest", duration="1 s")) for m in shifted]
    with pytest.raises(AssertionError):
        alike(groups)


def built_in(model: Network, neuron: str, seed: int) -> Any:
    """The same connections and parameters with NEST's own binary neuron, A every ms for 2 s.

    Its delays are one step shorter than they are written; S starts at 0, as A does.
    """
    import nest

    drawn = draw(model, dt=0.1)
    projection, own = drawn.projections["AA"], drawn.populations["A"]
    nest.ResetKernel()
    nest.set(resolution=0.1, rng_seed=seed)
    units = nest.Create(neuron, own.size, _own(own.parameters))
    delays = projection.delays * 0.1 + 0.1 + np.zeros(len(projection.weights))
    pre, post = projection.sources + 1, projection.targets + 1
    syn = {"weight": projection.weights, "delay": delays}
    nest.Connect(pre, post, "one_to_one", syn_spec=syn)
    recorder = nest.Create("multimeter", params={"record_from": ["S"], "interval": 1.0})
    nest.Connect(recorder, units)
    nest.Simulate(2000.1)  # the recorder gives the last sample a step later
    events = recorder.get("events")
    path = np.zeros((2000, own.size))
    assert len(events["times"]) == path.size
    path[np.round(events["times"]).astype(int) - 1, events["senders"] - 1] = events["S"]
    return path


def _own(parameters: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("tau_m", "theta", "c_1", "c_2", "c_3")
    return {n: v.tolist() if np.ndim(v) else float(v) for n, v in parameters.items() if n in kept}


@pytest.mark.parametrize("unit", SOME[1:])
def test_a_matched_binary_neuron_is_nests_own_and_like_a_generated_one(unit: str) -> None:
    """With the same seed its states, decoded from spikes, are those of a script by hand."""
    neuron = {"mcculloch_pitts": "mcculloch_pitts_neuron", "ginzburg": "ginzburg_neuron"}
    models = [network(unit, seed=s, every="1 ms") for s in SEEDS]
    found = [simulate(m, "nest", duration="2 s") for m in models]
    assert [m["model"] for m in found[0].manifest["matches"]] == [neuron[unit[7:]]]
    matched = [r.columns.trace("A", "A").values for r in found]
    assert not len(found[0].columns.spikes["A"])
    assert np.array_equal(matched[0][1:], built_in(models[0], neuron[unit[7:]], SEEDS[0] + 1))
    own = {"units": "generated"}
    generated = [
        simulate(m, "nest", duration="2 s", options=own).columns.trace("A", "A").values
        for m in models
    ]
    alike({n: [statistics(a) for a in v] for n, v in {"own": matched, "node": generated}.items()})
    of_units = [np.mean([a[100:].mean(axis=0) for a in v], axis=0) for v in (matched, generated)]
    assert np.corrcoef(*of_units)[0, 1] > 0.98


@full
def test_noise_on_the_input_is_the_erfc_neuron() -> None:
    """A = H(h + sigma xi - theta) at an update: active with probability erfc(...)/2."""
    unit = {
        "kind": "neuron",
        "name": "noisy",
        "equations": """
        A(t+1) = A + int(rand < 1 - exp(-dt/tau_m))*(int(0.5*h + s*xi > theta) - A) : 1
        h = x_syn + I : 1
        r = A : 1
        """,
        "parameters": {"tau_m": "5 ms", "I": 0.3, "s": 0.4, "theta": 0},
        "ports": {"x_syn": {"unit": "1", "kind": "continuous"}},
    }
    models = [network(unit, seed=s, every="1 ms") for s in SEEDS]
    groups = {on: [statistics(activity(m, on, duration="2 s")) for m in models] for on in ON[::2]}
    alike(groups)
    run = simulate(models[0], "nest", duration="10 ms")
    assert run.manifest["matches"][0]["model"] == "erfc_neuron"
