"""Networks inside networks: names, parameters, random streams, identity, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge import Area, DefinitionError, Network, Phase, Population, Projection, load
from spikebridge.cli.card import card, card_text
from spikebridge.definition.describe import to_latex, to_markdown
from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork
from spikebridge.definition.dump import dumps
from spikebridge.definition.library import from_dict, loads
from spikebridge.definition.model import Neuron

CELL = Neuron(
    "tau*dV/dt = -V + sqrt(2*tau)*xi*mV : mV",
    {"tau": "20 ms", "theta": "10 mV"},
    ports={"in": {"unit": "mV", "receive": "V += weight"}},  # type: ignore[dict-item]
    spike={"condition": "V > theta", "effects": "V = 0"},  # type: ignore[arg-type]
    name="cell",
)
AREA = """
kind = "network"
title = "One area"
[parameters]
n = 4
J = "0.5 mV"
tau = "10 ms"
N = "2*n"
d = {distribution = "uniform", low = "1 ms", high = "3 ms"}
[variants.large]
n = 8
[populations.E]
neuron = "neurons/lif_delta"
size = "N"
parameters = {tau_m = "tau*(1 + i/N)"}
initial = {V = {distribution = "uniform", low = "0 mV", high = "20 mV"}}
[projections.EE]
pre = "E"
post = "E"
port = "spikes"
rule = {kind = "fixed_indegree", indegree = "n"}
weight = "2*J"
delay = "d"
[projections.drive]
pre = "noise"
post = "E"
port = "spikes"
rule = "one_to_one"
weight = "J"
delay = "1 ms"
[stimuli.noise]
kind = "poisson"
size = "N"
rate = "10*Hz*n*(1 + sin(t/(5*ms)))"
[stimuli.pulses]
kind = "regular"
size = "n"
rate = "10*Hz*(1 + i/N)"
[recordings.E]
population = "E"
variables = ["V"]
[[phases]]
at = "5 ms"
changes = {"E.tau_m" = "2*tau", "EE.weight" = "weight + J", "noise.rate" = "n*5*Hz"}
[run]
duration = "20 ms"
"""
OUTER: dict[str, Any] = {
    "kind": "network",
    "name": "outer",
    "parameters": {"n": 3, "J_big": "4 mV"},
    "include": {
        "V1": {"network": "area", "parameters": {"n": "2*n", "J": "J_big/2"}},
        "V2": {"network": "area", "variant": "large"},
    },
    "projections": {
        "V1_V2": {
            "pre": "V1.E",
            "post": "V2.E",
            "port": "spikes",
            "rule": "all_to_all",
            "weight": "J_big",
            "delay": "2 ms",
        }
    },
    "recordings": {"early": {"population": "V1.E", "variables": ["V"], "units": 2}},
    "phases": [{"at": "10 ms", "changes": {"V2.E.tau_m": "30 ms", "V1.EE.weight": "0 mV"}}],
    "run": {"duration": "20 ms", "seed": 5},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "area.toml").write_text(AREA, encoding="utf-8")
    return tmp_path


def outer(folder: Path, **changes: Any) -> Network:
    found = from_dict({**OUTER, **changes}, folder=folder)
    assert isinstance(found, Network)
    return found


def same(a: DrawnNetwork, b: DrawnNetwork, old: str, new: str) -> None:
    """What is drawn for item ``old`` of ``a`` and ``new`` of ``b``."""
    p, q = a.projections[f"{old}.EE"], b.projections[f"{new}.EE"]
    for one, other in (
        (a.populations[f"{old}.E"].initial["V"], b.populations[f"{new}.E"].initial["V"]),
        (p.sources, q.sources),
        (p.delays, q.delays),
        (a.sources[f"{old}.noise"].steps, b.sources[f"{new}.noise"].steps),
    ):
        np.testing.assert_array_equal(one, other)


def test_items_stand_under_the_name_of_their_area(folder: Path) -> None:
    whole = outer(folder).whole
    assert list(whole.populations) == ["V1.E", "V2.E"]
    assert list(whole.projections) == ["V1.EE", "V1.drive", "V2.EE", "V2.drive", "V1_V2"]
    assert list(whole.stimuli) == ["V1.noise", "V1.pulses", "V2.noise", "V2.pulses"]
    assert list(whole.recordings) == ["V1.E", "V2.E", "early"]
    assert whole.projections["V1.drive"].pre == "V1.noise"
    assert not whole.include
    assert whole.whole is whole


def test_parameters_come_from_the_outer_network_the_variant_or_the_area(folder: Path) -> None:
    drawn = draw(outer(folder))
    assert {n: p.size for n, p in drawn.populations.items()} == {"V1.E": 12, "V2.E": 16}
    assert drawn.parameters["V1.J"] == 2.0
    assert drawn.parameters["V2.J"] == 0.5
    assert drawn.projections["V1.EE"].weights == 4.0
    assert drawn.projections["V2.EE"].weights == 1.0
    i = np.arange(12)
    np.testing.assert_allclose(drawn.populations["V1.E"].parameters["tau_m"], 10 * (1 + i / 12))
    changed = draw(outer(folder).with_parameters(n=1, **{"V2.J": "3 mV"}))
    assert changed.populations["V1.E"].size == 4
    assert changed.projections["V2.EE"].weights == 6.0


def test_it_is_the_network_that_one_would_write_out(folder: Path) -> None:
    """Every number of the area alone, apart from what is random: another name, another stream."""
    alone, drawn = draw(load(folder / "area.toml")), draw(outer(folder, phases=[]))
    inner = draw(outer(folder, phases=[], parameters={"n": 2, "J_big": "1 mV"}))
    assert drawn.populations["V1.E"].size == 12
    assert inner.populations["V1.E"].size == alone.populations["E"].size
    one, other = alone.populations["E"].parameters, inner.populations["V1.E"].parameters
    assert one.keys() == other.keys()
    for name, number in one.items():
        np.testing.assert_array_equal(number, other[name])
    pulses = alone.sources["pulses"], inner.sources["V1.pulses"]
    np.testing.assert_array_equal(pulses[0].steps, pulses[1].steps)
    changes = [(c.step, f"V1.{c.owner}", c.key, c.value) for c in alone.changes]
    found = [(c.step, c.owner, c.key, c.value) for c in inner.changes if c.owner[:2] == "V1"]
    assert [c[:3] for c in changes] == [c[:3] for c in found]
    for one_, other_ in zip(changes, found, strict=True):
        np.testing.assert_array_equal(one_[3], other_[3])


def test_the_draws_of_an_area_depend_on_its_name_alone(folder: Path) -> None:
    both = draw(outer(folder))
    lone = {"V1": OUTER["include"]["V1"]}
    one = draw(outer(folder, include=lone, projections={}, phases=[]))
    same(both, one, "V1", "V1")
    twins = {name: {"network": "area"} for name in ("A", "B")}
    twin = draw(outer(folder, include=twins, projections={}, recordings={}, phases=[]))
    with pytest.raises(AssertionError):
        same(twin, twin, "A", "B")
    noisy = Network(populations=[Population("E", CELL, 2)])  # type: ignore[arg-type]
    areas = [Area("A", noisy), Area("B", noisy)]
    found = draw(Network(include=areas, duration="1 ms"), frozen_noise=True)  # type: ignore[arg-type]
    a, b = (c.values for c in found.currents)
    assert not np.array_equal(a, b)


def test_a_random_weight_of_a_phase_has_a_stream_of_its_own(folder: Path) -> None:
    random = {"distribution": "normal", "mean": "1 mV", "std": "0.1 mV"}
    phase = {"at": "12 ms", "changes": {"V1.EE.weight": random}}
    alone = draw(outer(folder, phases=[phase]))
    with_others = draw(
        outer(folder, phases=[{"at": "1 ms", "changes": {"V2.E.tau_m": "9 ms"}}, phase])
    )
    a, b = ([c.value for c in d.changes if c.owner == "V1.EE"][-1] for d in (alone, with_others))
    np.testing.assert_array_equal(a, b)


def test_phases_act_in_the_order_of_their_times(folder: Path) -> None:
    """Times may be expressions, so that the order is known only once they are numbers."""
    given = {"t_late": "15 ms", **OUTER["parameters"]}
    late = {"at": "t_late", "changes": {"V1.EE.weight": "3*weight"}}
    first = {"at": "10 ms", "changes": {"V1.EE.weight": "1 mV"}}
    drawn = draw(outer(folder, parameters=given, phases=[late, first]))
    found = [(c.step, c.value) for c in drawn.changes if c.owner == "V1.EE"]
    assert found == [(50, 6.0), (100, 1.0), (150, 3.0)]


def test_areas_contain_areas(folder: Path) -> None:
    (folder / "outer.toml").write_text(dumps(outer(folder)), encoding="utf-8")
    include = {"L": {"network": "outer", "parameters": {"n": "k", "V2.J": "J_0"}}}
    nested = from_dict(
        {"kind": "network", "parameters": {"k": 2, "J_0": "7 mV"}, "include": include},
        folder=folder,
    )
    drawn = draw(nested)  # type: ignore[arg-type]
    assert {n: p.size for n, p in drawn.populations.items()} == {"L.V1.E": 8, "L.V2.E": 16}
    assert drawn.projections["L.V2.EE"].weights == 14.0
    assert drawn.parameters["L.V1.n"] == 4.0
    assert drawn.projections["L.V1_V2"].pre == "L.V1.E"
    assert {c.owner for c in drawn.changes if c.step == 100} == {"L.V2.E", "L.V1.EE"}
    assert loads(dumps(nested)) == nested
    assert nested.with_parameters(**{"L.V1.J": "1 mV"}) != nested  # type: ignore[union-attr]


def test_toml_and_python_are_the_same(folder: Path) -> None:
    network = outer(folder)
    again = loads(dumps(network))
    assert again == network
    assert isinstance(again, Network)
    assert again.include["V2"].variant == "large"
    area = load(folder / "area.toml")
    written = Network(
        include=[
            Area("V1", area, {"n": "2*n", "J": "J_big/2"}),  # type: ignore[dict-item]
            Area("V2", area, variant="large"),
        ],  # type: ignore[arg-type]
        parameters={"n": 3, "J_big": "4 mV"},  # type: ignore[dict-item]
        projections=[Projection("V1_V2", "V1.E", "V2.E", "spikes", "all_to_all", "J_big", "2 ms")],  # type: ignore[arg-type]
        recordings=network.recordings,
        phases=(Phase("10 ms", {"V2.E.tau_m": "30 ms", "V1.EE.weight": "0 mV"}),),  # type: ignore[arg-type, dict-item]
        seed=5,
    )
    assert written == network


def test_identity_is_that_of_the_whole(folder: Path) -> None:
    network = outer(folder)
    assert network == network.whole
    assert network.with_parameters(**{"V1.tau": "11 ms"}) != network
    assert network.with_parameters(**{"V1.J": "2 mV"}) != network  # an expression until now
    assert network.replace(title="x") == network
    native = load(network, native=True)
    assert native.whole.projections["V1.EE"].native
    assert native.whole.stimuli["V2.noise"].draw == "native"


def test_people_read_the_names_of_areas(folder: Path) -> None:
    text = to_markdown(outer(folder))
    assert "| Areas | V1: One area; V2: One area (variant large) |" in text
    assert "| V1.EE | V1.E | V1.E (spikes) |" in text
    assert r"$2\,{J}^{\mathrm{V1}}$" in text
    assert r"| V1.J | $\frac{J_{\mathrm{big}}}{2}$ |" in text
    assert "__" not in text
    assert to_latex(outer(folder)).count("align") == 2
    shown = card_text(card(outer(folder)))
    assert "areas:" in shown
    assert "variant: large" in shown


def refused(folder: Path, match: str, **changes: Any) -> None:
    with pytest.raises(DefinitionError, match=match):
        outer(folder, **changes)


def include(**changes: Any) -> dict[str, Any]:
    return {**OUTER["include"], "V1": {**OUTER["include"]["V1"], **changes}}


def test_wrong_areas_are_refused(folder: Path) -> None:
    extra = {"V1": {"neuron": "neurons/lif_delta", "size": 1}}
    refused(
        folder, "outer, at `V1`: 'V1' names an area and one of the populations", populations=extra
    )
    clash = {"V1.E": {"neuron": "neurons/lif_delta", "size": 1}}
    refused(folder, "'V1.E' is one of the network's own", populations=clash)
    both = {**OUTER["parameters"], "V1__J": 1}
    refused(folder, "parameter 'V1__J' is one of the network's own", parameters=both)
    refused(
        folder,
        "outer.V1, at `network`.*there is no model|cannot read",
        include=include(network="nowhere"),
    )
    refused(
        folder, "includes neurons/lif_delta, a neuron", include=include(network="neurons/lif_delta")
    )
    refused(folder, "no variant 'huge'; known are large", include=include(variant="huge"))
    refused(
        folder, "outer.V1.*unknown key 'm'.*known are n, J", include=include(parameters={"m": 1})
    )
    refused(folder, "area V1 has no network", include={"V1": {}})
    refused(folder, "unknown key 'net'", include={"V1": {"net": "area"}})
    refused(folder, "cannot be called 'V__1'", include={"V__1": {"network": "area"}})
    refused(folder, "cannot be called 'V.1'", include={"V.1": {"network": "area"}})


def test_wrong_values_of_areas_are_refused(folder: Path) -> None:
    refused(folder, "'k'", include=include(parameters={"n": "2*k"}))
    refused(folder, "V1.EE.weight has the unit ms", include=include(parameters={"J": "3 ms"}))
    lost = {"V1_V2": {**OUTER["projections"]["V1_V2"], "post": "V3.E"}}
    refused(folder, "population 'V3.E', which does not exist; did you mean V", projections=lost)
    wrong = [{"at": "1 ms", "changes": {"V1.F.tau_m": "1 ms"}}]
    refused(folder, "names the item 'V1.F'", phases=wrong)
    circle = include(parameters={"J": "J_big/2", "n": "n*q"})
    refused(folder, "'q'|`q`", include=circle)
    with pytest.raises(DefinitionError, match=r"unknown key 'V1.m'.*known are n, J_big, V1.n"):
        outer(folder).with_parameters(**{"V1.m": 3})


def test_an_area_name_used_twice(folder: Path) -> None:
    area = load(folder / "area.toml")
    with pytest.raises(DefinitionError, match="same name"):
        Network(include=[Area("V1", area), Area("V1", area)])  # type: ignore[arg-type]
    text = 'kind = "network"\n[include.V1]\nnetwork = "area"\n[include.V1]\nnetwork = "area"\n'
    with pytest.raises(DefinitionError, match=r"Cannot declare.*V1.*twice.*area.*used once"):
        loads(text, name="twice", folder=folder)


def test_a_network_cannot_include_itself(folder: Path) -> None:
    head = 'kind = "network"\n[include.A]\nnetwork = '
    (folder / "self.toml").write_text(f'{head}"self"\n', encoding="utf-8")
    with pytest.raises(
        DefinitionError, match=r"self includes itself; .*cannot be a part of itself"
    ):
        load(folder / "self.toml")
    (folder / "a.toml").write_text(f'{head}"b"\n', encoding="utf-8")
    (folder / "b.toml").write_text(f'{head}"a"\n', encoding="utf-8")
    with pytest.raises(DefinitionError, match="a includes itself through b"):
        load(folder / "a.toml")
