"""Networks as data: built from objects or tables, with parameters, variants and references."""

from __future__ import annotations

from typing import Any

import pytest

from spikebridge import (
    DefinitionError,
    Network,
    Neuron,
    Population,
    Projection,
    Recording,
    Stimulus,
    load,
)
from spikebridge.definition.draw import draw
from spikebridge.definition.dump import dumps
from spikebridge.definition.library import loads
from spikebridge.definition.rules import Rule

CELL = Neuron(
    "tau*dV/dt = -V : mV",
    {"tau": "20 ms", "theta": "10 mV"},
    ports={"in": {"unit": "mV", "receive": "V += weight"}},  # type: ignore[dict-item]
    spike={"condition": "V > theta", "effects": "V = 0"},  # type: ignore[arg-type]
    name="cell",
)


def network(**changes: Any) -> Network:
    given: dict[str, Any] = {
        "populations": [Population("E", CELL, "4*n"), Population("I", CELL, "n")],
        "projections": [
            Projection("EI", "E", "I", "in", {"kind": "fixed_indegree", "indegree": "n"}, "J", "d"),
            Projection("in", "drive", "E", "in", "one_to_one", "1 mV", "1 ms"),
        ],
        "stimuli": [Stimulus("drive", "poisson", size="4*n", rate="10 Hz")],
        "recordings": [Recording("v", "E", "V", units=2)],  # type: ignore[arg-type]
        "parameters": {"n": 5, "J": "0.1 mV", "d": "1.5 ms"},
        "variants": {"large": {"n": 50}},
        "name": "net",
    }
    return Network(**{**given, **changes})


def test_sequences_are_keyed_by_name() -> None:
    assert list(network().populations) == ["E", "I"]
    assert set(network().projections) == {"EI", "in"}


def test_two_of_one_name() -> None:
    with pytest.raises(DefinitionError, match="same name"):
        network(populations=[Population("E", CELL, 1), Population("E", CELL, 2)])


def test_expressions_of_parameters() -> None:
    drawn = draw(network())
    assert {n: p.size for n, p in drawn.populations.items()} == {"E": 20, "I": 5}
    assert drawn.projections["EI"].rule == Rule("fixed_indegree", indegree=5)
    assert drawn.projections["EI"].weights == 0.1
    assert drawn.projections["EI"].delays == 15


def test_parameters_and_variants() -> None:
    assert draw(network().variant("large")).populations["E"].size == 200
    assert draw(network().with_parameters(n=7)).populations["I"].size == 7
    assert load(network(), variant="large") == network().variant("large")
    with pytest.raises(DefinitionError, match="unknown key 'm'"):
        network().with_parameters(m=7)


def test_identity() -> None:
    assert network() == network(name="other", title="x", description="y")
    assert network().hash != network(seed=2).hash
    assert network().hash != network(parameters={"n": 5, "J": "0.2 mV", "d": "1.5 ms"}).hash
    assert network().replace(dt="100 us") == network()
    assert network().replace(duration="3 s") == network()


def test_population_parameters_may_use_units_and_indices() -> None:
    cells = Population("E", CELL, 4, {"tau": "10*ms + i*ms", "theta": "N*mV"})
    drawn = draw(network(populations=[cells], projections=[], stimuli=[]))
    assert drawn.populations["E"].parameters["tau"] == pytest.approx([10, 11, 12, 13])
    assert drawn.populations["E"].parameters["theta"] == 4.0


@pytest.mark.parametrize(
    ("name", "count"),
    [("networks/cuba", 4000), ("networks/coba", 4000), ("networks/brunel2000", 1000)],
)
def test_library_networks_have_their_published_size(name: str, count: int) -> None:
    drawn = draw(load(name), duration="1 ms")
    assert sum(p.size for p in drawn.populations.values()) == count


def test_a_projection_moves_its_delay() -> None:
    moved = Projection("p", "E", "I", "in", "all_to_all", "1 mV", "1 ms", delay_at="axonal")  # type: ignore[arg-type]
    assert moved.synapse.delay_at == "axonal"
    assert network(projections=[moved]) == loads(dumps(network(projections=[moved])))
    with pytest.raises(DefinitionError, match="delay_at"):
        Projection("p", "E", "I", "in", "all_to_all", "1 mV", "1 ms", delay_at="soma")  # type: ignore[arg-type]
