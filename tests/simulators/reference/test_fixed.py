"""The fixed-step reference against the contract worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
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
from spikebridge.simulators.reference import Reference

DT = 0.1


def run(network: Network, **options: Any) -> Columns:
    reference = Reference()
    return reference.run(reference.prepare(draw(network), Options(**options)))


def one(neuron: Any, **parts: Any) -> Network:
    settings = {"dt": "0.1 ms", "duration": "50 ms", **parts}
    recordings = {"V": Recording("V", "P", ("V",))}
    return Network({"P": Population("P", neuron, 1)}, recordings=recordings, **settings)


def spikes_to_p(
    trains: list[list[float]], weight: str, delay: str = "1 ms", port: str = "spikes"
) -> Any:
    return {
        "projections": {"p": Projection("p", "s", "P", port, "all_to_all", weight, delay)},
        "stimuli": {"s": Stimulus("s", "spikes", trains=tuple(trains))},
    }


def current(amplitude: str, **more: Any) -> dict[str, Any]:
    stimulus = Stimulus("I", "current", population="P", port="I_ext", amplitude=amplitude, **more)
    return {"stimuli": {"I": stimulus}}


def steps(columns: Columns) -> list[int]:
    return [round(t / DT) for t in columns.spikes["P"].times]


def trace(columns: Columns) -> np.ndarray[Any, Any]:
    return columns.trace("P", "V").values[:, 0]


def test_constant_current_gives_the_analytic_step_counts() -> None:
    """V crosses after tau*log(RI/(RI - theta)); then R refractory steps, then the same again."""
    columns = run(one(load("neurons/lif"), duration="200 ms", **current("200 pA")))
    climb = math.ceil(20.0 * math.log(20.0 / 5.0) / DT)
    expected = [climb + n * (climb + 20) for n in range(7) if climb + n * (climb + 20) <= 2000]
    assert steps(columns) == expected
    assert list(columns.spikes["P"].times) == [k * DT for k in expected]


def test_the_trace_is_the_analytic_solution() -> None:
    columns = run(one(load("neurons/lif"), **current("100 pA")))
    times = columns.trace("P", "V").times
    assert np.array_equal(times, np.arange(501) * DT)
    expected = -65.0 + 10.0 * (1.0 - np.exp(-times / 20.0))
    assert np.abs(trace(columns) - expected).max() < 1e-11


@pytest.mark.parametrize("delay", [1, 7, 30])
def test_a_spike_acts_one_delay_later_before_the_threshold(delay: int) -> None:
    parts = spikes_to_p([[5.0]], "3 mV", f"{delay * DT} ms")
    values = trace(run(one(load("neurons/lif_delta"), **parts)))
    arrival = 50 + delay
    assert values[arrival - 1] == 0.0
    assert values[arrival] == 3.0
    assert values[arrival + 1] == pytest.approx(3.0 * math.exp(-DT / 20.0), rel=1e-14)
    fired = run(one(load("neurons/lif_delta"), **spikes_to_p([[5.0]], "25 mV", f"{delay * DT} ms")))
    assert steps(fired) == [arrival]
    assert trace(fired)[arrival] == 10.0  # the sample is taken after the reset


def test_spikes_that_arrive_together_add_up() -> None:
    parts = spikes_to_p([[5.0, 5.0], [5.0]], "3 mV")
    assert trace(run(one(load("neurons/lif_delta"), **parts)))[60] == pytest.approx(9.0)


@pytest.mark.parametrize(("t_ref", "resting"), [("2 ms", 20), ("0 ms", 0), ("2.04 ms", 21)])
def test_a_refractory_unit_loses_what_arrives_at_clamped_states(t_ref: str, resting: int) -> None:
    """Spike stamped k: clamped for steps k+1 .. k+R; the next stamp is k+R+1 at the earliest."""
    every_step = [round(5.0 + DT * n, 1) for n in range(100)]
    neuron = load("neurons/lif_delta", t_ref=t_ref)
    found = steps(run(one(neuron, **spikes_to_p([every_step], "25 mV"))))
    assert found[0] == 60
    assert set(np.diff(found)) == {resting + 1}


def test_unclamped_states_go_on_while_refractory() -> None:
    parts = spikes_to_p([[5.0], [8.0]], "2000 pA", port="exc")
    network = one(load("neurons/lif_current"), **parts)
    network = network.replace(recordings=[Recording("r", "P", ("V", "I_exc"))])
    columns = run(network)
    first = steps(columns)[0]
    assert 60 < first < 90
    values = columns.trace("P", "I_exc").values[:, 0]
    assert values[90] == pytest.approx(2000.0 * (math.exp(-3.0 / 5.0) + 1.0))
    assert set(columns.trace("P", "V").values[first : first + 51, 0]) == {-60.0}


def test_a_current_acts_from_its_step_on() -> None:
    parts = current("100 pA", start="5 ms", stop="6 ms")
    values = trace(run(one(load("neurons/lif"), **parts)))
    assert values[50] == -65.0 < values[51]
    assert values[60] == values.max()


def test_recordings_of_a_subset_at_intervals_and_of_subexpressions() -> None:
    neuron = load("neurons/lif_conductance")
    network = Network(
        {"P": Population("P", neuron, 5, initial={"g_exc": "10 nS"})},
        recordings={"r": Recording("r", "P", ("I_syn", "g_exc"), [1, 3], "0.5 ms")},
        duration="10 ms",
    )
    columns = run(network)
    found = columns.trace("P", "I_syn")
    assert found.values.shape == (21, 2) and list(found.units) == [1, 3]
    assert found.values[0, 0] == 10.0 * 60.0
    assert np.array_equal(found.times, np.arange(0, 101, 5) * DT)


def by_hand(drawn: Any, steps_: int) -> list[tuple[int, int]]:
    """A recurrent network of delta neurons, one unit and one spike at a time."""
    population, projection = drawn.populations["P"], drawn.projections["PP"]
    size, decay = population.size, math.exp(-DT / 20.0)
    potential = list(np.broadcast_to(population.initial["V"], size))
    rest = [0] * size
    arriving: dict[tuple[int, int], float] = {}
    spikes = []
    for k in range(1, steps_ + 1):
        for i in range(size):
            weight = arriving.pop((k, i), 0.0)
            if rest[i] > 0:
                rest[i] -= 1
                continue
            potential[i] = potential[i] * decay + 30.0 * (1 - decay) + weight
            if potential[i] >= 20.0:
                spikes.append((k, i))
                potential[i], rest[i] = 10.0, 20
        for step, i in spikes:
            if step == k:
                for c in np.flatnonzero(projection.sources == i):
                    key = (k + int(projection.delays[c]), int(projection.targets[c]))
                    arriving[key] = arriving.get(key, 0.0) + float(projection.weights[c])
    return spikes


def recurrent(**parts: Any) -> Network:
    uniform = {"distribution": "uniform", "low": "0 mV", "high": "20 mV"}
    settings: dict[str, Any] = {"duration": "100 ms", **parts}
    rule = {"kind": "fixed_probability", "p": 0.3}
    weight = {"distribution": "normal", "mean": "0.2 mV", "std": "1 mV"}
    delay = {"distribution": "uniform", "low": "0.1 ms", "high": "5 ms"}
    return Network(
        {"P": Population("P", load("neurons/lif_delta"), 30, initial={"V": uniform})},
        {"PP": Projection("PP", "P", "P", "spikes", rule, weight, delay)},
        stimuli={"I": Stimulus("I", "current", population="P", port="I_ext", amplitude="300 pA")},
        **settings,
    )


def test_a_recurrent_network_equals_a_plain_loop() -> None:
    network = recurrent()
    found = run(network).spikes["P"]
    expected = sorted(by_hand(draw(network), 1000))
    assert len(expected) > 100
    assert [(round(t / DT), int(i)) for t, i in zip(found.times, found.senders, strict=True)] == (
        expected
    )


def noisy(duration: str) -> Network:
    neuron = load("neurons/lif_noisy")
    return Network(
        {"P": Population("P", neuron, 20)},
        {
            "PP": Projection(
                "PP",
                "P",
                "P",
                "exc",
                {"kind": "fixed_indegree", "indegree": 3},
                "50 pA",
                {"distribution": "uniform", "low": "1 ms", "high": "9 ms"},
            ),
            "sP": Projection("sP", "s", "P", "exc", "one_to_one", "100 pA", "1.5 ms"),
        },
        {
            "s": Stimulus("s", "poisson", size=20, rate="300 Hz", draw="native"),
            "I": Stimulus("I", "current", population="P", port="I_ext", amplitude="100 pA"),
        },
        {"V": Recording("V", "P", ("V",), 3)},
        (Phase("70 ms", {"P.tau_m": "15 ms"}), Phase("110 ms", {"PP.weight": "2*weight"})),
        duration=duration,
    )


def test_going_on_from_a_final_state_is_the_same_as_one_longer_run() -> None:
    whole = run(noisy("200 ms"))
    first = run(noisy("90 ms"), final_state=True)
    second = run(noisy("200 ms"), initial_state=first.final_state)
    assert second.duration == pytest.approx(110.0) and second.manifest["start"] == 90.0
    late = whole.between(90.0, 200.0)
    assert len(whole.spikes["P"]) > 50
    assert np.allclose(late.spikes["P"].times, second.spikes["P"].times, atol=1e-9)
    assert np.array_equal(late.spikes["P"].senders, second.spikes["P"].senders)
    assert np.array_equal(late.trace("P", "V").values, second.trace("P", "V").values)


def test_a_phase_changes_parameters_from_its_step_on() -> None:
    network = one(load("neurons/lif"), **current("100 pA"))
    values = trace(run(network))
    changed = trace(run(network.replace(phases=(Phase("10 ms", {"P.tau_m": "5 ms"}),))))
    assert np.array_equal(values[:101], changed[:101])
    assert changed[101] == pytest.approx(-55.0 + (values[100] + 55.0) * math.exp(-DT / 5.0))


def test_frozen_and_own_noise_are_the_same_numbers() -> None:
    network = noisy("50 ms").replace(phases=())
    reference = Reference()
    found = [
        reference.run(reference.prepare(draw(network, frozen_noise=frozen), Options()))
        for frozen in (False, True)
    ]
    assert np.array_equal(*(c.trace("P", "V").values for c in found))


def test_native_connections_are_drawn_by_the_reference() -> None:
    network = recurrent(duration="20 ms")
    native = Projection(
        "PP",
        "P",
        "P",
        "spikes",
        {"kind": "fixed_indegree", "indegree": 5},
        "0.1 mV",
        "1 ms",
        native=True,
    )
    assert len(run(network.replace(projections={"PP": native})).spikes["P"]) > 0


def test_a_state_that_leaves_the_numbers_is_an_error() -> None:
    neuron = load(
        {
            "kind": "neuron",
            "name": "runaway",
            "equations": "dx/dt = x**3/ms : 1\ny = 2*x : 1",
            "initial": {"x": 3.0},
        }
    )
    network = Network({"P": Population("P", neuron, 1)}, duration="100 ms", scheme="euler")
    with pytest.raises(SimulationFailed, match="not finite"):
        run(network)


def test_what_it_cannot_do_is_refused_before_anything_runs() -> None:
    with pytest.raises(DefinitionError, match="no option 'threads'"):
        run(recurrent(), simulator={"threads": 2})
    with pytest.raises(DefinitionError, match="mode"):
        run(recurrent(), simulator={"mode": "exact"})
    with pytest.raises(Unsupported, match="native"):
        run(recurrent(), scheme="native")
    with pytest.raises(DefinitionError, match="run ends at step"):
        run(recurrent(), initial_state={"step": np.array(5000)})


def test_manifest_and_sources_say_what_ran() -> None:
    reference = Reference()
    prepared = reference.prepare(draw(recurrent(duration="1 ms")), Options())
    assert "on arrival at spikes" in prepared.sources["P"]
    manifest = reference.run(prepared).manifest
    assert manifest["scheme"] == {"P": "exact"}
    assert set(manifest["seconds"]) == {"build", "run", "collect"}
    assert reference.available().ok
