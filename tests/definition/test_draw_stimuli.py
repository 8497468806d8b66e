"""Stimuli on the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError
from spikebridge.definition.draw import draw
from spikebridge.definition.dump import dumps
from spikebridge.definition.library import load, loads
from spikebridge.definition.network import Network, Phase, Population, Stimulus


def network(**stimulus: Any) -> Network:
    cells = Population("cells", load("neurons/lif"), 3)  # type: ignore[arg-type]
    return Network(
        populations=[cells],  # type: ignore[arg-type]
        stimuli=[Stimulus("drive", "current", "cells", "I_ext", **stimulus)],  # type: ignore[arg-type]
        phases=(Phase("2 ms", {"drive.amplitude": "50 pA"}),),  # type: ignore[arg-type]
        duration="5 ms",  # type: ignore[arg-type]
    )


def test_one_value_per_unit_then_one_for_all() -> None:
    drawn = draw(network(amplitude=["1 pA", "2 pA", "3 pA"])).currents[0]
    assert drawn.steps.tolist() == [0, 20]
    assert drawn.values.tolist() == [[1, 2, 3], [50, 50, 50]]


def test_start_and_stop_bound_a_current_of_time() -> None:
    drawn = draw(network(amplitude="1*pA*t/ms", start="1 ms", stop="1.5 ms")).currents[0]
    full = np.zeros(50)
    for begin, end, value in zip(drawn.steps, [*drawn.steps[1:], 50], drawn.values, strict=True):
        full[begin:end] = value
    expected = np.where((np.arange(50) >= 10) & (np.arange(50) < 15), np.arange(50) * 0.1, 0.0)
    assert np.allclose(full, expected)


def poisson(rate: str = "100 Hz", **more: Any) -> Network:
    cells = Population("cells", load("neurons/lif"), 3)  # type: ignore[arg-type]
    stimulus = Stimulus("p", "poisson", size=200, rate=rate, **more)  # type: ignore[arg-type]
    return Network([cells], stimuli=[stimulus], duration="5 s")  # type: ignore[arg-type]


def test_trains_lie_between_start_and_stop() -> None:
    """Steps 1001 to 2000 of 5000: 200 trains of 100 Hz for 0.1 s."""
    drawn = draw(poisson(start="100 ms", stop="200 ms"), duration="500 ms").sources["p"]
    assert drawn.steps is not None
    assert (drawn.steps.min(), drawn.steps.max()) >= (1001, 1900)
    assert drawn.steps.max() <= 2000
    assert len(drawn.steps) == pytest.approx(2000, abs=200)


def test_a_rate_is_renewed_with_a_number_of_its_own() -> None:
    renewed = poisson("100*Hz + 10*Hz*xi", every="50 ms", draw="native", start="100 ms")
    drawn = draw(renewed).sources["p"]
    assert drawn.rate_steps is not None and drawn.rates is not None
    assert drawn.rate_steps[:4].tolist() == [0, 1000, 1500, 2000]
    assert drawn.rates[0] == 0
    numbers = (drawn.rates[1:] - 0.1) / 0.01
    assert len(np.unique(numbers)) == 98
    assert abs(numbers.mean()) < 0.4
    assert numbers.std() == pytest.approx(1, abs=0.3)
    short = draw(renewed, duration="300 ms").sources["p"]
    assert short.rates is not None
    assert np.array_equal(short.rates, drawn.rates[:5])
    assert loads(dumps(renewed)) == renewed


def test_a_rate_of_time_is_sampled_every_so_often() -> None:
    drawn = draw(poisson("1*kHz*t/s", every="1 s", draw="native")).sources["p"]
    assert drawn.rates is not None
    assert drawn.rates.tolist() == pytest.approx([0, 1, 2, 3, 4])


def test_a_phase_begins_a_new_stretch() -> None:
    base = poisson("100*Hz + 10*Hz*xi", every="200 ms", draw="native")
    phases = (Phase("1.1 s", {"p.rate": "0 Hz"}),)  # type: ignore[arg-type]
    drawn = draw(base.replace(phases=phases)).sources["p"]
    assert drawn.rate_steps is not None and drawn.rates is not None
    assert 11000 in drawn.rate_steps
    assert (drawn.rates[drawn.rate_steps >= 11000] == 0).all()


@pytest.mark.parametrize(
    ("rate", "more", "error"),
    [
        ("100*Hz*xi", {}, "random, but nothing says how long a value holds"),
        ("100 Hz", {"every": "0.25 ms"}, "every = 0.25 ms is not a positive multiple of dt"),
        ("10*Hz*xi", {"every": "50 ms"}, "the rate of p is negative or not finite"),
        ("100 Hz", {"every": "5 mV"}, "p.every has the unit mV where ms is needed"),
        ("100 Hz", {"start": "2 s", "stop": "1 s"}, "stops at 1000 ms, but starts at 2000 ms"),
    ],
)
def test_what_a_poisson_stimulus_cannot_be(rate: str, more: dict[str, str], error: str) -> None:
    with pytest.raises(DefinitionError, match=error):
        draw(poisson(rate, **more))


def test_only_poisson_rates_are_renewed() -> None:
    with pytest.raises(DefinitionError, match="it is no Poisson stimulus"):
        network(amplitude="1 pA", every="1 ms")
