"""NEST against the contract's numpy loop: spikes equal, states to the last bits."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pynestml")

from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork
from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import (
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from spikebridge.errors import DefinitionError, SimulationFailed, Unsupported
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.nest import Nest

_SPEC = importlib.util.spec_from_file_location("contract", Path(__file__).with_name("contract.py"))
assert _SPEC is not None and _SPEC.loader is not None
_CONTRACT = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_CONTRACT)
Loop: Callable[..., Any] = _CONTRACT.Loop

LIF = Neuron(
    name="lif",
    equations="""dV/dt = (E_L - V)/tau_m + (I_s + I)/C_m : mV
                 dI_s/dt = -I_s/tau_s : pA
                 power = V*I_s : mV*pA""",
    parameters={
        "E_L": "-70 mV",
        "tau_m": "10 ms",
        "tau_s": "2 ms",
        "C_m": "200 pF",
        "V_th": "-50 mV",
        "V_r": "-60 mV",
        "t_ref": "2 ms",
    },
    ports={
        "exc": {"unit": "pA", "receive": "I_s += weight"},
        "jump": {"unit": "mV", "receive": "V += weight"},
        "I": {"unit": "pA"},
    },
    spike={
        "condition": "V >= V_th",
        "effects": "V = V_r",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
    initial={"V": "-65 mV"},
)
TWO = Network(
    populations=[
        Population(
            "A", LIF, 20, parameters={"tau_m": "8*ms + 0.2*ms*i"}, initial={"V": "-70*mV + 1*mV*i"}
        ),
        Population("B", LIF, 10),
    ],
    projections=[
        Projection(
            "AA",
            "A",
            "A",
            "exc",
            {"kind": "fixed_indegree", "indegree": 5},
            weight={"distribution": "uniform", "low": "80 pA", "high": "150 pA"},
            delay={"distribution": "uniform", "low": "0.3 ms", "high": "5 ms"},
        ),
        Projection(
            "AB",
            "A",
            "B",
            "jump",
            {"kind": "fixed_probability", "p": 0.3},
            weight="2 mV",
            delay="0.3 ms",
        ),
        Projection("PA", "P", "A", "exc", "one_to_one", weight="110 pA", delay="0.3 ms"),
        Projection(
            "PB",
            "P",
            "B",
            "exc",
            {"kind": "fixed_indegree", "indegree": 3},
            weight="60 pA",
            delay="0.4 ms",
        ),
    ],
    stimuli=[Stimulus("P", "poisson", size=20, rate="2 kHz")],
    recordings=[
        Recording("all", "A", ("V", "I_s", "power")),
        Recording("some", "B", ("V",), units=[3, 1], every="0.5 ms"),
    ],
    duration="100 ms",
)


def run(network: DrawnNetwork, **options: Any) -> Columns:
    nest = Nest()
    return nest.run(nest.prepare(network, Options(simulator={"match": False, **options})))


def agree(network: DrawnNetwork, columns: Columns, least: int = 1) -> None:
    loop = Loop(network).run()
    for name in network.populations:
        spikes = columns.spikes[name]
        steps = np.rint(spikes.times / network.dt).astype(int)
        found = list(zip(steps.tolist(), spikes.senders.tolist(), strict=True))
        assert found == sorted(loop.spikes[name])
        assert len(found) >= least
        assert np.array_equal(spikes.times, steps * network.dt)
        for trace in columns.traces.get(name, ()):
            if trace.variable in loop.state[name]:
                every = (network.steps) // (len(trace.times) - 1)
                wanted = loop.trace(name, trace.variable)[::every][:, trace.units]
                assert trace.values.shape == wanted.shape
                np.testing.assert_allclose(trace.values, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("options", [{}, {"threads": 2}, {"child": False}])
def test_two_populations_as_the_contract_says(options: dict[str, Any]) -> None:
    network = draw(TWO)
    agree(network, run(network, **options), least=20)


@pytest.mark.parametrize("at", ["29.9 ms", "30 ms", "30.1 ms"])
def test_parameters_and_weights_change_exactly_at_their_step(at: str) -> None:
    changes = {"B.tau_m": "5 ms", "AA.weight": "250 pA", "PB.weight": "30 pA", "A.t_ref": "3 ms"}
    network = draw(TWO.replace(phases=(Phase(at, changes),)))
    agree(network, run(network), least=20)


def test_subexpressions_are_those_of_the_recorded_states() -> None:
    columns = run(draw(TWO))
    traces = {t.variable: t.values for t in columns.traces["A"]}
    assert np.array_equal(traces["power"], traces["V"] * traces["I_s"])


@pytest.mark.parametrize("values", [1, 40, 600])
def test_current_steps_act_from_their_step_on(values: int) -> None:
    rng = np.random.default_rng(values)
    steps = Stimulus(
        "steps",
        "current",
        population="A",
        port="I",
        times=[f"{k * 0.1} ms" for k in range(values)],
        values=[f"{v} pA" for v in rng.uniform(0, 900, values)],
    )
    extra = Stimulus(
        "more",
        "current",
        population="A",
        port="I",
        units=[2, 5],
        amplitude="200 pA",
        start="3 ms",
        stop="50 ms",
    )
    network = draw(TWO.replace(stimuli={**TWO.stimuli, "steps": steps, "more": extra}))
    agree(network, run(network))


def test_nothing_connected_nothing_spikes() -> None:
    network = draw(Network(populations=[Population("A", LIF, 3)], duration="5 ms"))
    columns = run(network)
    assert len(columns.spikes["A"]) == 0
    assert columns.spikes["A"].size == 3


def test_the_module_does_not_depend_on_values() -> None:
    nest, options = Nest(), Options(simulator={"match": False})
    one = nest.prepare(draw(TWO), options)
    other = nest.prepare(draw(TWO, dt="0.05 ms"), options)
    assert one.sources["A.nestml"] == one.sources["B.nestml"] == other.sources["A.nestml"]


@pytest.mark.parametrize("dt", ["0.05 ms", "0.025 ms", "0.0125 ms"])
def test_fine_steps(dt: str) -> None:
    network = draw(TWO, dt=dt, duration="10 ms")
    agree(network, run(network), least=0)


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(Unsupported, match="thraeds"):
        Nest().prepare(draw(TWO), Options(simulator={"thraeds": 2}))


@pytest.mark.parametrize(
    "given", [{"threads": 0}, {"threads": "x"}, {"threads": 2.5}, {"match": "maybe"}, {"child": 1}]
)
def test_the_value_of_an_option_is_checked(given: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="the option"):
        Nest().prepare(draw(TWO), Options(simulator=given))


def test_a_dying_child_is_reported_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from spikebridge.simulators.nest import child

    prepared = Nest().prepare(draw(TWO), Options(simulator={"match": False}))
    script = "import os, sys; print('last words', file=sys.stderr, flush=True); os.abort()"
    monkeypatch.setattr(child, "command", lambda path: [child.sys.executable, "-c", script])
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(SimulationFailed, match=r"SIGABRT.*last words"):
        Nest().run(prepared)
    assert not any(tmp_path.iterdir())


CURRENT = Neuron(
    name="current",
    equations=LIF.equations,
    parameters=LIF.parameters,
    ports={n: p for n, p in LIF.ports.items() if n != "jump"},
    spike=LIF.spike,
    initial=LIF.initial,
)


def matching(**changes: Any) -> Network:
    """`TWO` with a neuron that NEST has."""
    populations = {
        n: Population(n, CURRENT, p.size, p.parameters, p.initial)
        for n, p in TWO.populations.items()
    }
    inhibition = Projection(
        "AB", "A", "B", "exc", {"kind": "fixed_probability", "p": 0.3}, "-90 pA", "0.3 ms"
    )
    projections = {**TWO.projections, "AB": inhibition}
    return TWO.replace(populations=populations, projections=projections, **changes)


@pytest.mark.parametrize("dense", [False, True])
def test_a_builtin_gives_what_the_contract_says(dense: bool) -> None:
    amplitude = "200*pA + 200*pA*sin(t/(3*ms))" if dense else "300 pA"
    current = Stimulus(
        "c", "current", population="A", port="I", amplitude=amplitude, start="5 ms", stop="60 ms"
    )
    changes = {"B.tau_m": "5 ms", "AA.weight": "250 pA"}
    found = matching(stimuli={**TWO.stimuli, "c": current}, phases=(Phase("30 ms", changes),))
    network = draw(found)
    columns = run(network, match=True)
    assert {m["model"] for m in columns.manifest["matches"]} == {"iaf_psc_exp"}
    agree(network, columns, least=10)


def test_native_integration_takes_a_builtin_where_one_fits() -> None:
    cell = load("neurons/lif_conductance")
    network = Network(populations=[Population("A", cell, 1)], duration="5 ms", scheme="native")
    (match,) = Nest().prepare(draw(network), Options()).matches
    assert (match["model"], match["scheme"]) == ("iaf_cond_exp", "native")


NOISY = Neuron(
    name="noisy",
    equations="dV/dt = (E_L - V + R*I)/tau_m + sigma*sqrt(2/tau_m)*xi : mV",
    parameters={
        "E_L": "-70 mV",
        "tau_m": "10 ms",
        "R": "0.1 GOhm",
        "sigma": "3 mV",
        "t_ref": "1 ms",
    },
    ports={"exc": {"unit": "mV", "receive": "V += weight"}, "I": {"unit": "pA"}},
    spike={
        "condition": "V >= -60*mV",
        "effects": "V = -70*mV",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
    initial={"V": "-70 mV"},
)


def test_frozen_noise_is_replayed_step_by_step() -> None:
    noisy = Network(
        populations=[Population("A", NOISY, 30)],
        projections=[
            Projection(
                "AA", "A", "A", "exc", {"kind": "fixed_indegree", "indegree": 5}, "1 mV", "1.5 ms"
            )
        ],
        stimuli=[
            Stimulus(
                "c", "current", population="A", port="I", amplitude="80*pA + 20*pA*sin(t/(3*ms))"
            )
        ],
        recordings=[Recording("r", "A", ("V",))],
        duration="100 ms",
    )
    network = draw(noisy, frozen_noise=True)
    agree(network, run(network), least=50)


def test_native_noise_has_its_mean_and_deviation() -> None:
    quiet = Network(
        populations=[Population("A", NOISY, 300, parameters={"sigma": "1 mV"})],
        recordings=[Recording("r", "A", ("V",), every="5 ms")],
        duration="200 ms",
    )
    values = run(draw(quiet)).traces["A"][0].values[10:]
    assert abs(values.mean() + 70) < 0.05
    assert abs(values.std() - 1) < 0.05


def test_native_poisson_and_native_connections_have_their_statistics() -> None:
    rate = "2*kHz*(1 + sin(2*pi*t/(50*ms)))/2"
    network = Network(
        populations=[Population("A", CURRENT, 400), Population("B", CURRENT, 400)],
        projections=[
            Projection("PA", "P", "A", "exc", "one_to_one", "60 pA", "1 ms"),
            Projection(
                "QB",
                "Q",
                "B",
                "exc",
                {"kind": "fixed_indegree", "indegree": 10},
                "6 pA",
                "1 ms",
                native=True,
            ),
        ],
        stimuli=[
            Stimulus("P", "poisson", size=400, rate=rate, draw="native"),
            Stimulus("Q", "poisson", size=50, rate="1 kHz", draw="native"),
        ],
        recordings=[Recording("a", "A", ("I_s",)), Recording("b", "B", ("I_s",))],
        duration="250 ms",
    )
    columns = run(draw(network), match=True)
    driven, steady = columns.traces["A"][0], columns.traces["B"][0]
    late = driven.times > 50
    assert abs(driven.values[late].mean() / 120 - 1) < 0.05
    wave = np.sin(2 * np.pi * (driven.times[late] - 3) / 50)
    assert np.corrcoef(driven.values[late].mean(axis=1), wave)[0, 1] > 0.98
    assert abs(steady.values[late].mean() / 120 - 1) < 0.1
    # 400 trains of their own, but 50 that are shared
    shared = np.corrcoef(steady.values[late][::20].T)
    own = np.corrcoef(driven.values[late][::500].T)
    assert shared[np.triu_indices(400, 1)].mean() > 0.1
    assert own.shape == (400, 400)


def test_progress_is_reported_and_changes_nothing() -> None:
    network, seen = draw(TWO), []
    nest = Nest()
    options = Options(simulator={"match": False}, progress=seen.append)
    agree(network, nest.run(nest.prepare(network, options)))
    assert seen == sorted(seen)
    assert len(seen) > 10
    assert seen[-1] == 1.0


@pytest.mark.parametrize(
    ("users", "childs"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.check=1", "glibc.malloc.check=1:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_the_child_asks_for_huge_pages_unless_the_user_decides(
    users: str | None, childs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spikebridge.simulators.nest.child import environment

    if users is None:
        monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    else:
        monkeypatch.setenv("GLIBC_TUNABLES", users)
    assert environment()["GLIBC_TUNABLES"] == childs


def test_ctrl_c_ends_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikebridge.simulators.nest import child

    started = []
    popen = child.subprocess.Popen

    def remember(*args: Any, **kwargs: Any) -> Any:
        started.append(popen(*args, **kwargs))
        return started[-1]

    def interrupt(*_: Any) -> str:
        raise KeyboardInterrupt

    prepared = Nest().prepare(draw(TWO), Options(simulator={"match": False}))
    monkeypatch.setattr(child.subprocess, "Popen", remember)
    monkeypatch.setattr(child, "_listen", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Nest().run(prepared)
    assert started[0].poll() is not None


def test_a_synapse_without_states_scales_its_weight() -> None:
    half = Synapse(deliver="weight*f", parameters={"f": "0.5"})  # type: ignore[arg-type]
    projections = {**TWO.projections, "AB": replace(TWO.projections["AB"], synapse=half)}
    network = draw(
        TWO.replace(projections=projections, phases=(Phase("30 ms", {"AB.weight": "3 mV"}),))
    )
    scaled = replace(network.projections["AB"], weights=1.0)
    wanted = replace(
        network,
        projections={**network.projections, "AB": scaled},
        changes=tuple(replace(c, value=1.5) for c in network.changes),
    )
    agree(wanted, run(network))


def test_a_synapse_with_states_gets_a_generated_model() -> None:
    plastic = Synapse(
        equations="dx/dt = -x/(20*ms) : 1",
        on_pre="x += 1",  # type: ignore[arg-type]
        deliver="weight*x",  # type: ignore[arg-type]
    )
    projections = {**TWO.projections, "AB": replace(TWO.projections["AB"], synapse=plastic)}
    prepared = Nest().prepare(draw(TWO.replace(projections=projections)), Options())
    (match,) = (m for m in prepared.matches if m["population"] == "AB")
    assert match["scheme"] == "closed form between events"
    assert match["model"] in prepared.sources["AB.cc"]


def test_numbers_in_equations_keep_all_digits() -> None:
    neuron = Neuron(
        name="digits",
        equations="""dx/dt = 1.2345678901234567/ms : 1
                     dy/dt = (1e-10 + 3e20*1e-20 - x)/ms : 1""",
    )
    recording = Recording("r", "A", ("x", "y"))
    network = draw(
        Network(
            populations=[Population("A", neuron, 1)],
            recordings=[recording],
            duration="5 ms",
            scheme="euler",
        )
    )
    found = {t.variable: t.values[:, 0] for t in run(network).traces["A"]}
    x = y = 0.0
    for k in range(51):
        assert found["x"][k] == pytest.approx(x, rel=1e-14, abs=0)
        assert found["y"][k] == pytest.approx(y, rel=1e-13, abs=1e-15)
        x, y = x + 0.1 * 1.2345678901234567, y + 0.1 * (1e-10 + 3.0 - x)
