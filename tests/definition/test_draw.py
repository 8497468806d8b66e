"""What is drawn depends on the seed and on the item alone, and lies on the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge import (
    DefinitionError,
    Network,
    Neuron,
    Phase,
    Population,
    Projection,
    Stimulus,
    load,
)
from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork

LIF = load("neurons/lif_current")
NORMAL = {"distribution": "normal", "mean": "-60 mV", "std": "2 mV"}
DELAYS = {"distribution": "uniform", "low": "0.01 ms", "high": "5 ms"}


def network(**changes: Any) -> Network:
    given: dict[str, Any] = {
        "populations": [Population("E", LIF, 20, {}, {"V": NORMAL})],
        "projections": [
            Projection(
                "EE", "E", "E", "exc", {"kind": "fixed_probability", "p": 0.3}, "10 pA", DELAYS
            ),
            Projection("in", "noise", "E", "exc", "one_to_one", "20 pA", "1 ms"),
        ],
        "stimuli": [Stimulus("noise", "poisson", size=20, rate="800 Hz")],
        "duration": "250 ms",
    }
    return Network(**{**given, **changes})


def numbers(drawn: DrawnNetwork) -> dict[str, Any]:
    edge, source = drawn.projections["EE"], drawn.sources["noise"]
    return {
        "V": drawn.populations["E"].initial["V"],
        "sources": edge.sources,
        "targets": edge.targets,
        "delays": edge.delays,
        "steps": source.steps,
        "senders": source.senders,
    }


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, two = numbers(draw(network())), numbers(draw(network()))
    assert all(np.array_equal(one[k], two[k]) for k in one)


def test_another_seed_gives_other_numbers() -> None:
    one, two = numbers(draw(network())), numbers(draw(network(), seed=2))
    assert not any(np.array_equal(one[k], two[k]) for k in one)


def test_an_item_does_not_depend_on_the_others() -> None:
    more = network(
        populations=[Population("A", LIF, 7, {}, {"V": NORMAL}), *network().populations.values()]
    )
    one, two = numbers(draw(network())), numbers(draw(more))
    assert all(np.array_equal(one[k], two[k]) for k in one)


RATES = ("800 Hz", "800*Hz + 700*Hz*sin(t/(20*ms))", "9*kHz*int(t >= 90*ms)")


@given(st.integers(1, 2600), st.integers(1, 2600), st.sampled_from(RATES))
@settings(max_examples=30)
def test_a_longer_run_begins_with_the_shorter(a: int, b: int, rate: str) -> None:
    short, long = sorted((a, b))
    noise = [Stimulus("noise", "poisson", size=20, rate=rate)]  # type: ignore[arg-type]
    one = draw(network(stimuli=noise), duration=short * 0.1).sources["noise"]
    two = draw(network(stimuli=noise), duration=long * 0.1).sources["noise"]
    assert one.steps is not None and two.steps is not None
    kept = two.steps <= short
    assert np.array_equal(one.steps, two.steps[kept])
    assert np.array_equal(one.senders, two.senders[kept])


def test_a_rate_may_be_anything_after_the_run() -> None:
    falling = [Stimulus("noise", "poisson", size=20, rate="800*Hz*(1 - t/(50*ms))")]
    assert draw(network(stimuli=falling), duration="50 ms").sources["noise"].steps is not None
    with pytest.raises(DefinitionError, match="negative"):
        draw(network(stimuli=falling), duration="51 ms")


def test_poisson_trains_have_their_rate() -> None:
    drawn = draw(network(), duration="20 s").sources["noise"]
    assert drawn.steps is not None
    expected = 20 * 20 * 800
    assert len(drawn.steps) == pytest.approx(expected, abs=5 * expected**0.5)
    assert drawn.steps.min() >= 1
    assert drawn.steps.max() <= drawn.steps.size
    assert np.all(np.diff(drawn.steps) >= 0)


def test_a_varying_rate_is_followed() -> None:
    stimulus = Stimulus("noise", "poisson", size=20, rate="1600*Hz*int(t >= 100*ms)")
    drawn = draw(network(stimuli=[stimulus]), duration="200 ms").sources["noise"]
    assert drawn.steps is not None
    assert drawn.steps.min() > 1000
    assert len(drawn.steps) == pytest.approx(20 * 160, rel=0.1)


def test_random_delays_lie_on_the_grid() -> None:
    for dt in (0.1, 0.05, 0.25):
        delays = np.asarray(draw(network(), dt=dt, duration=5.0).projections["in"].delays)
        assert delays.dtype.kind == "i"
        random = np.asarray(draw(network(), dt=dt, duration=5.0).projections["EE"].delays)
        assert random.min() >= 1
        assert random.max() <= round(5.0 / dt)


@pytest.mark.parametrize("delay", ["0.3 ms", "0.7 ms", "1.1 ms", "2.9 ms"])
def test_decimal_delays_count_as_on_the_grid(delay: str) -> None:
    edge = Projection("EE", "E", "E", "exc", "all_to_all", "1 pA", delay)
    drawn = draw(network(projections=[edge]))
    assert drawn.projections["EE"].delays == round(float(delay.split(maxsplit=1)[0]) * 10)


def test_the_error_names_both_neighbours() -> None:
    edge = Projection("EE", "E", "E", "exc", "all_to_all", "1 pA", "1.25 ms")
    with pytest.raises(DefinitionError, match=r"nearest are 1\.2 ms and 1\.3 ms"):
        draw(network(projections=[edge]))


def test_phases_change_parameters_and_what_follows_from_them() -> None:
    cells = Population("E", LIF, 20, {"tau_exc": "tau_m/4"})
    phases = (Phase("10 ms", {"E.tau_m": "40 ms"}), Phase("5 ms", {"EE.weight": "2*weight"}))  # type: ignore[arg-type, dict-item]
    drawn = draw(network(populations=[cells], phases=phases), duration="20 ms")
    changes = {(c.step, c.owner, c.key): c.value for c in drawn.changes}
    assert changes == {
        (50, "EE", "weight"): 20.0,
        (100, "E", "tau_m"): 40.0,
        (100, "E", "tau_exc"): 10.0,
    }


def test_a_phase_at_time_zero_holds_from_the_beginning() -> None:
    changes = {"E.tau_m": "40 ms", "EE.weight": "2*weight"}
    drawn = draw(network(phases=(Phase("0 ms", changes),)))  # type: ignore[arg-type]
    assert drawn.changes == ()
    assert drawn.populations["E"].parameters["tau_m"] == 40.0
    assert drawn.projections["EE"].weights == 20.0
    before = draw(network()).populations["E"].initial["V"]
    assert np.array_equal(drawn.populations["E"].initial["V"], before)


def test_phases_of_stimuli_are_drawn_into_them() -> None:
    phases = (Phase("100 ms", {"noise.rate": "0 Hz"}),)  # type: ignore[arg-type, dict-item]
    drawn = draw(network(phases=phases), duration="200 ms").sources["noise"]
    assert drawn.steps is not None
    assert 900 < drawn.steps.max() <= 1000


def test_currents_hold_between_start_and_stop() -> None:
    step = Stimulus("step", "current", "E", "I_ext", amplitude="5 pA", start="1 ms", stop="2 ms")
    (current,) = draw(network(stimuli=[step], projections=[])).currents
    assert current.steps.tolist() == [0, 10, 20]
    assert current.values.tolist() == [0.0, 5.0, 0.0]


def test_currents_of_time_are_sampled_every_step() -> None:
    wave = Stimulus("wave", "current", "E", "I_ext", amplitude="5*pA*sin(2*pi*t/(10*ms))")
    (current,) = draw(network(stimuli=[wave], projections=[]), duration="10 ms").currents
    assert current.values == pytest.approx(5 * np.sin(2 * np.pi * np.arange(100) / 100), abs=1e-12)


def test_spike_times_are_sorted_and_cut() -> None:
    train = Stimulus("noise", "spikes", trains=([3.0, 1.0], [2.0, 99.0], *([] for _ in range(18))))  # type: ignore[arg-type]
    drawn = draw(network(stimuli=[train]), duration="5 ms").sources["noise"]
    assert drawn.steps is not None and drawn.senders is not None
    assert drawn.steps.tolist() == [10, 20, 30]
    assert drawn.senders.tolist() == [0, 1, 0]


def test_frozen_noise_is_the_same_path_at_any_length() -> None:
    noisy = Network([Population("E", load("neurons/lif_noisy"), 3)])
    one = draw(noisy, duration="150 ms", frozen_noise=True).currents[0].values
    two = draw(noisy, duration="20 ms", frozen_noise=True).currents[0].values
    assert np.array_equal(one[:200], two)
    assert one.std() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("value", ["weight", "delay"])
def test_a_native_projection_takes_one_weight_and_one_delay(value: str) -> None:
    given: dict[str, Any] = {"weight": "10 pA", "delay": "1 ms"}
    given[value] = {"weight": {**NORMAL, "mean": "9 pA", "std": "1 pA"}, "delay": DELAYS}[value]
    edge = Projection("EE", "E", "E", "exc", "all_to_all", native=True, **given)
    with pytest.raises(DefinitionError, match=f"one {value}"):
        draw(network(projections=[edge]))


def test_a_parameter_may_be_given_by_the_networks_own_of_the_same_name() -> None:
    neuron = Neuron(equations="dV/dt = -V/tau : 1", parameters={"tau": "10 ms"}, name="leak")
    cells = Population("cells", neuron, 2, {"tau": "tau"})
    network = Network(populations=[cells], parameters={"tau": "7 ms"})
    assert draw(network).populations["cells"].parameters["tau"] == 7.0
