"""Merging moves indices and changes no trajectory."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork
from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.definition.network import Network, Population, Projection
from spikebridge.passes import merge_projections
from spikebridge.passes.lump import lump
from spikebridge.passes.merge import merge
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.reference import Reference


def run(network: DrawnNetwork) -> Columns:
    reference = Reference()
    return reference.run(reference.prepare(network, Options()))


def network(name: str) -> Network:
    found: Network = load(f"networks/{name}")
    return found.with_parameters(order=50) if name == "brunel2000" else found


@pytest.mark.parametrize("name", ["cuba", "coba", "brunel2000", "coupled_lif"])
def test_the_merged_network_spikes_as_the_original(name: str) -> None:
    original = lump(draw(network(name), duration="60 ms"))
    merged = merge(original)
    before, after = run(original), run(merged.network)
    assert len(merged.network.populations) == 1
    total = 0
    for name_, part in merged.parts.items():
        spikes = after.spikes[part.whole]
        mine = (spikes.senders >= part.start) & (spikes.senders < part.stop)
        assert np.array_equal(spikes.times[mine], before.spikes[name_].times)
        assert np.array_equal(spikes.senders[mine] - part.start, before.spikes[name_].senders)
        total += int(mine.sum())
    assert total == sum(len(s) for s in before.spikes.values()) > 0


def test_projections_of_one_kind_are_joined() -> None:
    merged = merge(lump(draw(network("cuba"), duration="1 ms"))).network
    assert sorted(p.port for p in merged.projections.values()) == ["exc", "inh"]


def test_weights_that_differ_become_one_per_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = lump(draw(network("coupled_lif"), duration="1 ms"))
    (joined,) = merge(drawn).network.projections.values()
    before = list(drawn.projections.values())
    assert len(before) == 4
    assert joined.weights.shape == joined.sources.shape
    assert joined.weights.sum() == sum(p.weights * len(p.sources) for p in before)
    monkeypatch.setattr(merge_projections, "_FEW", 1000)
    kept = merge(drawn).network.projections.values()
    assert sorted(p.weights for p in kept) == sorted({p.weights for p in before})


def test_synapses_with_other_numbers_stay_apart() -> None:
    """Equal weights and one definition, but another parameter in each projection."""
    scaled = Synapse(name="scaled", coupling="weight*k*r_pre", parameters={"k": 1.0})  # type: ignore[arg-type]
    paths = [
        Projection(
            f"p{k}", "A", "A", "x_syn", "all_to_all", 0.5, "0 ms", scaled, parameters={"k": k}
        )  # type: ignore[arg-type, dict-item]
        for k in (1.0, -3.0)
    ]
    units = Population("A", load("rates/rate"), 3, initial={"r": 0.4})  # type: ignore[arg-type, dict-item]
    net = Network(populations=[units], projections=paths, duration="1 ms")  # type: ignore[arg-type]
    assert len(merge(lump(draw(net))).network.projections) == 2


def test_native_projections_keep_their_parts() -> None:
    merged = merge(lump(draw(network("cuba").native(), duration="1 ms"))).network
    parts = {(p.pre_part, p.post_part) for p in merged.projections.values()}
    assert parts == {((0, 3200), (0, 4000)), ((3200, 4000), (0, 4000))}


def test_populations_with_other_numbers_stay_apart() -> None:
    cuba = network("cuba")
    inhibitory = cuba.populations["I"]
    from dataclasses import replace

    other = replace(inhibitory, parameters={**inhibitory.parameters, "tau_m": "19 ms"})
    changed = cuba.replace(populations={**cuba.populations, "I": other})
    assert len(merge(lump(draw(changed, duration="1 ms"))).network.populations) == 2
