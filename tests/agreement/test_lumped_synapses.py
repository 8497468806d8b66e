"""Every linear synapse on every simulator, on its bench and on neurons of other kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from spikebridge.api import compare
from spikebridge.cases import EXACT, Case, cases
from spikebridge.compare.comparison import Comparison
from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.definition.network import (
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from spikebridge.verify import run_case

ON = ("reference", "brian2", "nest")
LINEAR = ("alpha", "biexponential", "conductance", "gating", "gating_unit", "multi_timescale")
LINEAR += ("nmda",)
ON_NEST = ("conductance", "multi_timescale", "nmda")  # the others are compiled with `full`
full = pytest.mark.full


def network(
    neuron: str,
    port: str,
    *synapses: tuple[Synapse, str],
    initial: Mapping[str, Any] | None = None,
    **entries: Any,
) -> Network:
    """Poisson inputs through each synapse with its weight, and a recurrent copy of the first."""
    cells: Any = {"size": 5}
    given: Any = {"rule": "all_to_all", "port": port, "initial": initial or {}}
    delay = {"distribution": "uniform", "low": "0.1 ms", "high": "5 ms"}
    inputs: Any = {"size": 20, "rate": "60 Hz"}
    projections = {
        f"p{k}": Projection(
            f"p{k}", "input", "cells", weight=weight, delay=delay, synapse=synapse, **given
        )
        for k, (synapse, weight) in enumerate(synapses)
    }
    synapse, weight = synapses[0]
    projections["back"] = Projection(
        "back", "cells", "cells", weight=weight, delay="1.5 ms", synapse=synapse, **given
    )
    model = load(neuron)
    defaults: Any = {"duration": "300 ms", "seed": 5}
    return Network(
        populations={"cells": Population("cells", model, **cells)},
        stimuli={"input": Stimulus("input", "poisson", **inputs)},
        projections=projections,
        recordings={"states": Recording("states", "cells", model.states)},
        **{**defaults, **entries},
    )


def agree(net: Network, at_least: int = 20, on: Any = ON, **options: Any) -> Comparison:
    found = compare(net, on, options=EXACT, **options)
    assert found.verdict.kind == "identical", str(found.verdict)
    assert found.differing == 0
    assert len(found.runs[on[0]].spikes["cells"]) >= at_least
    assert max(t["max_relative"] for t in found.to_json()["traces"].values()) <= 1e-9
    return found


def test_verify_has_every_linear_synapse() -> None:
    listed = [c for c in cases() if c.model.startswith("synapses/")]
    assert {f"synapses/{n}" for n in (*LINEAR, "static")} <= {c.model for c in listed}
    assert all(c.on[:3] == ON for c in listed if c.model.removeprefix("synapses/") in LINEAR)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "on"),
    [(n, ON if n in ON_NEST else ON[:2]) for n in LINEAR]
    + [pytest.param(n, ON, marks=full) for n in LINEAR if n not in ON_NEST],
)
def test_on_its_bench(name: str, on: tuple[str, ...]) -> None:
    row = run_case(Case(f"synapses/{name}", "auto", on, EXACT, duration=500.0))
    assert row is not None
    assert row.verdict == "identical", row
    assert row.differing == 0
    assert row.spikes >= 50
    assert row.max_relative <= 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("neuron", "port", "synapse", "weight"),
    [
        ("adex", "I_ext", "nmda", "12 nS"),
        pytest.param("adex", "I_ext", "conductance", "12 nS", marks=full),
        ("exponential_if", "I_ext", "nmda", "1 nS"),
        pytest.param("exponential_if", "I_ext", "biexponential", "60 pA", marks=full),
        ("hodgkin_huxley", "I_ext", "conductance", "2 nS"),
        ("izhikevich", "I_ext", "nmda", "0.02 nS"),
        ("lif_conductance", "I_ext", "multi_timescale", "60 pA"),
        pytest.param("lif_adaptive", "I_ext", "alpha", "150 pA", marks=full),
    ],
)
def test_on_neurons_of_other_kinds(neuron: str, port: str, synapse: str, weight: str) -> None:
    made = load(f"synapses/{synapse}")
    finer = {"dt": "0.02 ms", "duration": "150 ms"} if neuron == "adex" else {}
    agree(network(f"neurons/{neuron}", port, (made, weight), **finer))


@full
@pytest.mark.slow
def test_nmda_on_hodgkin_and_huxley_takes_runge_kutta() -> None:
    """Exponential Euler needs dV/dt linear in V, which the block is not."""
    net = network("neurons/hodgkin_huxley", "I_ext", (load("synapses/nmda"), "1 nS"), dt="0.01 ms")
    agree(net, 5, scheme="rk4", duration="50 ms")


@pytest.mark.slow
def test_many_synapses_on_one_port() -> None:
    """States and parameters of the same names, inhibition by another reversal potential."""
    net = network(
        "neurons/lif",
        "I_syn",
        (load("synapses/alpha"), "20 pA"),
        (load("synapses/biexponential"), "20 pA"),
        (load("synapses/nmda"), "0.4 nS"),
        (load("synapses/conductance"), "1 nS"),
        (load("synapses/conductance", E_rev="-80 mV", tau_s="10 ms"), "1 nS"),
        (load("synapses/multi_timescale"), "10 pA"),
    )
    found = agree(net)
    assert found.runs["reference"].manifest["scheme"] == {"cells": "rk4"}


@pytest.mark.slow
def test_initial_states_per_connection() -> None:
    initial = {"s": {"distribution": "uniform", "low": "0", "high": "2"}, "x": "0.1"}
    made = load("synapses/nmda", tau_decay="60 ms")
    agree(network("neurons/lif", "I_syn", (made, "0.4 nS"), initial=initial))


@pytest.mark.slow
def test_weights_of_conductances_change_for_spikes_to_come() -> None:
    phases: Any = (Phase("100 ms", {"p0.weight": "2 nS"}), Phase("200 ms", {"p0.weight": "1 nS"}))  # type: ignore[arg-type]
    agree(network("neurons/lif", "I_syn", (load("synapses/conductance"), "0.3 nS"), phases=phases))


@pytest.mark.slow
@pytest.mark.parametrize(
    "scheme",
    [*(pytest.param(s, marks=full) for s in ("euler", "heun")), "rk4", "exponential_euler"],
)
def test_conductances_under_every_scheme(scheme: str) -> None:
    made = load("synapses/conductance")
    agree(network("neurons/lif", "I_syn", (made, "1 nS")), scheme=scheme)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "builtin"),
    [("alpha", "iaf_psc_alpha"), ("gating", "iaf_psc_exp"), ("gating_unit", "iaf_psc_exp")],
)
def test_nest_has_a_built_in_for_it(name: str, builtin: str) -> None:
    made = load(f"synapses/{name}")
    net = network("neurons/lif", "I_syn", (made, "400 pA*ms" if name == "gating" else "80 pA"))
    net = net.replace(recordings={"V": Recording("V", "cells", ("V",))})
    found = compare(net, ("reference", "nest"))
    assert (found.verdict.kind, found.differing) == ("identical", 0)
    assert len(found.runs["nest"].spikes["cells"]) >= 20
    (match,) = found.runs["nest"].manifest["matches"]
    assert (match["builtin"], match["model"]) == (True, builtin)
