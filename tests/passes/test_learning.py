"""The rule of a graded synapse with states: one step, what it reads, what it passes on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikebridge import DefinitionError
from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.passes.codec import from_data, to_data
from spikebridge.passes.learning import Rule, rule_of
from spikebridge.passes.statements import run_statements

RATE, CTRNN = load("rates/rate"), load("rates/ctrnn")


def synapse(equations: str, coupling: str = "weight*w*r_pre", **entries: Any) -> Synapse:
    parts: dict[str, Any] = {"name": "mine", "equations": equations, "coupling": coupling}
    return Synapse(**{**parts, **entries})


def rule(made: Synapse, pre: Any = RATE, post: Any = RATE) -> Rule:
    return rule_of(made, pre, post, "x_syn")


def stepped(
    made: Rule, values: dict[str, float], read: dict[str, float], dt: float, w: float
) -> float:
    numbers = made.numbers_of(values, 1.0, dt)
    scope = run_statements((*made.step, *made.after), {**numbers, **read, "w": w})
    return float(scope["w"])


def test_the_hebbian_step_is_exact_for_held_rates() -> None:
    made = rule(load("synapses/hebbian_rate"))
    assert (made.scheme, made.states) == ("exponential_euler", ("w",))
    assert (made.efficacy.text, made.passed.text) == ("w*weight", "r_pre")
    found = stepped(made, {"eta": 1e-2, "alpha": 0.5}, {"r_pre": 2, "r_post": 3}, 40.0, 1.0)
    assert found == pytest.approx(12 + (1 - 12) * np.exp(-0.2), rel=1e-14)


def test_the_triplet_step_is_clipped() -> None:
    made = rule(load("synapses/triplet_rate"))
    values = {"A_2": 0.5, "A_3": 2.0, "r_0": 1.0, "w_max": 10.0}
    assert stepped(made, values, {"r_pre": 1, "r_post": 2}, 0.5, 1.0) == 1 + 0.5 * (8 - 1)
    assert stepped(made, values, {"r_pre": 1, "r_post": 2}, 5.0, 1.0) == 10.0
    assert stepped(made, values, {"r_pre": 1, "r_post": 0.2}, 500.0, 1.0) == 0.0


@pytest.mark.parametrize("r_post", [0.0, 1e-9, 0.7])
def test_a_decay_that_depends_on_the_rates_may_vanish(r_post: float) -> None:
    """Oja's rule: its decay eta r_post^2 is 0 while the receiver is silent."""
    made = rule(synapse("dw/dt = eta*r_post*(r_pre - r_post*w) : 1", parameters={"eta": "1/ms"}))
    assert made.scheme == "exponential_euler"
    found = stepped(made, {"eta": 1.0}, {"r_pre": 0.3, "r_post": r_post}, 0.5, 2.0)
    aim = 0.3 / r_post if r_post else 0.0
    expected = aim + (2 - aim) * np.exp(-0.5 * r_post**2) if r_post > 0.1 else 2 + 0.15 * r_post
    assert found == pytest.approx(expected, rel=1e-12)


def test_what_is_not_linear_in_itself_takes_a_runge_kutta_step() -> None:
    made = rule(synapse("dw/dt = eta*r_pre*w*(1 - w) : 1", parameters={"eta": "1/ms"}))
    assert made.scheme == "rk4"
    found = stepped(made, {"eta": 1.0}, {"r_pre": 0.5}, 0.1, 0.2)
    exact = solve_ivp(lambda _, w: 0.5 * w * (1 - w), (0, 0.1), [0.2], rtol=1e-12, atol=1e-14)
    assert found == pytest.approx(float(exact.y[0, -1]), rel=1e-9)


def test_two_states_that_read_each_other_move_together() -> None:
    text = "dw/dt = eta*(r_pre*m - w) : 1\ndm/dt = eta*(w - m) : 1"
    made = rule(synapse(text, parameters={"eta": "1/ms"}))
    numbers = made.numbers_of({"eta": 1.0}, 1.0, 1.0)
    scope = run_statements(made.step, {**numbers, "w": 1.0, "m": 2.0, "r_pre": 0.5})
    decay = np.exp(-1.0)
    assert scope["w"] == pytest.approx(decay * 1 + (1 - decay) * 0.5 * 2, rel=1e-14)
    assert scope["m"] == pytest.approx(decay * 2 + (1 - decay) * 1, rel=1e-14)


def test_reads_are_written_in_states_and_parameters_of_the_units() -> None:
    made = rule(load("synapses/hebbian_rate"), CTRNN, RATE)
    assert made.post["r_post"].text == "r"
    assert {"x", "theta"} <= made.pre["r_pre"].names


def test_a_coupling_may_pass_on_a_function() -> None:
    rate = "dw/dt = eta*(r_pre - w) : 1"
    parts: dict[str, Any] = {"parameters": {"eta": "1/ms", "g": 2}}
    made = rule(synapse(rate, "g*weight*(1 + w)*tanh(g*r_pre)", **parts))
    assert made.passed.text == "tanh(g*r_pre)"
    assert made.efficacy.names == {"g", "weight", "w"}
    for wrong in ("weight*w*r_pre + w**2*tanh(r_pre)", "weight*tanh(w*r_pre)", "w*r_pre*r_post"):
        with pytest.raises(DefinitionError, match="cannot be summed") as caught:
            rule(synapse(rate, wrong, **parts))
        assert caught.value.line == f"coupling = {wrong}"


def test_the_weight_may_stand_in_the_rule() -> None:
    made = rule(synapse("dw/dt = (weight - w)/(5*ms) + r_pre/ms*0 : 1"))
    found = run_statements(made.step, {**made.numbers_of({}, 3.0, 5.0), "w": 1.0, "r_pre": 0.0})
    assert found["w"] == pytest.approx(3 - 2 * np.exp(-1), rel=1e-14)


def test_a_rule_comes_back_from_disk() -> None:
    made = rule(load("synapses/triplet_rate"))
    again = from_data(Rule, to_data(made))
    assert to_data(again) == to_data(made)
