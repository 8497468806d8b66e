"""Our synapses as synapse types, on pyNN.nest, on pyNN.brian2 and in our own scripts."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge.definition.library import load
from spikebridge.installed import version_of

needed = [n for n in ("PyNN", "nest-simulator") if version_of(n) is None]
pytestmark = pytest.mark.skipif(bool(needed), reason=f"{', '.join(needed)} not installed")
needs_brian2 = pytest.mark.skipif(version_of("brian2") is None, reason="brian2 not installed")
full = pytest.mark.skipif(not os.environ.get("SPIKEBRIDGE_FULL"), reason="repeats others")


def nest() -> Any:
    path = os.environ["PATH"]
    os.environ["PATH"] = ""
    try:
        import pyNN.nest as module
    finally:
        os.environ["PATH"] = path
    return module


def triplets(sim: Any, **chosen: Any) -> tuple[list[np.ndarray], np.ndarray, Any]:
    """Two cells that are kicked, behind triplet synapses of two projections."""
    from spikebridge.pynn import synapse_type

    sim.setup(timestep=0.1, min_delay=0.1, **chosen)
    Triplet = synapse_type("synapses/stdp_triplet", sim)
    times = [np.arange(5.0, 190.0, 12.0) - 1e-6, np.arange(8.0, 190.0, 17.5) - 1e-6]
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    kick = sim.Population(
        1, sim.SpikeSourceArray(spike_times=np.round(np.arange(9.0, 190.0, 14.3), 1) - 1e-6)
    )
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0))
    strong = sim.StaticSynapse(weight=6.0, delay=1.0)
    sim.Projection(kick, cells, sim.AllToAllConnector(), strong)
    wires = sim.Projection(source, cells, sim.AllToAllConnector(), Triplet(weight=0.8, delay=1.5))
    other = Triplet(weight=0.2, delay=0.7, tau_plus=9.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), other)
    cells.record(["spikes", "v"])
    sim.run(200.0)
    segment = cells.get_data().segments[0]
    spikes = [np.rint(np.asarray(t) * 10) for t in segment.spiketrains]
    return spikes, np.asarray(segment.analogsignals[0]), wires


@pytest.mark.slow
def test_agrees_with_our_own_run() -> None:
    import spikebridge.pynn

    theirs, v, wires = triplets(nest(), spike_precision="on_grid")
    ours, w, same = triplets(spikebridge.pynn, backend="reference")
    assert sum(len(t) for t in ours) > 10
    assert all(np.array_equal(a, b) for a, b in zip(theirs, ours, strict=True))
    assert np.abs(v - w).max() < 1e-9
    moved = same.get("w", "array")
    assert np.ptp(moved) > 1e-3
    assert wires.get("w", "array") == pytest.approx(moved, rel=1e-9)


def chosen_synapse(
    sim: Any, name: str, delay_at: Any, late: float, **chosen: Any
) -> tuple[list[np.ndarray], np.ndarray, Any]:
    """Two cells that are kicked, behind two projections beside a static one.

    ``late``: ms by which the simulator's labels come before the contract's.
    """
    from spikebridge.pynn import synapse_type

    sim.setup(timestep=0.1, min_delay=0.1, **chosen)
    synapse = replace(load(name), delay_at=delay_at)
    Kind = synapse_type(synapse, sim)

    def at(*range_: float) -> np.ndarray:
        return np.round(np.arange(*range_) - late, 1) - (0.0 if late else 1e-6)

    source = sim.Population(
        2, sim.SpikeSourceArray(spike_times=[at(5.0, 55.0, 6.0), at(8.0, 55.0, 8.5)])
    )
    kick = sim.Population(2, sim.SpikeSourceArray(spike_times=[at(9.0, 55.0, 14.3)] * 2))
    cells = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0 + late))
    strong = sim.StaticSynapse(weight=6.0, delay=1.0)
    sim.Projection(kick, cells, sim.OneToOneConnector(), strong)
    wires = sim.Projection(source, cells, sim.AllToAllConnector(), Kind(weight=0.8, delay=1.5))
    other = Kind(weight=0.2, delay=0.7, **{"tau_plus": 9.0} if "stdp" in name else {"tau_d": 60.0})
    sim.Projection(source, cells, sim.AllToAllConnector(), other)
    cells.record(["spikes", "v"])
    sim.run(60.0)
    segment = cells.get_data().segments[0]
    spikes = [np.rint((np.asarray(t) + late) * 10) for t in segment.spiketrains]
    return spikes, np.asarray(segment.analogsignals[0]), wires


@needs_brian2
@pytest.mark.parametrize(
    ("name", "delay_at"),
    [
        ("stdp_triplet", "dendritic"),
        ("stdp_pair", "axonal"),
        pytest.param("stdp_pair", 0.4, marks=full),
        pytest.param("tsodyks_markram", "dendritic", marks=full),
    ],
)
def test_on_brian2_as_on_the_reference(name: str, delay_at: Any) -> None:
    """PyNN's labels come a step earlier there; all else is equal, delays on both sides too."""
    import brian2
    import pyNN.brian2

    import spikebridge.pynn

    brian2.prefs.codegen.target = "numpy"
    which = (f"synapses/{name}", delay_at)
    theirs, v, wires = chosen_synapse(pyNN.brian2, *which, 0.1)
    ours, w, same = chosen_synapse(spikebridge.pynn, *which, 0.0, backend="reference")
    assert sum(len(t) for t in ours) > 5
    assert all(np.array_equal(a, b) for a, b in zip(theirs, ours, strict=True))
    assert np.abs(v - w).max() < 1e-9
    assert wires.get("weight", "array") == pytest.approx(np.full((2, 2), 0.8))
    if "stdp" in name:
        moved = same.get("w", "array")
        assert np.ptp(moved) > 1e-3
        assert wires.get("w", "array") == pytest.approx(moved, rel=1e-9)


@needs_brian2
def test_errors_on_brian2_are_pynns() -> None:
    import pyNN.brian2 as sim
    from pyNN.errors import NonExistentParameterError

    from spikebridge.errors import Unsupported
    from spikebridge.pynn import synapse_type

    sim.setup(timestep=0.1, min_delay=0.1)
    Pair = synapse_type("synapses/stdp_pair", sim)
    with pytest.raises(NonExistentParameterError):
        Pair(tau=3.0)
    with pytest.raises(Unsupported, match="cannot be a synapse type"):
        synapse_type("synapses/clopath", sim)
    cells = sim.Population(2, sim.IF_curr_exp())
    wires = sim.Projection(cells, cells, sim.OneToOneConnector(), Pair(weight=0.3, delay=1.0))
    assert wires.get("w", "list", with_address=False) == [0.5, 0.5]
    wires.initialize(w=0.25)
    assert wires.get("w", "list", with_address=False) == [0.25, 0.25]


def test_parameters_count() -> None:
    import spikebridge.pynn as sim

    sim.setup(timestep=0.1, backend="reference")
    Pair = sim.synapse_type("synapses/stdp_pair", sim)
    parameters, initial = Pair.described.numbers({"A_plus": 0.2, "tau_plus": 9.0})
    assert parameters["tau_plus"] == 9.0
    assert parameters["A_minus"] == pytest.approx(1.05 * 0.2)
    assert initial["w"] == 0.5


def test_a_state_has_its_first_value_before_a_run() -> None:
    import spikebridge.pynn as sim

    sim.setup(timestep=0.1, backend="reference")
    Pair = sim.synapse_type("synapses/stdp_pair", sim)
    cells = sim.Population(2, sim.IF_curr_exp())
    wires = sim.Projection(cells, cells, sim.OneToOneConnector(), Pair(weight=0.3, delay=1.0))
    assert wires.get("w", "list") == [(0, 0, 0.5), (1, 1, 0.5)]
    wires.initialize(w=0.25)
    assert wires.get("w", "list", with_address=False) == [0.25, 0.25]


def test_what_cannot_be_a_synapse_type_says_why() -> None:
    import spikebridge.pynn as sim
    from spikebridge.errors import DefinitionError, Unsupported

    with pytest.raises(DefinitionError, match="no synapse with states"):
        sim.synapse_type("synapses/static", sim)
    with pytest.raises(DefinitionError, match="no synapse with states"):
        sim.synapse_type("neurons/lif", sim)
    with pytest.raises(Unsupported, match="third factor"):
        sim.synapse_type("synapses/eligibility", sim)
    with pytest.raises(Unsupported, match="not on numpy"):
        sim.synapse_type("synapses/stdp_pair", np)
