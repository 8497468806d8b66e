"""A PyNN script on spikebridge's own simulators: PyNN's objects, our runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge.installed import version_of

pytestmark = pytest.mark.skipif(version_of("PyNN") is None, reason="PyNN is not installed")


@pytest.fixture
def sim() -> Any:
    import spikebridge.pynn as module

    module.setup(timestep=0.1, min_delay=0.1, backend="reference")
    return module


def trains(population: Any) -> list[list[float]]:
    return [np.asarray(t).tolist() for t in population.get_data("spikes").segments[0].spiketrains]


def driven(sim: Any, n: int = 3, **parameters: Any) -> Any:
    cells = sim.Population(n, sim.IF_curr_exp(tau_refrac=2.0, i_offset=1.0, **parameters))
    cells.record("spikes")
    return cells


def test_blocks_are_pynns_own(sim: Any) -> None:
    cells = driven(sim)
    cells[1:].record(["v"])
    sim.run(40.0)
    block = cells.get_data()
    (segment,) = block.segments
    assert block.name == cells.label
    assert block.annotations["simulator"] == "spikebridge"
    assert block.annotations["dt"] == 0.1
    assert segment.name == "segment000"
    assert len(segment.spiketrains) == 3
    assert segment.spiketrains[2].annotations["source_population"] == cells.label
    (signal,) = segment.analogsignals
    assert signal.shape == (401, 2)
    assert signal.name == "v"
    assert signal.array_annotations["channel_index"].tolist() == [1, 2]
    assert float(signal.sampling_period) == 0.1
    assert np.asarray(signal)[0].tolist() == [-65.0, -65.0]
    counts = cells.get_spike_counts()
    assert sorted(counts) == [int(c) for c in cells.all_cells]
    assert set(counts.values()) == {len(segment.spiketrains[0])}
    assert cells.mean_spike_count() > 0


def test_two_runs_are_one(sim: Any) -> None:
    cells = driven(sim)
    sim.run(25.3)
    first = trains(cells)
    sim.run(34.7)
    twice = trains(cells)
    assert sim.get_current_time() == 60.0
    sim.setup(timestep=0.1, backend="reference")
    cells = driven(sim)
    sim.run_until(60.0)
    assert trains(cells) == twice
    assert first[0] == [t for t in twice[0] if t <= 25.3]


def test_parameters_set_between_runs_hold_from_then_on(sim: Any) -> None:
    cells = driven(sim)
    sim.run(30.0)
    cells[0:1].set(i_offset=0.0)
    cells[2].v_thresh = -60.0
    sim.run(30.0)
    found = trains(cells)
    assert all(t <= 30.0 for t in found[0])
    assert len(found[2]) > len(found[1]) > len(found[0])
    assert [t for t in found[2] if t <= 30.0] == [t for t in found[1] if t <= 30.0]
    assert cells.get("i_offset").tolist() == [0.0, 1.0, 1.0]


def test_reset_begins_a_segment(sim: Any) -> None:
    cells = driven(sim)
    sim.run(30.0)
    sim.reset(annotations={"try": 1})
    cells.set(i_offset=2.0)
    sim.run(30.0)
    one, two = cells.get_data().segments
    assert [one.name, two.name] == ["segment000", "segment001"]
    assert one.annotations["try"] == 1
    assert len(two.spiketrains[0]) > len(one.spiketrains[0]) > 0


def test_cleared_data_do_not_come_back(sim: Any) -> None:
    cells = driven(sim, 1)
    cells.record("v")
    sim.run(30.0)
    before = cells.get_data(clear=True).segments[0]
    sim.run(30.0)
    after = cells.get_data().segments[0]
    assert float(after.spiketrains[0].t_start) == 30.0
    assert min(np.asarray(after.spiketrains[0])) > 30.0
    assert len(before.spiketrains[0]) > 0
    assert after.analogsignals[0].shape[0] == 301


def test_sampling_interval(sim: Any) -> None:
    cells = driven(sim, 1)
    cells.record("v", sampling_interval=0.5)
    sim.run(10.0)
    signal = cells.get_data("v").segments[0].analogsignals[0]
    assert signal.shape[0] == 21
    assert float(signal.sampling_period) == 0.5


def test_connections_are_read_and_set(sim: Any) -> None:
    a, b = driven(sim, 3), driven(sim, 2)
    synapse = sim.StaticSynapse(weight=lambda d: 0.1 + d, delay=0.52)
    wires = sim.Projection(a, b, sim.AllToAllConnector(), synapse)
    assert len(wires) == 6
    assert wires.get("delay", "list")[0] == (0, 0, pytest.approx(0.5))
    table = wires.get("weight", "array")
    assert table.shape == (3, 2)
    assert table[2, 0] == pytest.approx(2.1)
    wires.set(weight=0.3)
    assert set(wires.get("weight", "list", with_address=False)) == {0.3}
    wires[1].weight = 0.4
    assert wires[1].as_tuple("presynaptic_index", "postsynaptic_index", "weight") == (0, 1, 0.4)
    doubled = sim.FromListConnector([(0, 1, 0.1, 1.0), (0, 1, 0.2, 1.0)])
    twice = sim.Projection(a, b, doubled, sim.StaticSynapse())
    assert twice.get("weight", "array")[0, 1] == pytest.approx(0.3)
    assert np.isnan(twice.get("weight", "array")[1, 1])


def test_views_and_assemblies_are_connected_unit_by_unit(sim: Any) -> None:
    a, b = driven(sim, 4), sim.Population(4, sim.IF_curr_exp())
    b.record("spikes")
    synapse = sim.StaticSynapse(weight=20.0, delay=1.0)
    some = sim.Assembly(a[2:4], b[0:1])
    sim.Projection(some, b[1:4], sim.OneToOneConnector(), synapse)
    sim.run(40.0)
    found = trains(b)
    assert found[0] == []
    assert found[1] == found[2] != []
    assert found[3] == []  # it listens to the silent unit of b


def test_one_cell_is_connected_to_one(sim: Any) -> None:
    """PyNN 0.13's own connector ends in an error there, with numpy from 2.1 on."""
    cells = sim.Population(3, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=1.5)
    for post, count in ((cells[1:2], 1), (cells, 1)):
        found = sim.Projection(cells[1:2], post, sim.OneToOneConnector(), synapse)
        assert found.size() == count
        assert found.get("weight", format="list") == [(0, 0, 1.5)]


def test_inhibition_and_currents(sim: Any) -> None:
    cells = driven(sim, 3)
    step = sim.StepCurrentSource(times=[10.0, 30.0], amplitudes=[-1.0, 0.0])
    cells[1:2].inject(step)
    sim.DCSource(amplitude=-1.0, start=0.0, stop=60.0).inject_into([cells[2]])
    sim.run(60.0)
    first, second, third = trains(cells)
    assert len(first) > len(second) > 0
    assert third == []
    sim.DCSource(amplitude=2.0).inject_into(cells[2:3])  # from now on
    sim.run(40.0)
    assert min(trains(cells)[2]) > 60.0


def test_every_current_source_has_a_course(sim: Any) -> None:
    wave = sim.ACSource(amplitude=0.5, offset=0.1, frequency=100.0, phase=90.0, stop=3.0)
    noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.1, start=1.0, stop=3.0, dt=0.5)
    cells = driven(sim, 2)
    wave.inject_into(cells)
    cells.inject(noise)
    sim.run(5.0)
    (current,) = wave.currents()
    assert current.units.tolist() == [0, 1]
    assert current.values[0] == pytest.approx(600.0)
    assert current.values[25] == pytest.approx(100.0)  # a quarter of the period later
    assert current.values[-1] == 0.0
    (steps,) = noise.currents()
    assert steps.steps.tolist() == [0, 10, 15, 20, 25, 30]
    assert steps.values[[0, -1]].tolist() == [0.0, 0.0]
    with pytest.raises(TypeError):
        wave.inject_into(source(sim))


def source(sim: Any) -> Any:
    sim.setup(timestep=0.1, backend="reference")
    return sim.Population(1, sim.SpikeSourceArray())


def test_currents_are_recorded_and_read_as_they_were_set(sim: Any) -> None:
    """A sample at t is the current of the step that begins at t, as in PyNN's backends."""
    cells = driven(sim, 1)
    pulse = sim.DCSource(amplitude=0.5, start=2.0, stop=4.0)
    steps = sim.StepCurrentSource(times=[1.01, 1.02, 3.06], amplitudes=[0.2, -0.2, 0.4])
    for current in (pulse, steps):
        current.inject_into(cells)
        current.record()
    assert np.allclose(np.asarray(steps.times), [1.0, 3.1])
    assert np.allclose(np.asarray(steps.amplitudes), [-0.2, 0.4])
    sim.run(3.0)
    pulse.amplitude = 1.0
    sim.run(2.0)
    found = pulse.get_data()
    assert (float(found.t_start), len(found)) == (0.0, 51)
    assert found.units.dimensionality.string == "nA"
    expected = np.select(
        [np.arange(51) < 20, np.arange(51) < 30, np.arange(51) < 40], [0.0, 0.5, 1.0]
    )
    assert np.array_equal(found.magnitude[:, 0], expected)
    assert steps.get_data().magnitude[[9, 10, 30, 31, 50], 0].tolist() == [0, -0.2, -0.2, 0.4, 0.4]
    for times in ([0.4, -0.6], [0.4, 0.2]):
        with pytest.raises(ValueError, match="timestamps"):
            sim.StepCurrentSource(times=times, amplitudes=[0.5, -0.5])


def test_delays_that_setup_left_open_are_those_of_the_connections(sim: Any) -> None:
    sim.setup(timestep=0.1, min_delay="auto", backend="reference")
    cells = sim.Population(2, sim.IF_curr_exp())
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.1, 0.1)
    for delay in (0.5, 2.0):
        synapse = sim.StaticSynapse(weight=0.1, delay=delay)
        sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 2.0)
    assert sim.StaticSynapse().parameter_space["delay"].base_value == 0.1


SCRIPT = """
import sys
from pathlib import Path
from pyNN.utility import get_simulator
import pyNN.nest as direct

sim, options = get_simulator()
assert direct is sim
sim.setup(timestep=0.1)
cells = sim.Population(3, sim.IF_curr_exp(i_offset=1.0))
cells.record("spikes")
sim.run(50.0)
Path("found").write_text(f"{sim.__name__} {cells.mean_spike_count()} {options.simulator}")
sim.end()
"""


def test_a_script_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "spikebridge.pynn", "--on", "reference"]
    subprocess.run([*command, "script.py", "neuron"], cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "found").read_text() == "spikebridge.pynn 1.0 neuron"
    missing = subprocess.run(
        [*command, "no.py"], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert missing.returncode == 2
    assert "there is no file no.py" in missing.stderr


def test_sources_round_up_to_the_grid(sim: Any) -> None:
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.03], [4.0]]))
    cells = driven(sim, 1)
    source.record("spikes")
    wires = sim.StaticSynapse(weight=0.1, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), wires)
    sim.run(3.0)
    source.set(spike_times=[3.5])
    sim.run(3.0)
    assert trains(source) == [[1.0, pytest.approx(2.1), 3.5], [3.5]]


def test_poisson_trains_are_the_same_each_time_and_go_on(sim: Any) -> None:
    source = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, start=50.0, duration=200.0))
    source.record("spikes")
    cells = driven(sim, 1)
    sim.run(150.0)
    first = trains(source)
    sim.run(250.0)
    whole = trains(source)
    assert [[t for t in train if t <= 150.0] for train in whole] == first
    times = np.concatenate(whole)
    assert times.min() > 50.0
    assert times.max() <= 250.0
    assert 300 < len(times) < 500
    assert cells.size == 1


@pytest.mark.parametrize(
    ("cell", "current"),
    [
        ("IF_curr_alpha", 1.0),
        ("IF_curr_delta", 1.0),
        ("IF_cond_exp", 1.0),
        ("IF_cond_alpha", 1.0),
        ("EIF_cond_exp_isfa_ista", 0.8),
        ("EIF_cond_alpha_isfa_ista", 0.8),
        ("IF_cond_exp_gsfa_grr", 1.0),
        ("Izhikevich", 0.012),
        ("HH_cond_exp", 0.4),
    ],
)
def test_every_standard_cell_fires(sim: Any, cell: str, current: float) -> None:
    kind = getattr(sim, cell)
    cells = sim.Population(1, kind())
    cells.record([v for v in kind.recordable if v != "spikes"])
    cells.record("spikes")
    sim.DCSource(amplitude=current, start=10.0).inject_into(cells)
    sim.run(60.0)
    segment = cells.get_data().segments[0]
    assert 1 <= len(segment.spiketrains[0]) < 30
    assert all(np.isfinite(np.asarray(s)).all() for s in segment.analogsignals)


def test_errors(sim: Any) -> None:
    from pyNN import errors

    from spikebridge.errors import DefinitionError, SimulatorMissing, SpikebridgeError, Unsupported

    cells = driven(sim, 2)
    with pytest.raises(errors.NonExistentParameterError):
        sim.IF_curr_exp(tau=3.0)
    with pytest.raises(errors.NonExistentParameterError):
        cells.get("tau")
    with pytest.raises(errors.RecordingError):
        cells.record("w")
    with pytest.raises(errors.ConnectionError):
        sim.Projection(cells, cells, sim.AllToAllConnector(), receptor_type="NMDA")
    with pytest.raises(errors.ConnectionError, match="below the time step"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(delay=0.01))
    with pytest.raises(errors.InvalidParameterValueError, match="increasing"):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 1.0]))
    with pytest.raises(errors.InvalidParameterValueError, match="positive"):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 1.0]))
    with pytest.raises(Unsupported, match="IF_facets_hardware1"):
        sim.IF_facets_hardware1()
    with pytest.raises(Unsupported, match="on the grid"):
        sim.setup(timestep=0.1, backend="reference", spike_precision="off_grid")
    with pytest.raises(SpikebridgeError, match="nonesuch"):
        sim.setup(timestep=0.1, backend="nonesuch")
    with pytest.raises(Unsupported, match="no state"):
        cells.initialize(foo=1.0)
    with pytest.raises(DefinitionError, match="no multiple"):
        sim.run(1.23)
    sim.run(1.0)
    with pytest.raises(Unsupported, match="before the first run"):
        sim.Population(1, sim.IF_curr_exp())
    with pytest.raises(Unsupported, match="after a run"):
        cells.initialize(v=-60.0)
    assert issubclass(SimulatorMissing, SpikebridgeError)


def test_own_equations_in_a_script(sim: Any) -> None:
    Cell = sim.cell_type("neurons/lif_adaptive", sim)
    cells = sim.Population(2, Cell(tau_m=[10.0, 20.0]))
    cells.record(["spikes", "a", "I_exc"])
    sim.DCSource(amplitude=0.3).inject_into(cells)
    sim.Projection(
        driven(sim, 2),
        cells,
        sim.OneToOneConnector(),
        sim.StaticSynapse(weight=0.1, delay=1.0),
        receptor_type="exc",
    )
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    signals = {s.name: s for s in segment.analogsignals}
    assert str(signals["I_exc"].units.dimensionality) == "nA"
    assert 0.1 <= np.asarray(signals["I_exc"]).max() < 0.2
    assert np.asarray(signals["a"]).max() > 1.0
    assert len(segment.spiketrains[0]) > 1


def test_network_and_procedural_calls(sim: Any) -> None:
    cells = sim.create(sim.IF_curr_exp, {"i_offset": 1.0}, n=2)
    sim.connect(cells, cells, weight=0.1, delay=1.0, p=1.0)
    sim.initialize(cells, v=-60.0)
    sim.set(cells, tau_m=15.0)
    assert cells.get("tau_m") == 15.0
    network = sim.Network(cells)
    assert network.count_neurons() == 2
    assert network.sim is sim
    assert "IF_curr_exp" in sim.list_standard_models()
    assert sim.get_time_step() == 0.1
    assert sim.rank() == 0


def test_plastic_weights_are_read_back(sim: Any) -> None:
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[10.0, 30.0], [12.0, 40.0]]))
    cells = driven(sim, 2)
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.01),
        weight_dependence=sim.AdditiveWeightDependence(w_max=0.4),
        weight=0.2,
        delay=1.0,
    )
    wires = sim.Projection(source, cells, sim.AllToAllConnector(), rule)
    assert wires.get("weight", "array").tolist() == [[0.2, 0.2], [0.2, 0.2]]
    sim.run(60.0)
    moved = wires.get("weight", "array")
    assert np.all(moved != 0.2)
    assert np.all(np.abs(moved - 0.2) < 0.1)
    sim.reset()
    assert wires.get("weight", "array").tolist() == [[0.2, 0.2], [0.2, 0.2]]
