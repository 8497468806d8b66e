"""`spikebridge.nest.install` inside a PyNEST script."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("pynestml")
os.environ.setdefault("PYNEST_QUIET", "1")

import nest
import numpy as np

import spikebridge.nest
from spikebridge.errors import DefinitionError


@pytest.fixture(autouse=True)
def _kernel() -> None:
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()


def _spikes(model: spikebridge.nest.Installed, **values: float) -> list[float]:
    nodes = nest.Create(model.name, 1, params=model.parameters_for(**values))
    current = nest.Create("dc_generator", params={"amplitude": 500.0})
    recorder = nest.Create("spike_recorder")
    nest.Connect(current, nodes)
    nest.Connect(nodes, recorder)
    nest.Simulate(200.0)
    return list(recorder.events["times"])


def test_compiled_and_builtin_spike_alike() -> None:
    times = []
    for match in (True, False):
        nest.ResetKernel()
        model = spikebridge.nest.install("neurons/lif_current", match=match)
        assert model.builtin == match
        times.append(_spikes(model))
    assert len(times[0]) > 3
    np.testing.assert_array_equal(times[0], times[1])


def test_it_can_be_installed_again_after_a_reset() -> None:
    first = spikebridge.nest.install("neurons/adex")
    assert set(first.receptor_types.values()) == {1, 2}
    nest.ResetKernel()
    assert first.name not in nest.node_models
    again = spikebridge.nest.install("neurons/adex")
    assert again.name == first.name
    assert again.name in nest.node_models


def test_an_unknown_parameter_is_named() -> None:
    model = spikebridge.nest.install("neurons/lif_current")
    with pytest.raises(DefinitionError, match="tau_x"):
        model.parameters_for(tau_x=1.0)


def test_only_neurons_can_be_installed() -> None:
    with pytest.raises(DefinitionError):
        spikebridge.nest.install("synapses/static")


def test_values_of_another_unit_are_refused() -> None:
    model = spikebridge.nest.install("neurons/lif_current")
    with pytest.raises(DefinitionError, match="tau_m"):
        model.parameters_for(tau_m="3 mV")
