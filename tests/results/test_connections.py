"""Recorded synapses: units, delays and values survive the columns, files, Neo and exports."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path

import neo
import numpy as np
import pytest

import spikebridge as sb
from spikebridge.errors import DefinitionError
from spikebridge.results.columns import Columns
from spikebridge.results.connections import Connections, ConnectionsError
from spikebridge.results.export import export
from spikebridge.results.files import load, save
from spikebridge.results.join import concatenate
from spikebridge.results.neo import to_block

PAIRS = [(0, 1), (2, 0), (1, 1), (2, 1)]
PARTS = ("numbers", "pre", "post", "axonal", "dendritic")


def plastic(name: str = "exc", **recording: object) -> sb.Network:
    """Three inputs, two cells that fire, four plastic synapses."""
    sources, targets = zip(*PAIRS, strict=True)
    return sb.Network(
        populations=[sb.Population("cells", sb.load("neurons/lif_current"), 2)],
        stimuli=[
            sb.Stimulus("drive", "current", "cells", "I_ext", amplitude="400 pA"),
            sb.Stimulus("in", "poisson", size=3, rate="200 Hz"),
        ],
        projections=[
            sb.Projection(
                name,
                "in",
                "cells",
                "exc",
                {"kind": "pairwise_list", "sources": sources, "targets": targets},
                "20 pA",
                ["1 ms", "2 ms", "1 ms", "3 ms"],
                synapse=sb.load("synapses/stdp_pair"),
            )
        ],
        recordings=[
            sb.Recording(
                "w",
                projection=name,
                **{"variables": ("w",), "units": [3, 1], "every": "10 ms", **recording},
            ),
            sb.Recording("V", "cells", ("V",)),
        ],
        duration="100 ms",
        seed=3,
    )


@pytest.fixture(scope="module")
def run() -> sb.api.Run:
    return sb.simulate(plastic(), "reference")


def same(a: Connections, b: Connections) -> bool:
    named = (a.source, a.target) == (b.source, b.target)
    assert a.stamps is not None and b.stamps is not None
    named = named and all(map(np.array_equal, a.stamps, b.stamps))
    return named and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in PARTS)


def test_a_run_gives_units_and_values(run: sb.api.Run) -> None:
    found = run.synapses("exc")
    drawn = {n: PAIRS[n] for n in (1, 3)}
    assert dict(zip(found.numbers, zip(found.pre, found.post, strict=True), strict=True)) == drawn
    assert found.values.shape == (11, 2)
    assert (found.variable, found.unit) == ("w", "1")
    np.testing.assert_array_equal(found.times, np.arange(11) * 10.0)
    assert (found.values[0] == 0.5).all() and (found.final != 0.5).all()
    matrix = found.matrix()
    assert matrix.shape == (3, 2)
    for pre, post, value in zip(found.pre, found.post, found.final, strict=True):
        assert matrix[pre, post] == value
    assert np.isnan(matrix).sum() == 4
    assert np.nanmax(found.matrix(0.0)) == 0.5
    with pytest.raises(ConnectionsError, match="not sampled at 5 ms"):
        found.matrix(5.0)


def test_delays_are_known(run: sb.api.Run) -> None:
    known = run.columns.connections["exc"]
    assert (known.source, known.target) == ("in", "cells")
    np.testing.assert_allclose(known.of([1, 3]).dendritic, [2.0, 3.0])
    assert (known.axonal == 0).all()
    assert known.named(3) == "connection 3 (in 2 -> cells 1)"
    with pytest.raises(ConnectionsError, match="no connection 0"):
        known.of([0])


def test_spikes_of_a_frozen_input_are_known(run: sb.api.Run) -> None:
    """Of the units that the recorded connections come from."""
    stamps = run.columns.connections["exc"].stamps
    assert stamps is not None
    assert set(stamps[1].tolist()) == {2}
    assert 10 < len(stamps[0]) < 40
    moved = run.columns.between(40, 100).connections["exc"].stamps
    assert moved is not None
    np.testing.assert_allclose(moved[0], stamps[0] - 40)


def test_projections_are_no_populations(run: sb.api.Run) -> None:
    assert run.columns.populations == ("cells",)
    assert run.columns.projections == ("exc",)
    with pytest.raises(ConnectionsError, match="recorded projections are exc"):
        run.synapses("cells")
    with pytest.raises(ConnectionsError, match="recorded states are w"):
        run.synapses("exc", "x")


def test_several_states_must_be_named() -> None:
    run = sb.simulate(plastic(variables=("w", "x")), "reference", duration="20 ms")
    with pytest.raises(ConnectionsError, match="several states"):
        run.synapses("exc")
    assert run.synapses("exc", "x").unit == "1"


def test_a_projection_called_like_a_population_is_refused() -> None:
    with pytest.raises(DefinitionError, match="a population is called cells too"):
        plastic("cells")


def test_files_keep_connections(run: sb.api.Run, tmp_path: Path) -> None:
    found = load(save(run.columns, tmp_path / "run.h5"))
    assert same(found.connections["exc"], run.columns.connections["exc"])
    assert found.populations == ("cells",)
    np.testing.assert_array_equal(found.synapses("exc").values, run.synapses("exc").values)


def test_parts_and_joins_keep_connections(run: sb.api.Run) -> None:
    whole = run.columns
    joined = concatenate([whole.between(0, 40), whole.between(40, 100)])
    assert same(joined.connections["exc"].of([1, 3]), whole.connections["exc"].of([1, 3]))
    np.testing.assert_array_equal(joined.synapses("exc").values, whole.synapses("exc").values)


def test_joins_keep_two_recordings_of_one_state_apart(run: sb.api.Run) -> None:
    """Connections sampled at different intervals have a trace each."""
    network = plastic()
    often = sb.Recording("often", projection="exc", variables=("w",), units=[0], every="5 ms")
    found = sb.simulate(
        network.replace(recordings=[*network.recordings.values(), often]), "reference"
    ).columns
    joined = concatenate([found.between(0, 50), found.between(50, 100)])
    assert [t.values.shape for t in joined.traces["exc"]] == [(11, 2), (21, 1)]
    for a, b in zip(joined.traces["exc"], found.traces["exc"], strict=True):
        np.testing.assert_array_equal(a.values, b.values)


def check_signal(signal: neo.AnalogSignal, columns: Columns) -> None:
    known = columns.synapses("exc")
    found = signal.array_annotations
    assert found["channel_index"].tolist() == known.numbers.tolist()
    assert found["presynaptic_index"].tolist() == known.pre.tolist()
    assert found["postsynaptic_index"].tolist() == known.post.tolist()
    assert signal.annotations["source_projection"] == "exc"
    assert signal.annotations["presynaptic_population"] == "in"
    assert signal.annotations["postsynaptic_population"] == "cells"
    assert "source_population" not in signal.annotations
    np.testing.assert_array_equal(signal.magnitude, known.values)


def test_neo_signals_name_the_units(run: sb.api.Run) -> None:
    (signal,) = (s for s in to_block(run.columns).segments[0].analogsignals if s.name == "w")
    check_signal(signal, run.columns)
    assert float(signal.sampling_period.rescale("ms")) == 10.0


@pytest.fixture
def quiet() -> Iterator[None]:
    """Neo and pynwb say a lot while writing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.usefixtures("quiet")
def test_pickle_and_nix_keep_them(run: sb.api.Run, tmp_path: Path) -> None:
    pytest.importorskip("nixio")
    with export(run.columns, tmp_path / "run.pkl").open("rb") as file:
        block = pickle.load(file)
    (signal,) = (s for s in block.segments[0].analogsignals if s.name == "w")
    check_signal(signal, run.columns)
    with neo.NixIO(str(export(run.columns, tmp_path / "run.nix")), "ro") as io:
        block = io.read_block()
    (signal,) = (s for s in block.segments[0].analogsignals if s.name == "w")
    check_signal(signal, run.columns)


@pytest.mark.usefixtures("quiet")
def test_nwb_keeps_them_as_notes(run: sb.api.Run, tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    path = export(run.columns, tmp_path / "run.nwb")
    (block,) = neo.NWBIO(str(path), "r").read()
    notes = [s.annotations.get("notes") for s in block.segments[0].analogsignals]
    (own,) = (n for n in notes if "source_projection" in n)
    known = run.synapses("exc")
    assert own["source_projection"] == "exc"
    assert own["presynaptic_index"] == known.pre.tolist()
    assert own["postsynaptic_index"] == known.post.tolist()
