"""`spikebridge.nest.install_synapse` inside a PyNEST script: built-in neurons, fresh weights."""

from __future__ import annotations

import math
import os

import pytest

pytest.importorskip("nest")
os.environ.setdefault("PYNEST_QUIET", "1")

import nest

import spikebridge.nest
from spikebridge.errors import DefinitionError

TRACES = {
    "kind": "synapse",
    "name": "traces",
    "equations": "dx/dt = -x/tau : 1\ndw/dt = (1 - w)/tau_w : 1",
    "parameters": {"tau": "20 ms", "tau_w": "100 ms"},
    "on_pre": "x += 1",
    "on_post": "w += 0.1*x",
    "deliver": "weight*w",
}


@pytest.fixture(autouse=True)
def _kernel() -> None:
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()


def test_a_weight_read_long_after_the_last_presynaptic_spike_is_fresh() -> None:
    """x has decayed to the time of reading, and all postsynaptic spikes until then have acted."""
    rule = spikebridge.nest.install_synapse(TRACES)
    generator = nest.Create("spike_generator", params={"spike_times": [10.0, 60.0]})
    pre, cell = nest.Create("parrot_neuron"), nest.Create("iaf_psc_exp", params={"I_e": 600.0})
    spikes = nest.Create("spike_recorder")
    nest.Connect(generator, pre, syn_spec={"delay": 1.0})
    spec = {"synapse_model": rule.name, "weight": 3.0, "delay": 1.5, "w": 0.5}
    nest.Connect(pre, cell, syn_spec=spec)
    nest.Connect(cell, spikes)
    nest.Simulate(200.0)
    found = nest.GetConnections(synapse_model=rule.name)

    def trace(t: float) -> float:
        return sum(math.exp(-(t - a) / 20.0) for a in (11.0, 61.0) if a <= t)

    now, fresh = 0.0, 0.5
    times = [s + 1.5 for s in spikes.events["times"] if s + 1.5 < 200.0]
    for t in times:
        fresh, now = 1 + (fresh - 1) * math.exp(-(t - now) / 100.0) + 0.1 * trace(t), t
    fresh = 1 + (fresh - 1) * math.exp(-(200.0 - now) / 100.0)
    assert len(times) > 5
    assert found.x == pytest.approx(trace(200.0), rel=1e-12)
    assert found.w == pytest.approx(fresh, rel=1e-12)
    assert found.w == found.w  # reading changes nothing


def test_parameters_in_any_unit() -> None:
    rule = spikebridge.nest.install_synapse(TRACES, tau="0.04 s")
    assert nest.GetDefaults(rule.name)["tau"] == 40.0
    assert rule.defaults["tau_w"] == 100.0


def test_it_can_be_installed_again_after_a_reset() -> None:
    first = spikebridge.nest.install_synapse(TRACES)
    nest.ResetKernel()
    assert first.name not in nest.synapse_models
    assert spikebridge.nest.install_synapse(TRACES).name in nest.synapse_models


def test_a_third_factor_must_be_driven() -> None:
    with pytest.raises(DefinitionError, match="nothing drives the third factor"):
        spikebridge.nest.install_synapse("synapses/eligibility")


def test_a_synapse_without_states_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no synapse with states"):
        spikebridge.nest.install_synapse("synapses/static")


def test_a_synapse_that_reads_the_neuron_is_refused() -> None:
    with pytest.raises(spikebridge.errors.Unsupported, match="which only neurons compiled for it"):
        spikebridge.nest.install_synapse("synapses/clopath")
