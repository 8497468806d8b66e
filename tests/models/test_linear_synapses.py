"""The linear synapses of the library against the equations that their files print."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge.api import simulate
from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnRecording
from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import Network, Population, Projection, Stimulus
from spikebridge.errors import DefinitionError
from spikebridge.passes.lump import lump, lump_report

ARRIVAL = 2.0  # ms
CLAMPED = Neuron(
    name="clamped",
    equations="dV/dt = 0*I*mV/(pA*ms) : mV",
    ports={"I": {"unit": "pA"}},
)


def response(
    synapse: Synapse, *, V: float = -65.0, weight: str = "", trains: Any = ((1.0,),)
) -> tuple[np.ndarray, np.ndarray]:
    """Times after the arrival of the first spike, and the current (pA) into a clamped neuron."""
    given: Any = {"weight": weight or f"1 {synapse.unit}", "delay": "1 ms"}
    rule: Any = "all_to_all"
    cells: Any = {"size": 1, "initial": {"V": f"{V} mV"}}
    network = Network(
        populations={"cells": Population("cells", CLAMPED, **cells)},
        stimuli={"input": Stimulus("input", "spikes", trains=trains)},
        projections={"p": Projection("p", "input", "cells", "I", rule, synapse=synapse, **given)},
        duration="150 ms",  # type: ignore[arg-type]
    )
    lumped = lump(draw(network))
    recording = DrawnRecording("I", "cells", ("I",), np.array([0]), 1)
    run = simulate(replace(lumped, recordings=(recording,)), "reference", scheme="exact")
    trace = run.columns.trace("cells", "I").values[:, 0]
    first = round(ARRIVAL / 0.1)
    return np.arange(len(trace) - first) * 0.1, trace[first:]


def test_alpha_is_ralls_function() -> None:
    t, found = response(load("synapses/alpha", tau_s="3 ms"), weight="40 pA")
    np.testing.assert_allclose(found, 40.0 * t / 3.0 * np.exp(1 - t / 3.0), rtol=0, atol=1e-11)
    assert found.argmax() == 30
    assert found.max() == pytest.approx(40.0, rel=1e-12)


@pytest.mark.parametrize(("rise", "decay"), [(0.5, 5.0), (2.0, 7.0), (5.0, 0.5)])
def test_biexponential_is_the_normalised_difference(rise: float, decay: float) -> None:
    """As printed; exchanging rise and decay changes nothing."""
    t, found = response(
        load("synapses/biexponential", tau_rise=f"{rise} ms", tau_decay=f"{decay} ms")
    )
    peak = decay * rise / (decay - rise) * np.log(decay / rise)
    norm = 1.0 / (np.exp(-peak / decay) - np.exp(-peak / rise))
    expected = norm * (np.exp(-t / decay) - np.exp(-t / rise))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)
    assert expected.max() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("apart", [0.0, 1e-12, 1e-9, 1e-6])
def test_biexponential_of_equal_time_constants_is_alpha(apart: float) -> None:
    made = load("synapses/biexponential", tau_rise="3 ms", tau_decay=f"{3.0 * (1 + apart)!r} ms")
    _, alpha = response(load("synapses/alpha", tau_s="3 ms"))
    _, found = response(made)
    np.testing.assert_allclose(found, alpha, rtol=0, atol=1e-10 + apart)


def test_multi_timescale_is_the_sum_of_its_filters() -> None:
    t, found = response(load("synapses/multi_timescale"), weight="10 pA")
    parts = ((0.8, 2.0), (0.15, 20.0), (0.05, 200.0))
    expected = 10.0 * sum(a * np.exp(-t / tau) for a, tau in parts)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)
    assert found[0] == pytest.approx(10.0)


@pytest.mark.parametrize("V", [-80.0, -65.0, 0.0, 20.0])
def test_conductance_drives_towards_its_reversal_potential(V: float) -> None:
    t, found = response(load("synapses/conductance", E_rev="-10 mV"), V=V, weight="3 nS")
    np.testing.assert_allclose(found, 3.0 * np.exp(-t / 5.0) * (-10.0 - V), rtol=0, atol=1e-10)


@pytest.mark.parametrize("magnesium", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("V", [-90.0, -65.0, -20.0, 40.0])
def test_nmda_has_the_block_that_jahr_and_stevens_print(V: float, magnesium: float) -> None:
    t, found = response(load("synapses/nmda", Mg=f"{magnesium} mM"), V=V, weight="2 nS")
    peak = 100.0 * 2.0 / 98.0 * np.log(50.0)
    norm = 1.0 / (np.exp(-peak / 100.0) - np.exp(-peak / 2.0))
    s = norm * (np.exp(-t / 100.0) - np.exp(-t / 2.0))
    block = 1.0 / (1.0 + np.exp(-0.062 * V) * magnesium / 3.57)
    np.testing.assert_allclose(found, 2.0 * s * block * (0.0 - V), rtol=0, atol=1e-9)


def test_at_rest_six_percent_are_open() -> None:
    """B of 1 mM at -65 mV, by hand: 1/(1 + exp(4.03)/3.57)."""
    unblocked, blocked = (response(load("synapses/nmda", Mg=m))[1].max() for m in ("0 mM", "1 mM"))
    assert blocked / unblocked == pytest.approx(0.0597, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["alpha", "biexponential", "conductance", "nmda", "multi_timescale", "gating"]
)
def test_spikes_add_up_and_weights_scale(name: str) -> None:
    """Linear: two inputs, one of them twice, are the sum of single responses."""
    synapse = load(f"synapses/{name}")
    _, one = response(synapse, V=-40.0)
    _, many = response(synapse, V=-40.0, trains=((1.0, 1.0), (1.0,)), weight=f"2 {synapse.unit}")
    np.testing.assert_allclose(many, 6.0 * one, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "values", "symbol"),
    [
        ("alpha", {"tau_s": "-2 ms"}, "tau_s"),
        ("alpha", {"tau_s": "0 ms"}, "tau_s"),
        ("biexponential", {"tau_rise": "0 ms"}, "t_peak"),
        ("nmda", {"tau_decay": "-100 ms"}, "t_peak"),
        ("multi_timescale", {"tau_mid": "-20 ms"}, "tau_mid"),
    ],
)
def test_time_constants_must_be_positive(name: str, values: dict[str, str], symbol: str) -> None:
    with pytest.raises(DefinitionError) as caught, np.errstate(all="ignore"):
        response(load(f"synapses/{name}", **values))
    assert caught.value.symbol == symbol, str(caught.value)
    assert ".p" in str(caught.value)


def test_all_of_them_are_lumped() -> None:
    for name in ("alpha", "biexponential", "conductance", "nmda", "multi_timescale"):
        given: Any = {"weight": f"1 {load(f'synapses/{name}').unit}", "delay": "1 ms"}
        rule: Any = "all_to_all"
        size: Any = 2
        network = Network(
            populations={"cells": Population("cells", load("neurons/lif"), size)},
            stimuli={"input": Stimulus("input", "spikes", trains=((1.0,),))},  # type: ignore[arg-type]
            projections={
                "p": Projection(
                    "p", "input", "cells", "I_syn", rule, synapse=load(f"synapses/{name}"), **given
                )
            },
            duration="10 ms",  # type: ignore[arg-type]
        )
        (sentence,) = lump_report(draw(network))
        assert "lumped into the postsynaptic neuron" in sentence
