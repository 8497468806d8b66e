"""Maps x(t+1) = f(x): read, written, checked; random numbers where they have a meaning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge import DefinitionError, Network, Neuron, SpikebridgeError, UnitError, simulate
from spikebridge.definition.draw import draw
from spikebridge.definition.draw_noise import noise_names
from spikebridge.definition.dump import dumps
from spikebridge.definition.equations import parse_equations
from spikebridge.definition.latex import equation_latex
from spikebridge.definition.library import from_dict, loads
from spikebridge.passes.integrate import fitting_schemes, program_of

UNIT = "A(t+1) = int(rand < dt/tau)*int(h > xi_1) + int(rand >= dt/tau)*A : 1"
PARTS: dict[str, Any] = {
    "parameters": {"tau": "10 ms"},
    "ports": {"h": {"unit": "1", "kind": "continuous"}},
}


def neuron(equations: str, **more: Any) -> Neuron:
    return Neuron(equations, **{**PARTS, "name": "unit", **more})


@pytest.mark.parametrize("left", ["A(t+1)", "A(t + 1)", "A( t +1 )", "A (t+1)", "A  ( t+ 1)"])
def test_the_left_side_is_read_with_any_spacing(left: str) -> None:
    (found,) = parse_equations(f"{left} = 1 - A : 1")
    assert (found.kind, found.name, str(found)) == ("map", "A", "A(t+1) = 1 - A : 1")


def test_a_map_is_a_state_with_one_scheme() -> None:
    found = neuron(UNIT)
    assert found.states == ("A",)
    assert noise_names(found) == ("rand", "xi_1")
    assert fitting_schemes(found) == ("map",)
    for scheme in ("auto", "euler", "exact"):
        assert program_of(found, scheme).scheme == "map"


def test_text_and_back() -> None:
    found = neuron(UNIT, initial={"A": 1})
    again = loads(dumps(found))
    assert again == found
    assert again.hash == found.hash
    assert dumps(again) == dumps(found)


def test_a_map_is_not_the_derivative() -> None:
    """Spacing does not enter the hash; what kind of equation it is does."""
    hashes = [neuron(f"{left} = 2*A : 1").hash for left in ("A(t+1)", "A (t + 1)")]
    assert hashes[0] == hashes[1]
    assert neuron("dA/dt = 2*A/ms : 1").hash != hashes[0]
    assert neuron("A(t+1) = 2*A : 1") != neuron("A(t+1) = 3*A : 1")


def test_latex() -> None:
    (found,) = parse_equations("A_1(t+1) = int(h > theta) : 1")
    assert equation_latex(found) == r"A_{1}(t+1) &= \left[h > \theta\right]"


names = st.sampled_from(["x", "y", "A", "V_m"])
numbers = st.floats(-4, 4, allow_nan=False).map(lambda v: round(v, 3))


@st.composite
def maps(draw_: Any) -> tuple[str, dict[str, tuple[float, ...]]]:
    """A linear map of two states with a random number, and its coefficients."""
    a, b = draw_(st.lists(names, min_size=2, max_size=2, unique=True))
    noise = draw_(st.sampled_from(["xi", "rand", "xi_a", "rand_7"]))
    rows = {n: tuple(draw_(numbers) for _ in range(3)) for n in (a, b)}
    lines = [f"{n}(t+1) = {p}*{a} + {q}*{b} + {s}*{noise} : 1" for n, (p, q, s) in rows.items()]
    return "\n".join(lines), rows


@given(maps())
@settings(max_examples=30, deadline=None)
def test_any_map_survives_and_sees_old_values(made: tuple[str, dict[str, Any]]) -> None:
    """One step of the program is the matrix times the states, all of them old."""
    text, rows = made
    found = Neuron(text, initial={n: 1.5 + k for k, n in enumerate(rows)}, name="unit")
    assert loads(dumps(found)) == found
    network = from_dict(
        {
            "kind": "network",
            "populations": {"A": {"neuron": found, "size": 3}},
            "recordings": {"A": {"population": "A", "variables": list(rows)}},
            "run": {"duration": "0.4 ms", "dt": "0.1 ms"},
        }
    )
    (noise,) = draw(network, frozen_noise=True).currents
    run = simulate(network, "reference", frozen_noise=True)
    path = np.array([run.columns.trace("A", n).values for n in rows])
    M = np.array([r[:2] for r in rows.values()])
    scale = np.array([r[2] for r in rows.values()])
    for k, drawn in enumerate(noise.values):
        expected = M @ path[:, k] + np.outer(scale, drawn)
        assert np.allclose(path[:, k + 1], expected, rtol=1e-12, atol=1e-12)


def test_uniform_numbers_are_between_0_and_1_and_normal_ones_are_not() -> None:
    unit = neuron("A(t+1) = rand : 1\nB(t+1) = xi : 1")
    network = Network([_population(unit, 200)], dt="0.1 ms", duration="50 ms")  # type: ignore[arg-type]
    found = {c.port: np.asarray(c.values) for c in draw(network, frozen_noise=True).currents}
    assert found["rand"].min() >= 0
    assert found["rand"].max() < 1
    assert found["rand"].mean() == pytest.approx(0.5, abs=0.005)
    assert found["xi"].std() == pytest.approx(1, abs=0.01)
    assert found["xi"].min() < -3


def _population(unit: Neuron, size: int) -> Any:
    from spikebridge import Population

    return Population("A", unit, size)


BAD: list[tuple[str, str, dict[str, Any], type[SpikebridgeError], tuple[str, ...]]] = [
    ("two clocks", "A(t+1) = A : 1\ndV/dt = -V/tau : mV", {}, DefinitionError,
     ("unit", "A is a map and V a differential equation", "two populations")),
    ("unit of the right side", "A(t+1) = tau : 1", {}, UnitError, ("A(t+1)", "ms")),
    ("a derivative's unit", "V(t+1) = -V/tau : mV", {}, UnitError, ("V(t+1)", "mV/ms")),
    ("xi is a plain number here", "A(t+1) = xi*sqrt(tau) : 1", {}, UnitError, ("A(t+1)",)),
    ("rand has no unit", "V(t+1) = rand : mV", {}, UnitError, ("V(t+1)", "mV")),
    ("rand in a derivative", "dA/dt = (rand - A)/tau : 1", {}, DefinitionError,
     ("rand", "dA/dt")),
    ("dt in a derivative", "dA/dt = -A/dt : 1", {}, DefinitionError, ("dt", "dA/dt")),
    ("rand in a subexpression", "A(t+1) = int(z) : 1\nz = rand : 1", {}, DefinitionError,
     ("rand", "z = ")),
    ("xi in a subexpression", "A(t+1) = z : 1\nz = xi : 1", {}, DefinitionError,
     ("xi", "z = ")),
    ("twice", "A(t+1) = A : 1\nA(t+1) = 0 : 1", {}, DefinitionError, ("'A' is defined twice",)),
    ("map and derivative", "A(t+1) = A : 1\ndA/dt = -A/tau : 1", {}, DefinitionError,
     ("'A' is defined twice",)),
    ("two steps", "A(t+2) = A : 1", {}, DefinitionError, ("A(t+2)",)),
    ("a step back", "A(t-1) = A : 1", {}, DefinitionError, ("A(t-1)",)),
    ("no unit", "A(t+1) = A", {}, DefinitionError, ("no unit",)),
    ("unknown name", "A(t+1) = B : 1", {}, DefinitionError, ("B",)),
    ("a call on the right", "A(t+1) = A(t) : 1", {}, DefinitionError, ("A(t)",)),
    ("called rand", "rand(t+1) = 1 : 1", {}, DefinitionError, ("'rand' has a fixed meaning",)),
    ("called rand_1", "A(t+1) = A : 1", {"parameters": {"rand_1": 2}}, DefinitionError,
     ("'rand_1' has a fixed meaning",)),
    ("called t", "t(t+1) = 1 : 1", {}, DefinitionError, ("'t'",)),
    ("initial value", "A(t+1) = A : 1", {"initial": {"A": "1 mV"}}, UnitError, ("A", "mV")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "text", "more", "error", "parts"),
    BAD,
    ids=lambda v: v if isinstance(v, str) and len(v) < 28 else "",
)
def test_what_cannot_be_is_said(
    case: str, text: str, more: Any, error: type[SpikebridgeError], parts: tuple[str, ...]
) -> None:
    with pytest.raises(error) as raised:
        neuron(text, **more)
    for part in (*parts, "unit"):
        assert part in str(raised.value), (case, str(raised.value))


@pytest.mark.parametrize(
    ("entries", "part"),
    [
        ({"equations": "x(t+1) = x : 1", "on_pre": "deliver(weight)"}, "cannot be a map"),
        ({"equations": "dx/dt = (xi - x)/ms : 1", "on_pre": "x += 1; deliver(weight*x)"}, "xi"),
        ({"equations": "dx/dt = -x/ms + rand/ms : 1", "on_pre": "deliver(weight)"}, "'rand'"),
        ({"on_pre": "deliver(weight*rand)"}, "'rand' is not defined"),
        ({"coupling": "weight*rand*r_pre"}, "'rand' is not defined"),
        ({"coupling": "weight*xi_1*r_pre"}, "'xi_1' is not defined"),
    ],
)
def test_synapses_are_no_maps_and_draw_no_numbers(entries: dict[str, Any], part: str) -> None:
    graded = "coupling" in entries
    cells = {"neuron": "binary/ginzburg" if graded else "neurons/lif_current", "size": 2}
    use = {"pre": "A", "post": "A", "port": "x_syn" if graded else "exc", "rule": "all_to_all"}
    use |= {"weight": 1 if graded else "1 pA", "delay": "1 ms"}
    synapse = {"kind": "synapse", "name": "rule", **entries}
    content = {"kind": "network", "populations": {"A": cells}}
    with pytest.raises(DefinitionError, match=part):
        simulate(from_dict({**content, "projections": {"p": {**use, "synapse": synapse}}}))


def test_python_on_the_page_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "binary.md"
    code = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code[0], scope)  # tests/test_docs.py runs those that need a simulator
    assert scope["unit"].states == ("V",)
    assert noise_names(scope["unit"]) == ("xi",)
