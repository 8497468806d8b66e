"""The step of a map: all right sides see the old values; dt is a constant of the program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import Neuron, Population, simulate
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import load
from spikebridge.definition.network import Network, Recording
from spikebridge.passes.integrate import program_of


def stepped(neuron: Neuron, scope: dict[str, float]) -> dict[str, float]:
    """The values after one step of the program, statement by statement."""
    program = program_of(neuron)
    values: dict[str, Any] = dict(scope)
    for constants in program.derived:
        values.update(constants.of(values, 0.1))
    for statement in program.free:
        values[statement.target] = evaluate(statement.value, values)
    return values


def test_two_states_change_places() -> None:
    swap = Neuron("x(t+1) = y : 1\ny(t+1) = x : 1", name="swap")
    found = stepped(swap, {"x": 1.0, "y": 5.0})
    assert (found["x"], found["y"]) == (5.0, 1.0)


def test_three_states_in_a_ring_with_a_shared_term() -> None:
    text = "a(t+1) = exp(c) + b : 1\nb(t+1) = exp(c) + c : 1\nc(t+1) = exp(c) + a : 1"
    found = stepped(Neuron(text, name="ring"), {"a": 1.0, "b": 2.0, "c": 0.5})
    e = np.exp(0.5)
    assert [found[n] for n in "abc"] == pytest.approx([e + 2, e + 0.5, e + 1], rel=1e-15)


def test_dt_is_a_derived_constant_where_it_is_used() -> None:
    program = program_of(load("binary/ginzburg"))
    assert program.constants == ("dt_ms",)
    assert program.noise == ("rand_1", "rand_2")
    assert program_of(load("binary/binary")).constants == ()
    found = stepped(Neuron("x(t+1) = x + dt/tau : 1", {"tau": "10 ms"}, name="clock"),
                    {"x": 0.0, "tau": 10.0})  # fmt: skip
    assert found["x"] == pytest.approx(0.01, rel=1e-15)


@pytest.mark.parametrize(
    ("r1", "r2", "A", "after"), [(0.001, 0.3, 0, 1), (0.001, 0.7, 1, 0), (0.5, 0.3, 0, 0),
                                 (0.5, 0.7, 1, 1)])  # fmt: skip
def test_a_unit_changes_only_at_an_update(r1: float, r2: float, A: float, after: float) -> None:
    unit = load("binary/ginzburg")  # gain 1/2 at h = theta = 0
    scope = dict.fromkeys(("I", "theta", "c_1", "x_syn", "I_ext"), 0.0)
    scope |= {"tau_m": 10.0, "c_2": 1.0, "c_3": 1.0, "A": A, "rand_1": r1, "rand_2": r2}
    assert stepped(unit, scope)["A"] == after


def test_the_activity_at_threshold() -> None:
    """H(0) = 1 in the synchronous unit, and 0 in the asynchronous one, as in NEST."""
    program = program_of(load("binary/binary"))
    assert evaluate(program.recordables["A"], {"V": 0.5, "theta": 0.5}) == 1.0
    assert evaluate(program.recordables["A"], {"V": 0.5 - 1e-12, "theta": 0.5}) == 0.0
    scope = {"x_syn": 0.5, "I": 0.0, "I_ext": 0.0, "theta": 0.5, "tau_m": 10.0, "A": 1.0}
    unit = load("binary/mcculloch_pitts")
    assert stepped(unit, {**scope, "rand": 0.0})["A"] == 0.0
    assert stepped(unit, {**scope, "rand": 0.0, "x_syn": 0.5 + 1e-12})["A"] == 1.0


def test_the_logistic_map_step_by_step() -> None:
    """Chaotic, but the same arithmetic: 40 steps against a loop, before rounding has grown."""
    unit = Neuron("x(t+1) = g*x*(1 - x) : 1", {"g": 3.9}, initial={"x": 0.2}, name="logistic")
    recording = Recording("x", "A", ("x",))
    network = Network([Population("A", unit, 1)], recordings=[recording], dt="0.1 ms")  # type: ignore[arg-type]
    found = simulate(network, "reference", duration="4 ms").columns.trace("A", "x").values[:, 0]
    x = [0.2]
    for _ in range(40):
        x.append(3.9 * x[-1] * (1 - x[-1]))
    assert found == pytest.approx(np.array(x), abs=1e-6)
