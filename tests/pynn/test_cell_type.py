"""Our models as cell types of pyNN.nest and pyNN.brian2, beside PyNN's own cells."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge.installed import version_of

EXAMPLES = Path(__file__).parents[2] / "examples"
needed = [n for n in ("PyNN", "nest-simulator", "brian2") if version_of(n) is None]
pytestmark = pytest.mark.skipif(bool(needed), reason=f"{', '.join(needed)} not installed")


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("cell_type", EXAMPLES / "pynn_cell_type.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["nest", "brian2"])
def sim(request: pytest.FixtureRequest) -> Any:
    """PyNN's module; without the extensions of NEST that it would build with nest-config."""
    path = os.environ["PATH"]
    os.environ["PATH"] = ""
    try:
        if request.param == "nest":
            import pyNN.nest as module
        else:
            import brian2

            brian2.prefs.codegen.target = "numpy"
            import pyNN.brian2 as module
    finally:
        os.environ["PATH"] = path
    return module


@pytest.fixture(scope="module")
def cell(sim: Any, example: Any) -> Any:
    import spikebridge.pynn

    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
    return spikebridge.pynn.cell_type(example.ADAPTIVE_THRESHOLD, sim)


def test_spikes_agree_with_the_reference(example: Any, sim: Any) -> None:
    found = example.script(sim, example.LEAD[sim.__name__])
    assert min(len(t) for t in found["own"]) > 5
    assert min(len(t) for t in found["theirs"]) > 1
    assert example.differing(found["own"], example.by_reference()) == 0


def test_class_says_what_pynn_asks(cell: Any) -> None:
    assert cell.default_parameters["R_m"] == 50.0  # MOhm
    assert cell.default_parameters["tau_m"] == 15.0
    assert cell.default_initial_values == {"V": -65.0, "theta": -52.0, "I_syn": 0.0}
    assert cell.units["I_syn"] == "nA"
    assert cell.receptor_types == ("spikes",)
    assert cell.injectable
    assert not cell.conductance_based
    assert cell.has_parameter("jump")


def test_parameters_are_read_and_set_as_pynn_does(cell: Any, sim: Any) -> None:
    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
    ours = sim.Population(3, cell(tau_m=[12.0, 15.0, 20.0]))
    assert ours.get("tau_m").tolist() == [12.0, 15.0, 20.0]
    assert ours[1].tau_m == 15.0
    ours[1:3].set(tau_m=11.0, t_ref=3.0)
    ours[0].tau_m = 13.0
    assert ours.get("tau_m").tolist() == [13.0, 11.0, 11.0]
    assert ours.get("t_ref").tolist() == [2.0, 3.0, 3.0]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    synapse = sim.StaticSynapse(weight=0.35, delay=1.5)
    wires = sim.Projection(source, ours, sim.AllToAllConnector(), synapse)
    assert [w[2] for w in wires.get("weight", "list")] == pytest.approx([0.35] * 3)
    assert wires.receptor_type == "spikes"
    ours.initialize(V=np.array([-60.0, -61.0, -62.0]), I_syn=0.1)
    ours.record(["V", "I_syn"])
    sim.run(10.0)
    traces = {s.name: s for s in ours.get_data().segments[0].analogsignals}
    assert np.asarray(traces["V"])[0].tolist() == [-60.0, -61.0, -62.0]
    assert str(traces["I_syn"].units.dimensionality) == "nA"
    peak = np.asarray(traces["I_syn"]).max(axis=0)
    assert peak == pytest.approx(
        [0.35 + 0.1 * np.exp(-6.5 / 4.0)] * 3, rel=2e-3
    )  # labels of a step differ


def test_errors_are_pynns_own(cell: Any, sim: Any) -> None:
    from pyNN import errors

    sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
    ours = sim.Population(1, cell())
    with pytest.raises(errors.NonExistentParameterError, match="valid parameters"):
        cell(tau=3.0)
    with pytest.raises(errors.NonExistentParameterError):
        ours.set(tau=3.0)
    with pytest.raises(errors.NonExistentParameterError):
        ours.get("tau")
    with pytest.raises(errors.RecordingError, match="theta"):
        ours.record("gsyn_exc")
    with pytest.raises(errors.InvalidParameterValueError):
        cell(tau_m="fast")
    with pytest.raises(errors.ConnectionError, match="'spikes'"):
        sim.Projection(ours, ours, sim.AllToAllConnector(), receptor_type="excitatory")


def test_what_cannot_be_a_cell_type_says_why(sim: Any) -> None:
    import spikebridge.pynn
    from spikebridge.errors import DefinitionError, Unsupported

    with pytest.raises(Unsupported, match="does not spike"):
        spikebridge.pynn.cell_type("rates/rate", sim)
    with pytest.raises(DefinitionError, match="not a neuron"):
        spikebridge.pynn.cell_type("synapses/static", sim)
    with pytest.raises(Unsupported, match="continuous ports"):
        spikebridge.pynn.cell_type("neurons/lif_nmda", sim)
    with pytest.raises(DefinitionError, match="names no port"):
        spikebridge.pynn.cell_type("neurons/lif_delta", sim, receptors={"excitatory": "exc"})
    with pytest.raises(Unsupported, match="not on numpy"):
        spikebridge.pynn.cell_type("neurons/lif_delta", np)
