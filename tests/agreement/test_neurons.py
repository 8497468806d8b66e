"""Every neuron of the library on every simulator: the same spikes and traces, to the step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spikebridge.cases import Case
from spikebridge.definition.library import load, names
from spikebridge.passes.integrate import fitting_schemes
from spikebridge.verify import run_case

EXACT = {"brian2": {"target": "numpy"}, "nest": {"match": False}}
ON = ("reference", "brian2", "nest")
NEURONS = tuple(name for name in names() if name.startswith("neurons/"))


@pytest.mark.slow
@pytest.mark.parametrize("model", NEURONS)
def test_the_recommended_scheme_agrees_everywhere(model: str) -> None:
    row = run_case(Case(model, "auto", ON, EXACT, duration=400.0))
    assert row is not None
    assert row.verdict == "identical", row
    assert row.differing == 0
    assert row.spikes >= 20
    assert row.max_relative <= 1e-9


def every_other_scheme() -> list[tuple[str, str]]:
    """One neuron per scheme is run here; `spikebridge verify` runs them all."""
    chosen = {"exact": "lif_current", "euler": "izhikevich", "heun": "exponential_if"}
    chosen |= {"rk4": "adex", "exponential_euler": "lif_conductance"}
    return [(f"neurons/{name}", scheme) for scheme, name in chosen.items()]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "scheme"), every_other_scheme())
def test_each_scheme_agrees_everywhere(model: str, scheme: str) -> None:
    assert scheme in fitting_schemes(load(model))
    row = run_case(Case(model, scheme, ON, EXACT, duration=300.0))
    assert row is not None
    assert (row.verdict, row.differing) == ("identical", 0), row


@pytest.mark.slow
@pytest.mark.parametrize("model", ["neurons/lif_current", "neurons/lif_delta", "neurons/lif_alpha"])
def test_exact_built_ins_agree(model: str) -> None:
    case = Case(model, "built-in", ("reference", "nest"), expected="catalogued", duration=400.0)
    row = run_case(case)
    assert row is not None, "no built-in was matched"
    assert row.differing == 0, row


def test_a_different_model_is_found_out() -> None:
    """The suite can fail: other parameters give another verdict."""
    from spikebridge.api import simulate
    from spikebridge.compare import compare_columns
    from spikebridge.definition.bench import bench

    network = bench(load("neurons/lif_current"), duration=100.0)
    cells = network.populations["cells"]
    slower = replace(cells, parameters={"tau_m": "21 ms"})
    changed = network.replace(populations={"cells": slower})
    runs = [simulate(n, "reference").columns for n in (network, changed)]
    assert compare_columns(runs).verdict.kind == "different"
