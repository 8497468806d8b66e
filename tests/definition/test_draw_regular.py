"""Regular trains on the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError, Network, Population, Stimulus
from spikebridge.definition.draw import draw
from spikebridge.definition.dump import dumps
from spikebridge.definition.library import load, loads


def network(**given: Any) -> Network:
    return Network(
        populations=[Population("cells", load("neurons/lif"), 3)],  # type: ignore[arg-type]
        stimuli=[Stimulus("train", "regular", **{"size": 3, "rate": "100 Hz", **given})],  # type: ignore[arg-type]
        parameters={"f": "50 Hz"},  # type: ignore[dict-item]
        duration="100 ms",  # type: ignore[arg-type]
    )


def trains(**given: Any) -> list[list[float]]:
    """Spike times (ms) of each unit."""
    source = draw(network(**given)).sources["train"]
    assert source.steps is not None and source.senders is not None
    assert np.all(np.diff(source.steps) >= 0)
    return [(0.1 * source.steps[source.senders == u]).round(1).tolist() for u in range(3)]


def test_the_first_spike_comes_after_one_interval_and_the_last_with_the_end() -> None:
    assert trains() == [[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]] * 3


def test_rate_start_and_count_per_unit() -> None:
    found = trains(rate="f*(i + 1)", start="5*ms + i*1*ms", count="N - i")
    assert found == [[5, 25, 45], [6, 16], [7]]


def test_values_may_be_listed_and_a_rate_of_zero_is_silent() -> None:
    assert trains(rate=["0 Hz", "40 Hz", "20 Hz"]) == [[], [25, 50, 75, 100], [50, 100]]


def test_each_spike_is_rounded_by_itself() -> None:
    """30 Hz: the error of a step does not add up over the train."""
    found = trains(rate="30 Hz", start="1 ms")
    assert found[0] == [1, 34.3, 67.7]


def test_stop_is_the_last_time_that_counts() -> None:
    assert trains(start="10 ms", stop="30 ms")[0] == [10, 20, 30]
    assert trains(start="10 ms", stop="29.9 ms")[0] == [10, 20]
    assert trains(start="10 ms", stop="5 ms")[0] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rate": "-1 Hz"}, "negative"),
        ({"start": "0 ms"}, "before the first step"),
        ({"rate": ["1 Hz", "2 Hz"]}, "2 values for 3 trains"),
        ({"rate": "f/i"}, "not finite"),
        ({"rate": "10 ms"}, "unit"),
        ({"count": "5 ms"}, "unit"),
        ({"rate": None}, "size and rate"),
    ],
)
def test_what_cannot_be_is_said(given: dict[str, Any], words: str) -> None:
    with pytest.raises(DefinitionError, match=words) as caught:
        draw(network(**given))
    assert "train" in str(caught.value)


def test_the_definition_survives_a_file() -> None:
    again = network(start="5 ms", count="2*N", rate="f*i")
    assert loads(dumps(again)) == again
    assert again != network(start="5 ms", count="3*N", rate="f*i")
