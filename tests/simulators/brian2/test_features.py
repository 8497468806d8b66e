"""Poisson input, noise, native connections, awkward names and sizes, and a session left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.definition.draw import draw
from spikebridge.errors import Unsupported
from spikebridge.simulators.base import Options
from spikebridge.simulators.brian2 import Brian2


def run(network: sb.Network, target: str = "numpy", **draws: Any) -> Any:
    simulator = Brian2()
    return simulator.run(
        simulator.prepare(draw(network, **draws), Options(simulator={"target": target}))
    )


COUNTER = sb.Neuron(
    name="counter",
    equations="dn/dt = 0*1/ms : 1",
    ports={"spikes": {"unit": "1", "receive": "n += weight"}},
)


def poisson(rule: Any, rate: Any = "20 kHz", size: int = 400, **more: Any) -> sb.Network:
    return sb.Network(
        populations=[sb.Population("A", COUNTER, size)],
        projections=[sb.Projection("in", "P", "A", "spikes", rule, 1.0, "0.1 ms", native=True)],
        stimuli=[sb.Stimulus("P", "poisson", size=size, rate=rate, draw="native")],
        recordings=[sb.Recording("n", "A", ("n",))],
        duration="10 ms",
        **more,
    )


@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_native_poisson_input_has_the_mean_and_variance_of_a_poisson_number(target: str) -> None:
    steps = np.diff(run(poisson("one_to_one"), target).trace("A", "n").values, axis=0)[1:]
    assert steps.mean() == pytest.approx(2.0, abs=0.03)
    assert steps.var() == pytest.approx(2.0, abs=0.06)
    assert (steps == 0).mean() == pytest.approx(np.exp(-2), abs=0.01)


def test_native_poisson_input_with_a_rate_that_changes_and_a_large_one() -> None:
    steps = run(poisson("one_to_one", "(5 + 10*int(t >= 5*ms))*kHz")).trace("A", "n").values
    assert np.diff(steps, axis=0)[2:50].mean() == pytest.approx(0.5, abs=0.03)
    assert np.diff(steps, axis=0)[51:].mean() == pytest.approx(1.5, abs=0.03)
    many = run(poisson("one_to_one", "400 kHz")).trace("A", "n").values
    assert np.diff(many, axis=0)[1:].mean() == pytest.approx(40.0, abs=0.2)


def listed(sources: list[int]) -> sb.Network:
    rule = {"kind": "pairwise_list", "sources": sources, "targets": list(range(400))}
    return poisson(rule).replace(
        projections=[sb.Projection("in", "P", "A", "spikes", rule, np.full(400, 1.0), "0.1 ms")]
    )


def test_a_list_may_say_that_every_unit_has_a_train_of_its_own() -> None:
    """As PyNN's scripts do; a train that two units share is none of their own."""
    steps = np.diff(run(listed(list(range(400)))).trace("A", "n").values, axis=0)[1:]
    assert steps.mean() == pytest.approx(2.0, abs=0.03)
    with pytest.raises(Unsupported, match="at most one spike"):
        run(listed([0, *range(399)]))


def test_shared_poisson_trains_come_from_a_group() -> None:
    values = run(poisson("all_to_all", "0.1 kHz", 40)).trace("A", "n").values
    assert (values == values[:, :1]).all()
    assert values[-1, 0] == pytest.approx(40, abs=25)
    with pytest.raises(Unsupported, match="at most one spike"):
        run(poisson("all_to_all", "5 kHz", 3))


def test_the_same_seed_gives_the_same_run() -> None:
    one, two, other = (run(poisson("one_to_one"), seed=s).trace("A", "n") for s in (1, 1, 2))
    assert np.array_equal(one.values, two.values)
    assert not np.array_equal(one.values, other.values)


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("all_to_all", 400),
        ({"kind": "all_to_all", "autapses": False}, 380),
        ({"kind": "fixed_indegree", "indegree": 7}, 140),
        ({"kind": "fixed_outdegree", "outdegree": 7}, 140),
        ({"kind": "fixed_total_number", "number": 55}, 55),
        ({"kind": "fixed_probability", "p": 1.0}, 400),
    ],
)
def test_native_connections(rule: Any, count: int) -> None:
    once = sb.Neuron(
        name="once",
        equations="dn/dt = 0*1/ms : 1\ndfired/dt = 0*1/ms : 1",
        ports={"spikes": {"unit": "1", "receive": "n += weight"}},
        spike={"condition": "fired < 0.5", "effects": "fired = 1"},
    )
    network = sb.Network(
        populations=[sb.Population("A", once, 20)],
        projections=[sb.Projection("AA", "A", "A", "spikes", rule, 1.0, "0.2 ms", native=True)],
        recordings=[sb.Recording("n", "A", ("n",))],
        duration="1 ms",
    )
    values = run(network).trace("A", "n").values
    assert values[-1].sum() == count
    assert values[2].sum() == 0


def test_names_that_brian2_reserves(agree: Any) -> None:
    neuron = sb.Neuron(
        name="awkward",
        equations="""
        dE/dt = (-E + S + beta*N)/double : mV
        dN/dt = -N/double : 1
        lambda_pre = 2*E + N*mV : mV
        """,
        parameters={"S": "20 mV", "beta": "1 mV", "double": "5 ms", "gamma": "15 mV"},
        ports={"spikes": {"unit": "1", "receive": "N += weight"}},
        spike={"condition": "E >= gamma", "effects": "E = 0*mV"},
    )
    network = sb.Network(
        populations=[sb.Population("if", neuron, 2, initial={"E": "i*mV"})],
        projections=[sb.Projection("x", "if", "if", "spikes", "all_to_all", 0.5, "0.3 ms")],
        recordings=[sb.Recording("r", "if", ("E", "lambda_pre"))],
        duration="30 ms",
    )
    trace = agree(network, "cython").trace("if", "lambda_pre")
    assert trace.unit == "mV"


def test_neurons_that_never_spike(agree: Any) -> None:
    trains = sb.Stimulus("in", "spikes", trains=[["1 ms"]])
    network = sb.Network(
        populations=[sb.Population("A", COUNTER, 2)],
        projections=[sb.Projection("x", "in", "A", "spikes", "all_to_all", 0.5, "0.3 ms")],
        stimuli=[trains],
        recordings=[sb.Recording("n", "A", ("n",))],
        duration="3 ms",
    )
    columns = agree(network)
    assert len(columns.spikes["A"]) == 0


NOISY = sb.Neuron(
    name="noisy",
    equations="dV/dt = -V/tau + sigma*xi*sqrt(2/tau) : mV",
    parameters={"tau": "2 ms", "sigma": "3 mV"},
)


def test_noise(agree: Any) -> None:
    network = sb.Network(
        populations=[sb.Population("A", NOISY, 300)],
        recordings=[sb.Recording("V", "A", ("V",))],
        duration="60 ms",
    )
    values = run(network, "cython").trace("A", "V").values[100:]
    assert values.std() == pytest.approx(3.0, abs=0.15)
    agree(network, frozen_noise=True)


def test_states_and_spikes_are_kept_without_monitors_and_subexpressions_with_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import brian2

    kinds, step = [], brian2.Network.run

    def remember(network: Any, *given: Any, **more: Any) -> Any:
        kinds.extend(type(part).__name__ for part in network.objects)
        return step(network, *given, **more)

    monkeypatch.setattr(brian2.Network, "run", remember)
    cell = sb.Neuron(
        name="ramp",
        equations="dn/dt = 1/ms : 1\nk = 2*n : 1",
        spike={"condition": "n > 1.95", "effects": "n = 0"},
    )
    network = sb.Network(
        populations=[sb.Population("A", cell, 3, initial={"n": "0.25*i"})],
        recordings=[
            sb.Recording("n", "A", ("n",), units=[2, 0], every="0.3 ms"),
            sb.Recording("k", "A", ("k",)),
        ],
        duration="9 ms",
    )
    found, known = run(network), sb.simulate(network, "reference").columns
    assert kinds.count("StateMonitor") == 1 and "SpikeMonitor" not in kinds
    for variable in ("n", "k"):
        mine, theirs = found.trace("A", variable), known.trace("A", variable)
        assert np.array_equal(mine.times, theirs.times)
        assert np.abs(mine.values - theirs.values).max() < 1e-12
    assert len(known.spikes["A"]) == 12
    assert np.array_equal(found.spikes["A"].times, known.spikes["A"].times)
    assert np.array_equal(found.spikes["A"].senders, known.spikes["A"].senders)


def test_every_run_has_the_same_names_and_so_the_same_compiled_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Objects of a run that is over live until Python looks for cycles, and Brian2 keeps names."""
    import brian2

    names, step = [], brian2.Network.run

    def remember(network: Any, *given: Any, **more: Any) -> Any:
        names.append(sorted(part.name for part in network.sorted_objects))
        return step(network, *given, **more)

    monkeypatch.setattr(brian2.Network, "run", remember)
    mine = brian2.NeuronGroup(1, "v : 1", name="sb_A")
    for seed in (1, 2):
        run(poisson("one_to_one", seed=seed))
    assert names[0] == names[1]
    assert mine.name == "sb_A" and "sb_A_1" in names[0]


def test_the_users_session_is_left_as_it_was() -> None:
    import brian2

    brian2.seed(5)
    brian2.prefs["codegen.target"] = "numpy"
    group = brian2.NeuronGroup(3, "v : 1")
    group.v = "rand()"
    group.v = "rand()"
    expected = np.array(group.v)
    began = float(brian2.defaultclock.t / brian2.ms)  # another test may have run Brian2 here
    brian2.seed(5)
    group.v = "rand()"
    run(poisson("one_to_one"), "cython")
    group.v = "rand()"
    assert np.array_equal(group.v, expected)
    assert brian2.prefs["codegen.target"] == "numpy"
    assert float(brian2.defaultclock.t / brian2.ms) == began


def test_the_translated_text_is_a_script_that_gives_the_same_spikes(tmp_path: Path) -> None:
    noisy = sb.Neuron(
        name="lif",
        equations="dV/dt = (I_ext - V)/tau : mV",
        parameters={"tau": "5 ms", "t_ref": "1 ms"},
        ports={"jump": {"unit": "mV", "receive": "V += weight"}, "I_ext": {"unit": "mV"}},
        spike={
            "condition": "V >= 10*mV",
            "effects": "V = 0*mV",
            "refractory": {"period": "t_ref", "clamp": ["V"]},
        },
    )
    drive = {"t_ref": "(1 + 0.5*i)*ms"}
    delay = {"distribution": "uniform", "low": "0.1 ms", "high": "3 ms"}
    network = sb.Network(
        populations=[sb.Population("A", noisy, 5, drive, {"V": "i*mV"})],
        projections=[
            sb.Projection("AA", "A", "A", "jump", "all_to_all", "0.5 mV", delay),
            sb.Projection("PA", "P", "A", "jump", "one_to_one", "1 mV", "0.4 ms"),
        ],
        stimuli=[
            sb.Stimulus("P", "poisson", size=5, rate="2 kHz"),
            sb.Stimulus("I", "current", "A", "I_ext", amplitude="(11 + sin(t/ms))*mV"),
        ],
        duration="40 ms",
    )
    drawn = draw(network)
    prepared = Brian2().prepare(drawn, Options(simulator={"target": "numpy"}))
    found = Brian2().run(prepared).spikes["A"]
    script = tmp_path / "script.py"
    texts = ["import brian2", "brian2.prefs.codegen.target = 'numpy'", *prepared.sources.values()]
    tail = "print(*np.asarray(A_spikes.t/ms), '|', *np.asarray(A_spikes.i))"
    script.write_text("\n".join([*texts, tail]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)], capture_output=True, text=True, check=True
    )
    times, senders = done.stdout.strip().splitlines()[-1].split("|")
    np.testing.assert_allclose(np.array(times.split(), dtype=float) + 0.1, found.times)
    assert [int(i) for i in senders.split()] == found.senders.tolist()
    assert len(found) > 10


def test_errors_after_a_run_are_not_called_brian2s() -> None:
    import subprocess
    import sys

    script = (
        "import spikebridge as sb; from spikebridge.definition.bench import bench\n"
        "net = bench(sb.load('neurons/lif'), size=1, duration=1.0)\n"
        "sb.simulate(net, 'brian2', options={'target': 'numpy'})\n"
        "raise RuntimeError('mine')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip().endswith("RuntimeError: mine")
    assert "unexpected error" not in done.stderr
