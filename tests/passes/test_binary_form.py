"""Binary units are recognised by algebra: what is one, what is nearly one, which numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import Neuron
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import load
from spikebridge.passes.binary_form import BinaryForm, binary_form

PORT = {"unit": "1", "kind": "continuous"}
UPDATE = "A(t+1) = int(rand < 1 - exp(-dt/tau_m))*{0} + int(rand >= 1 - exp(-dt/tau_m))*A : 1"
VALUES = {"tau_m": 7.0, "I": 0.3, "theta": 0.8, "beta": 1.4, "c": 2.5}


def form(text: str, **more: str) -> BinaryForm:
    unit = Neuron(
        "\n".join([text, *(f"{n} = {e} : 1" for n, e in more.items())]),
        parameters={**VALUES, "tau_m": "7 ms"},
        ports={"x_syn": PORT, "I_ext": PORT},
        name="unit",
    )
    return binary_form(unit)


def numbers(found: BinaryForm, **ports: float) -> dict[str, Any]:
    scope = {**VALUES, "x_syn": 0.0, "I_ext": 0.0, **ports}
    return {n: float(evaluate(e, scope)) for n, e in found.numbers.items()}


def factors(found: BinaryForm) -> dict[str, float]:
    return {n: float(evaluate(e, VALUES)) for n, e in found.factors.items()}


THRESHOLD = [
    UPDATE.format("int(c*x_syn + I > theta)"),
    UPDATE.format("int(theta - I < c*x_syn)"),
    UPDATE.format("int(c*x_syn + I > theta)").replace("1 - exp", "1 - exp(0)*exp"),
    "A(t+1) = A + int(rand >= exp(-dt/tau_m))*(int(c*x_syn + I > theta) - A) : 1",
    "A(t+1) = A + int(rand <= 1 - exp(-dt/tau_m))*(int(c*x_syn + I > theta) - A) : 1",
]


@pytest.mark.parametrize("text", THRESHOLD)
def test_a_threshold_however_it_is_written(text: str) -> None:
    found = form(text)
    assert (found.why, found.gain, found.state) == ("", "threshold", "A")
    assert numbers(found) == pytest.approx({"tau_m": 7, "theta": 0.5})
    assert factors(found) == {"x_syn": 2.5}


def test_what_comes_from_outside_is_part_of_the_threshold() -> None:
    found = form(UPDATE.format("int(h > theta)"), h="x_syn + I + 3*I_ext")
    assert numbers(found, I_ext=0.1)["theta"] == pytest.approx(0.2)
    assert factors(found) == {"x_syn": 1, "I_ext": 3}


@pytest.mark.parametrize(
    "gain",
    [
        "1/(1 + exp(-beta*(x_syn + I - theta)))",
        "exp(beta*(x_syn + I - theta))/(1 + exp(beta*(x_syn + I - theta)))",
        "0.5 + 0.5*tanh(beta/2*(x_syn + I - theta))",
        "1 - 1/(1 + exp(beta*(x_syn + I - theta)))",
    ],
)
def test_the_logistic_function_is_a_hyperbolic_tangent(gain: str) -> None:
    found = form(UPDATE.format(f"int(rand_1 < {gain})"))
    assert (found.why, found.gain) == ("", "sigmoid")
    expected = {"tau_m": 7, "c_1": 0, "c_2": 1, "c_3": 0.7, "theta": 0.5}
    assert numbers(found) == pytest.approx(expected)
    assert not any(abs(evaluate(z, {**VALUES, "x_syn": 0.0})) > 1e-14 for z in found.zeros)


def test_a_linear_gain_and_what_must_be_zero() -> None:
    found = form(UPDATE.format("int(rand_1 < 0.2*(x_syn + I))"))
    assert numbers(found)["c_1"] == pytest.approx(0.2) and numbers(found)["c_2"] == 0
    (zero,) = found.zeros
    assert evaluate(zero, {**VALUES, "x_syn": 0.0}) == pytest.approx(0.06)


def test_noise_on_the_input_of_an_update() -> None:
    found = form(UPDATE.format("int(x_syn + I - c*xi > theta)"))
    assert (found.gain, numbers(found)) == (
        "erfc",
        pytest.approx({"tau_m": 7, "theta": 0.5, "sigma": 2.5}),
    )


NEARLY = {
    UPDATE.format("int(x_syn >= theta)"): "active at the threshold too",
    UPDATE.format("int(x_syn**2 > theta)"): "not a weighted sum",
    UPDATE.format("int(x_syn > theta + A)"): "no choice between its old value",
    UPDATE.format("int(x_syn + rand > theta)"): "no random number decides",
    UPDATE.format("int(rand_1 < x_syn**2)"): "not a weighted sum",
    UPDATE.format("int(rand_1 < exp(x_syn))"): "no hyperbolic tangent",
    UPDATE.format("int(x_syn + xi + rand_1 > theta)"): "draws one number",
    UPDATE.format("int(x_syn*xi > theta)"): "not a weighted sum",
    UPDATE.format("0.5*int(x_syn > theta)"): "single int",
    UPDATE.format("int(x_syn == theta)"): "no comparison",
    UPDATE.format("int(x_syn > theta)").replace(" + int", " + 2*int"): "does not stay as it is",
    "A(t+1) = int(rand < dt/tau_m)*int(x_syn > 0) + int(rand >= dt/tau_m)*A : 1": "Poisson times",
    "A(t+1) = int(x_syn > theta) : 1": "changes in every step",
    "A(t+1) = A : 1\nB(t+1) = A : 1": "2 states",
    "dA/dt = -A/tau_m : 1": "no map",
}


@pytest.mark.parametrize("text", NEARLY)
def test_what_is_nearly_one_is_told_what_differs(text: str) -> None:
    assert NEARLY[text] in form(text).why


def test_the_entries_of_the_catalogue_are_their_own_match() -> None:
    from spikebridge.simulators.nest.binary import binary_catalogue, entry_of

    for entry in binary_catalogue():
        found = binary_form(entry.neuron)
        assert found.why == "" and entry_of(found) is entry
        names = {*entry.neuron.parameters}
        scope = {n: float(i) for i, n in enumerate(sorted(names), start=2)} | {"h": 0.0}
        assert {n: float(evaluate(e, scope)) for n, e in found.numbers.items()} == pytest.approx(
            {n: scope[n] for n in names}
        )
        assert factors_of_one(found)


def factors_of_one(found: BinaryForm) -> bool:
    return {n: e.text for n, e in found.factors.items()} == {"h": "1.0"}


def test_units_of_the_library() -> None:
    gains = {n: binary_form(load(f"binary/{n}")).gain for n in ("mcculloch_pitts", "ginzburg")}
    assert gains == {"mcculloch_pitts": "threshold", "ginzburg": "sigmoid"}
    assert "changes in every step" in binary_form(load("binary/binary")).why
    scope = {"c_1": 1.0, "I": 0.0, "I_ext": 0.0, "x_syn": 0.0}
    zero = binary_form(load("binary/ginzburg")).zeros[0]
    assert np.all(evaluate(zero, scope) == 0) and evaluate(zero, {**scope, "I": 2.0}) == 2
