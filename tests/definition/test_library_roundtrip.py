"""TOML text and objects hold the same thing: both ways without loss."""

from __future__ import annotations

import tomllib
from pathlib import Path
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
    Recording,
    Stimulus,
    load,
)
from spikebridge.definition.draw import draw
from spikebridge.definition.dump import dumps, to_dict
from spikebridge.definition.library import from_dict, loads, names

CELL = Neuron(
    "tau*dV/dt = -V + R*I : mV", {"tau": "20 ms", "R": "0.1 GOhm"}, ports={"I": {"unit": "pA"}}
)  # type: ignore[dict-item]


@pytest.mark.parametrize("name", names())
def test_every_library_model_survives(name: str) -> None:
    model = load(name)
    text = dumps(model)
    again = loads(text, name=name)
    assert again == model
    assert again.hash == model.hash
    assert (again.title, again.description, dict(again.source)) == (
        model.title,
        model.description,
        dict(model.source),
    )
    assert dumps(again) == text
    assert from_dict(to_dict(model)) == model


@pytest.mark.parametrize("name", names())
def test_every_library_file_says_what_it_is(name: str) -> None:
    model = load(name)
    assert model.title
    assert model.description
    assert {"reference", "equation"} <= set(model.source)


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
units = st.sampled_from(["ms", "s", "us"])


@given(st.floats(1e-6, 1e6), units, st.lists(finite, min_size=3, max_size=3))
@settings(max_examples=50)
def test_values_survive_to_the_last_bit(tau: float, unit: str, voltages: list[float]) -> None:
    cells = Population("E", CELL, 3, {"tau": f"{tau!r} {unit}"}, {"V": np.array(voltages) * 1.0})
    if not any(voltages):
        return
    with pytest.raises(DefinitionError):
        Network([cells])  # plain numbers are no voltages
    texts = [f"{v!r} mV" for v in voltages]
    network = Network([Population("E", CELL, 3, {"tau": f"{tau!r} {unit}"}, {"V": texts})])  # type: ignore[dict-item, arg-type]
    again = loads(dumps(network))
    assert again == network
    a, b = draw(network).populations["E"], draw(again).populations["E"]
    assert a.parameters["tau"] == b.parameters["tau"]
    assert np.array_equal(a.initial["V"], b.initial["V"])
    assert np.array_equal(a.initial["V"], voltages)


def everything() -> Network:
    """A network that uses each form of a value."""
    cell = load("neurons/lif_current")
    normal = {"distribution": "normal", "mean": "-60 mV", "std": "2 mV"}
    lognormal = {"distribution": "lognormal", "mu": 0.5, "sigma": 0.2, "scale": "1 pA"}
    uniform = {"distribution": "uniform", "low": "0.5 ms", "high": "3 ms"}
    pairs = {"kind": "pairwise_list", "sources": np.array([0, 1]), "targets": np.array([2, 0])}
    every = {"kind": "all_to_all", "autapses": False}
    values: Any = {"times": ["1 ms", "2 ms"], "values": ["3 pA", "0 pA"]}
    rate: Any = "5*Hz*(1 + sin(t/ms))"
    trains: Any = ([1.0, 2.5], [], [0.3])
    taus: Any = {"tau_m": ["19 ms", "20 ms", "21 ms"]}
    changes: Any = {"E.tau_m": "10 ms", "all.weight": "2*weight"}
    parts: Any = {
        "populations": [Population("E", cell, 3, taus, {"V": normal})],
        "projections": [
            Projection("list", "E", "E", "exc", pairs, ["1 pA", "2 pA"], uniform),
            Projection("all", "E", "E", "exc", every, lognormal, "1 ms"),
            Projection("native", "noise", "E", "exc", "one_to_one", "w", "1 ms", native=True),
        ],
        "stimuli": [
            Stimulus("noise", "poisson", size=3, rate=rate, draw="native"),
            Stimulus("train", "spikes", trains=trains),
            Stimulus("steps", "current", "E", "I_ext", units="0:2", **values),
        ],
        "recordings": [Recording("v", "E", ("V", "I_exc"), [0, 2], "0.5 ms")],
        "phases": (Phase("2 ms", changes),),
        "parameters": {"w": "3 pA"},
        "variants": {"weak": {"w": "1 pA"}},
    }
    run: Any = {"seed": 12, "scheme": "exact", "dt": "0.1 ms", "duration": "5 ms"}
    return Network(**parts, **run)


def test_every_form_of_a_value_survives() -> None:
    network = everything()
    text = dumps(network)
    tomllib.loads(text)
    again = loads(text)
    assert again == network
    assert dumps(again) == text
    one, two = draw(network), draw(again)
    for name, projection in one.projections.items():
        assert np.array_equal(projection.weights, two.projections[name].weights)
        assert np.array_equal(projection.delays, two.projections[name].delays)
    assert again.variant("weak") == network.variant("weak")


def test_files_beside_each_other(tmp_path: Path) -> None:
    (tmp_path / "cell.toml").write_text(dumps(CELL), encoding="utf-8")
    (tmp_path / "net.toml").write_text(
        'kind = "network"\n[populations.E]\nneuron = "cell"\nsize = 2\n', encoding="utf-8"
    )
    network = load(tmp_path / "net.toml")
    assert network.populations["E"].neuron == CELL
    assert load(str(tmp_path / "net.toml")) == network


def test_parameters_are_replaced_on_loading() -> None:
    assert str(load("neurons/lif", tau_m="10 ms").parameters["tau_m"]) == "10 ms"
    with pytest.raises(DefinitionError, match="unknown key 'tau_x'"):
        load("neurons/lif", tau_x="10 ms")
    assert load("networks/brunel2000", variant="SR", order=100) != load("networks/brunel2000")


def test_native_lets_the_simulators_draw() -> None:
    network = load("networks/brunel2000", variant="SR", native=True)
    assert all(p.native for p in network.projections.values() if p.rule["kind"] != "one_to_one")
    assert {s.draw for s in network.stimuli.values()} == {"native"}


def test_variants_of_a_neuron_are_sets_of_numbers() -> None:
    fast = Neuron(
        CELL.equations, CELL.parameters, ports=CELL.ports, variants={"fast": {"tau": "5 ms"}}
    )  # type: ignore[dict-item]
    assert fast == CELL, "what could be chosen is not what is computed"
    assert str(load(fast, variant="fast").parameters["tau"]) == "5 ms"
    assert load(fast, variant="fast") != CELL
    assert str(load(fast, variant="fast", tau="6 ms").parameters["tau"]) == "6 ms"
    again = loads(dumps(fast))
    assert again.variants == fast.variants
    assert dumps(again) == dumps(fast)
    with pytest.raises(DefinitionError, match=r"there is no variant 'slow'.*known are fast"):
        load(fast, variant="slow")


@pytest.mark.parametrize("name", [n for n in names() if n.startswith("synapses/")])
def test_variants_of_a_synapse_survive(name: str) -> None:
    synapse = load(name)
    again = loads(dumps(synapse), name=name)
    assert again.variants == synapse.variants
    for variant in synapse.variants:
        assert load(again, variant=variant) == load(name, variant=variant)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"tau_x": "5 ms"}, "the variant fast has the unknown key 'tau_x'"),
        ({"tau": "5 mV"}, "tau has the unit mV where ms is needed"),
    ],
)
def test_variants_are_checked(values: dict[str, str], error: str) -> None:
    with pytest.raises(DefinitionError, match=error):
        Neuron(CELL.equations, CELL.parameters, ports=CELL.ports, variants={"fast": values})  # type: ignore[dict-item]
