"""A lumped network follows the network in which every synapse is integrated for itself.

The other side of the comparison is written here: states of each single connection, Runge-Kutta of
all of them together with the neurons; arrivals, threshold and refractoriness as in the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge.api import simulate
from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork, DrawnProjection
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.passes.lump import lump_report
from spikebridge.passes.substitute import inlined

CELLS = 3
INPUTS = 4
DT = 0.1
STEPS = 250
ALL: Any = "all_to_all"
# another value, where the synapse has one of these parameters
OTHER = {"tau_s": "3 ms", "tau_decay": "7 ms", "tau_slow": "60 ms"}
# the potential opens the channel and slows its closing
SLOWING = Synapse(
    name="slowing",
    unit="nS",
    equations="""
        ds/dt = -s/(tau_s*(1 + exp(V_post/k))) : 1
        gate = 1/(1 + exp(-(V_post - V_half)/k)) : 1""",
    on_pre="s += 1",
    coupling="weight*(s*gate + 0.2*s)*(E_rev - V_post)",
    parameters={"tau_s": "20 ms", "k": "9 mV", "V_half": "-55 mV", "E_rev": "0 mV"},
)
LIBRARY = ("gating", "gating_unit", "alpha", "biexponential", "multi_timescale")
SYNAPSES: dict[str, Synapse] = {n: load(f"synapses/{n}") for n in LIBRARY}
SYNAPSES |= {n: load(f"synapses/{n}") for n in ("conductance", "nmda")}
SYNAPSES["slowing"] = SLOWING
STRENGTH = {"pA": 150.0, "pA*ms": 700.0, "nS": 4.0}


@st.composite
def networks(draw_from: Any) -> Network:
    """One or two projections onto one port, some with other parameters or initial states."""
    kinds = draw_from(st.lists(st.sampled_from(sorted(SYNAPSES)), min_size=1, max_size=2))
    seed = draw_from(st.integers(0, 2**31))
    projections = {}
    for name, kind in zip("pq", kinds, strict=False):
        synapse, entries = SYNAPSES[kind], strengths(SYNAPSES[kind].unit)
        if draw_from(st.booleans()):
            known = [n for n in OTHER if n in synapse.parameters]
            entries["parameters"] = {n: OTHER[n] for n in known}
        if draw_from(st.booleans()):
            entries["initial"] = {n: uniform(0, 1, synapse.unit_of(n)) for n in synapse.states}
        projections[name] = Projection(
            name, "input", "cells", "I_syn", ALL, synapse=synapse, **entries
        )
    rng = np.random.default_rng(seed)
    trains: Any = tuple(np.sort(rng.integers(1, STEPS, 20)) * DT for _ in range(INPUTS))
    return small(projections, Stimulus("input", "spikes", trains=trains), seed)


def strengths(unit: str) -> dict[str, Any]:
    """Weights, some of them negative, and delays."""
    most = STRENGTH[unit]
    return {"weight": uniform(-0.2 * most, most, unit), "delay": uniform(0.1, 3.0, "ms")}


def uniform(low: float, high: float, unit: str) -> dict[str, Any]:
    def text(number: float) -> str:
        return f"{number:g}" if unit == "1" else f"{number:g} {unit}"

    return {"distribution": "uniform", "low": text(low), "high": text(high)}


def small(projections: Mapping[str, Projection], stimulus: Stimulus, seed: int = 1) -> Network:
    """Inputs and cells, of which V is recorded."""
    entries: Any = {"duration": f"{STEPS * DT} ms"}
    size: Any = CELLS
    return Network(
        populations={"cells": Population("cells", load("neurons/lif"), size)},
        stimuli={"input": stimulus},
        projections=projections,
        recordings={"V": Recording("V", "cells", ("V",))},
        seed=seed,
        **entries,
    )


def poisson(synapse: Any, weight: Any, rate: Any) -> Network:
    """One projection of ``synapse`` from Poisson inputs."""
    size: Any = INPUTS
    delay: Any = "1 ms"
    path = Projection("p", "input", "cells", "I_syn", ALL, weight, delay, synapse)
    return small({"p": path}, Stimulus("input", "poisson", size=size, rate=rate))


class PerSynapse:
    """The network with the states of every single connection."""

    def __init__(self, network: DrawnNetwork) -> None:
        self.network = network
        self.cells = network.populations["cells"]
        self.state: dict[Any, Any] = {"V": np.zeros(CELLS) + self.cells.initial["V"]}
        for p in network.projections.values():
            for name in p.synapse.states:
                start = np.broadcast_to(p.initial[name], (INPUTS * CELLS,))
                self.state[p.name, name] = start.astype(float)
        self.resting = np.zeros(CELLS, dtype=int)

    def scope(self, p: DrawnProjection, state: Mapping[Any, Any]) -> dict[str, Any]:
        own = {n: state[p.name, n] for n in p.synapse.states}
        return {**p.parameters, **own, "weight": p.weights, "V_post": state["V"][p.targets]}

    def slopes(self, state: Mapping[Any, Any]) -> dict[Any, Any]:
        current = np.zeros(CELLS)
        found: dict[Any, Any] = {}
        for p in self.network.projections.values():
            scope, synapse = self.scope(p, state), p.synapse
            assert synapse.coupling is not None and p.targets is not None
            amounts = evaluate(inlined(synapse, synapse.coupling), scope)
            current += np.bincount(p.targets, amounts, minlength=CELLS)
            for e in synapse.of_kind("differential"):
                assert e.expression is not None
                factor = evaluate(e.factor, scope) if e.factor else 1.0
                value = evaluate(inlined(synapse, e.expression), scope) / factor
                found[p.name, e.name] = np.broadcast_to(value, amounts.shape)
        q = self.cells.parameters
        V = (-(state["V"] - q["V_rest"]) + q["R_m"] * current) / q["tau_m"]
        return {"V": np.where(self.resting > 0, 0.0, V), **found}

    def step(self, arriving: Mapping[str, np.ndarray]) -> np.ndarray:
        before, q = self.state, self.cells.parameters
        stages = [self.slopes(before)]
        for share in (0.5, 0.5, 1.0):
            moved = {n: x + share * DT * stages[-1][n] for n, x in before.items()}
            stages.append(self.slopes(moved))
        a, b, c, d = stages
        self.state = {
            n: x + DT / 6 * (a[n] + 2 * b[n] + 2 * c[n] + d[n]) for n, x in before.items()
        }
        for p in self.network.projections.values():
            scope = self.scope(p, self.state)
            for s in p.synapse.on_pre:
                amount = np.broadcast_to(evaluate(s.expression, scope), arriving[p.name].shape)
                self.state[p.name, s.target] = (
                    self.state[p.name, s.target] + arriving[p.name] * amount
                )
        free = self.resting == 0
        spiking = free & (self.state["V"] >= q["V_th"])
        self.state["V"] = np.where(spiking, q["V_reset"], self.state["V"])
        self.resting = np.where(spiking, round(float(q["t_ref"]) / DT), self.resting - ~free)
        return spiking


def per_synapse(network: DrawnNetwork) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """V of each step, and (step, unit) of each spike."""
    whole = PerSynapse(network)
    source = network.sources["input"]
    assert source.steps is not None and source.senders is not None
    sent = np.zeros((network.steps + 1, INPUTS))
    np.add.at(sent, (source.steps, source.senders), 1.0)
    trace, spikes = [whole.state["V"]], []
    for k in range(1, network.steps + 1):
        arriving = {}
        for p in network.projections.values():
            steps = k - np.broadcast_to(p.delays, np.shape(p.sources))
            arriving[p.name] = np.where(steps > 0, sent[np.maximum(steps, 0), p.sources], 0.0)
        spikes += [(k, int(unit)) for unit in np.flatnonzero(whole.step(arriving))]
        trace.append(whole.state["V"])
    return np.array(trace), spikes


@settings(max_examples=6, deadline=None)
@given(networks())
def test_lumped_trajectories_equal_those_of_single_synapses(network: Network) -> None:
    drawn = draw(network)
    assert all("lumped into" in line for line in lump_report(drawn))
    expected, spikes = per_synapse(drawn)
    found = simulate(network, "reference", scheme="rk4").columns
    times, senders = found.spikes["cells"].times, found.spikes["cells"].senders
    steps = np.rint(times / DT).astype(int)
    assert sorted(zip(steps.tolist(), senders.tolist(), strict=True)) == spikes
    np.testing.assert_allclose(found.trace("cells", "V").values, expected, rtol=0, atol=1e-9)


def test_neurons_that_fire_agree() -> None:
    """Agreement of neurons that never fire would say little."""
    network = poisson(load("synapses/nmda"), "8 nS", "600 Hz")
    expected, spikes = per_synapse(draw(network))
    found = simulate(network, "reference", scheme="rk4").columns
    assert len(spikes) == len(found.spikes["cells"]) >= 2 * CELLS
    np.testing.assert_allclose(found.trace("cells", "V").values, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("tau", "differs"), [("2 ms", False), ("2.1 ms", True)])
def test_the_comparison_notices_other_parameters(tau: str, differs: bool) -> None:
    synapses = (load("synapses/alpha"), load("synapses/alpha", tau_s=tau))
    one, other = (per_synapse(draw(poisson(s, "100 pA", "300 Hz")))[0] for s in synapses)
    assert bool(np.abs(one - other).max() > 1e-3) is differs
