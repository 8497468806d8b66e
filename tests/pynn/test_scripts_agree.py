"""Scripts of `examples/pynn_scripts.py`: the same spikes through PyNN and on our simulators."""

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
FULL = os.environ.get("SPIKEBRIDGE_FULL") == "1"
SOME = ("izhikevich", "balanced_currents", "stdp")
MORE = ("assembly", "if_curr_alpha", "if_cond_exp", "small_network", "distances", "alternating")


@pytest.fixture(scope="module")
def scripts() -> Any:
    spec = importlib.util.spec_from_file_location("pynn_scripts", EXAMPLES / "pynn_scripts.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = os.environ["PATH"]
    os.environ["PATH"] = ""  # PyNN would build extensions of NEST with nest-config
    try:
        import pyNN.nest  # noqa: F401
    finally:
        os.environ["PATH"] = path
    return module


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", SOME + (MORE if FULL else ()))
def test_spikes_are_those_of_pynn_on_nest(scripts: Any, name: str) -> None:
    _, script = scripts.SCRIPTS[name]
    ours = scripts.by_us(script, "nest")
    assert sum(len(t) for t in ours) > 5
    assert same(ours, scripts.by_pynn(script, "nest"))


def test_brian2_agrees_with_the_reference(scripts: Any) -> None:
    _, script = scripts.SCRIPTS["balanced_currents"]
    ours = scripts.by_us(script, "brian2")
    assert sum(len(t) for t in ours) > 50
    assert same(ours, scripts.by_us(script, "reference"))


def test_what_does_not_run_says_why(scripts: Any) -> None:
    for name in ("gif", "stochastic", "native"):
        assert "| no |" in scripts.row(name, "reference")
