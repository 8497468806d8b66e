"""Schemes as statements: their order against scipy, exact propagators against the solution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikebridge import DefinitionError, Neuron, load
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.expressions import Expression
from spikebridge.definition.library import names
from spikebridge.definition.values import Quantity
from spikebridge.passes.integrate import SCHEMES, fitting_schemes, program_of
from spikebridge.passes.program import Assign, Program

ORDER = {"euler": 1, "heun": 2, "rk4": 4, "exponential_euler": 1}
LINEAR = Neuron(
    """
    dV/dt = (-(V - E) + R*(I + J))/tau_m : mV
    dI/dt = -I/tau_s : pA
    """,
    {"tau_m": "20 ms", "tau_s": "5 ms", "E": "-65 mV", "R": "0.1 GOhm"},
    ports={"J": {"unit": "pA", "kind": "continuous"}},  # type: ignore[dict-item]
    name="linear",
)
CURVED = Neuron(
    """
    dV/dt = (-V + V*w/(10*mV) + w)/tau : mV
    dw/dt = (a*V - w)/tau_w : mV
    """,
    {"tau": "8 ms", "tau_w": "15 ms", "a": -1.5},
    name="curved",
)


def numbers(neuron: Neuron) -> dict[str, Any]:
    found: dict[str, Any] = {}
    left = dict(neuron.parameters)
    while left:
        for name, value in list(left.items()):
            if isinstance(value, Quantity):
                found[name] = left.pop(name).number  # type: ignore[union-attr]
            elif isinstance(value, Expression) and not value.names & set(left):
                found[name] = float(evaluate(left.pop(name), found))  # type: ignore[arg-type]
    return found


def run(statements: tuple[Assign, ...], scope: dict[str, Any]) -> None:
    for statement in statements:
        scope[statement.target] = float(evaluate(statement.value, scope))


def stepped(
    program: Program, values: dict[str, Any], start: dict[str, float], dt: float, steps: int
) -> dict[str, float]:
    scope = {**values, **program.constants_of(values, dt), **start, "dt": dt, "t": 0.0}
    for _ in range(steps):
        run(program.free, scope)
    return {n: scope[n] for n in program.states}


def solved(neuron: Neuron, values: dict[str, Any], start: dict[str, float], time: float) -> Any:
    def rates(t: float, y: Any) -> list[float]:
        scope = {**values, **dict(zip(neuron.states, y, strict=True)), "t": t}
        found = []
        for equation in neuron.of_kind("differential"):
            assert equation.expression is not None
            factor = evaluate(equation.factor, scope) if equation.factor else 1.0
            found.append(evaluate(equation.expression, scope) / factor)
        return found

    y0 = [start[n] for n in neuron.states]
    return solve_ivp(rates, (0, time), y0, method="DOP853", rtol=1e-12, atol=1e-12).y[:, -1]


def errors(neuron: Neuron, scheme: str, start: dict[str, float], extra: Any = None) -> list[float]:
    values = {**numbers(neuron), **(extra or {})}
    truth = solved(neuron, values, start, 4.0)
    program = program_of(neuron, scheme)
    found = []
    for steps in (20, 40, 80):
        end = stepped(program, values, start, 4.0 / steps, steps)
        found.append(max(abs(end[n] - x) for n, x in zip(neuron.states, truth, strict=True)))
    return found


@pytest.mark.parametrize("scheme", ORDER)
@pytest.mark.parametrize("neuron", [LINEAR, CURVED], ids=["linear", "curved"])
def test_schemes_converge_at_their_order(neuron: Neuron, scheme: str) -> None:
    start = {"V": -3.0, "I": 120.0} if neuron is LINEAR else {"V": 2.0, "w": 1.0}
    extra = {"J": 40.0} if neuron is LINEAR else {}
    found = errors(neuron, scheme, start, extra)
    orders = np.log2(np.array(found[:-1]) / found[1:])
    assert orders[-1] == pytest.approx(ORDER[scheme], abs=0.15), found


def test_exact_propagators_are_exact_at_any_step() -> None:
    for dt, steps in ((0.1, 40), (1.0, 4), (4.0, 1)):
        values = {**numbers(LINEAR), "J": 40.0}
        end = stepped(program_of(LINEAR, "exact"), values, {"V": -60.0, "I": 120.0}, dt, steps)
        truth = solved(LINEAR, values, {"V": -60.0, "I": 120.0}, 4.0)
        assert [end["V"], end["I"]] == pytest.approx(truth, rel=1e-10)


def test_exact_propagators_in_closed_form() -> None:
    """V = tau_s R I0/(tau_m - tau_s) (e^(-t/tau_m) - e^(-t/tau_s)) from rest."""
    values = {**numbers(LINEAR), "J": 0.0}
    end = stepped(program_of(LINEAR, "exact"), values, {"V": -65.0, "I": 100.0}, 0.1, 50)
    curve = np.exp(-5.0 / 20.0) - np.exp(-5.0 / 5.0)
    assert end["V"] + 65.0 == pytest.approx(5.0 * 0.1 * 100.0 / (20.0 - 5.0) * curve, rel=1e-12)


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-9, 1e-6, 1e-3, -1e-9])
def test_equal_time_constants_are_no_singularity(gap: float) -> None:
    """tau_s -> tau_m: V = R I0 t/tau e^(-t/tau), the alpha function."""
    values = {**numbers(LINEAR), "J": 0.0, "tau_s": 20.0 * (1 + gap)}
    end = stepped(program_of(LINEAR, "exact"), values, {"V": -65.0, "I": 100.0}, 0.1, 100)
    alpha = 0.1 * 100.0 * 10.0 / 20.0 * np.exp(-10.0 / 20.0)
    assert end["V"] + 65.0 == pytest.approx(alpha, rel=max(1e-9, 2 * abs(gap)))


def test_one_value_per_unit() -> None:
    values = {**numbers(LINEAR), "J": 0.0, "tau_s": np.array([5.0, 20.0])}
    constants = program_of(LINEAR, "exact").constants_of(values, 0.1)
    assert any(np.shape(v) == (2,) for v in constants.values())
    assert all(np.all(np.isfinite(v)) for v in constants.values())


def test_clamped_states_stay_and_others_go_on() -> None:
    cell = load("neurons/lif_current")
    values = {**numbers(cell), "I_ext": 0.0}
    for scheme in fitting_schemes(cell):
        program = program_of(cell, scheme)
        assert program.clamped is not None
        assert program.clamp == {"V"}
        scope = {**values, **program.constants_of(values, 0.1), "dt": 0.1, "t": 0.0}
        scope |= {"V": -60.0, "I_exc": 100.0, "I_inh": -50.0}
        run(program.clamped, scope)
        assert scope["V"] == -60.0, scheme
        assert scope["I_exc"] == pytest.approx(100 * np.exp(-0.1 / 5), rel=1e-3), scheme
        assert all(s.target != "V" or s.temporary for s in program.clamped)


def test_exact_refuses_what_is_not_linear() -> None:
    with pytest.raises(DefinitionError) as caught:
        program_of(CURVED, "exact")
    assert caught.value.symbol == "V"
    assert "rk4" in str(caught.value.remedy)
    assert "exact" not in fitting_schemes(CURVED)


def test_exponential_euler_needs_each_state_linear_in_itself() -> None:
    quadratic = Neuron("dV/dt = (V*V/mV - V)/tau : mV", {"tau": "5 ms"}, name="quadratic")
    with pytest.raises(DefinitionError, match="linear in V") as caught:
        program_of(quadratic, "exponential_euler")
    assert "rk4" in str(caught.value.remedy)
    assert set(fitting_schemes(quadratic)) == {"euler", "heun", "rk4"}


def test_auto_and_native() -> None:
    assert program_of(LINEAR).scheme == "exact"
    assert program_of(CURVED).scheme == "rk4"
    native = program_of(CURVED, "native")
    assert (native.scheme, native.free, native.constants) == ("native", (), ())
    assert native.odes is not None
    assert set(native.odes) == set(CURVED.states)
    with pytest.raises(DefinitionError, match="unknown scheme 'rk5'"):
        program_of(CURVED, "rk5")


NEURONS = [name for name in names() if name.startswith("neurons/")]


@pytest.mark.parametrize("name", NEURONS)
def test_programs_of_the_library_are_closed(name: str) -> None:
    """Every name that a statement reads is given by the program or written before."""
    neuron = load(name)
    schemes = fitting_schemes(neuron)
    assert schemes
    for scheme in schemes:
        program = program_of(neuron, scheme)
        known = {*program.states, *program.parameters, *program.constants, *program.currents}
        known |= {*program.noise, "dt"} | ({"t"} if program.uses_time else set())
        for statements in (program.free, program.clamped or ()):
            written = set(known)
            for statement in statements:
                assert statement.reads <= written, (scheme, statement)
                written.add(statement.target)


def test_every_scheme_is_tested_here() -> None:
    assert set(SCHEMES) == {*ORDER, "exact"}


def test_coefficients_that_do_not_differ_are_numbers() -> None:
    """A resting potential of its own for each unit leaves the rest of the propagator alone."""
    values = {**numbers(LINEAR), "J": 0.0, "E": np.array([-65.0, -60.0])}
    found = program_of(LINEAR, "exact").constants_of(values, 0.1)
    alone = program_of(LINEAR, "exact").constants_of({**values, "E": -65.0}, 0.1)
    wide = {n for n, v in found.items() if np.ndim(v)}
    assert wide and wide < set(found)
    assert all(np.ravel(found[n])[0] == pytest.approx(alone[n], rel=1e-15) for n in found)
    assert all(np.shape(found[n]) == (2,) and np.ptp(found[n]) for n in wide)
