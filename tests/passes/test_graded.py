"""What a unit sends along a graded synapse: derived from the coupling and the unit's equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError
from spikebridge.definition.draw import draw
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import from_dict, load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.passes.graded import Signal, check_signal, signal_of

PORTS: Any = {"x_syn": {"unit": "1", "kind": "continuous"}}
UNIT = Neuron(
    "tau*dx/dt = -x + x_syn : 1\nz = x + theta : 1\nr = gain*tanh(z) : 1\nF = r + x_syn : 1",
    parameters={"tau": "10 ms", "theta": 0.5, "gain": 2},
    ports=PORTS,
    name="unit",
)


def signal(coupling: str, unit: Neuron = UNIT, **entries: Any) -> Signal:
    text: Any = coupling
    return signal_of(Synapse(coupling=text, name="rule", **entries), unit)


def value(found: Signal, **more: float) -> float:
    return float(evaluate(found.value, {"x": 0.3, "theta": 0.5, "gain": 2.0, **more}))


def test_subexpressions_become_functions_of_states_and_parameters() -> None:
    found = signal("weight*r_pre")
    assert found.value.names == {"x", "theta", "gain"}
    assert found.parameters == {}
    assert value(found) == pytest.approx(2 * np.tanh(0.8), rel=1e-15)


def test_a_state_is_sent_as_it_is() -> None:
    assert signal("weight*x_pre").value.text == "x"


@pytest.mark.parametrize(
    ("coupling", "sent"),
    [
        ("weight*tanh(x_pre)", np.tanh(0.3)),
        ("weight*(x_pre + r_pre)/2", 0.15 + np.tanh(0.8)),
        ("r_pre*weight - x_pre*weight", 2 * np.tanh(0.8) - 0.3),
        ("weight*max(x_pre, 0)**2", 0.09),
    ],
)
def test_any_function_of_the_sender(coupling: str, sent: float) -> None:
    assert value(signal(coupling)) == pytest.approx(sent, rel=1e-14)


def test_parameters_of_the_synapse_are_told_apart_from_the_senders() -> None:
    """Both have a gain and a theta; names that end in _pre may be the synapse's own."""
    found = signal("weight*gain*(x_pre - theta) + weight*b_pre", parameters=
                   {"gain": 3, "theta": 0.1, "b_pre": 7})  # fmt: skip
    assert dict(found.parameters) == {
        "synapse_gain": "gain", "synapse_theta": "theta", "synapse_b_pre": "b_pre"
    }  # fmt: skip
    own = {"synapse_gain": 3.0, "synapse_theta": 0.1, "synapse_b_pre": 7.0}
    assert value(found, **own) == pytest.approx(3 * (0.3 - 0.1) + 7.0, rel=1e-14)


NOT = ("weight + r_pre", "weight**2*r_pre", "r_pre", "max(weight*r_pre, 0)", "exp(weight*r_pre)")


@pytest.mark.parametrize("coupling", NOT)
def test_it_must_be_proportional_to_the_weight(coupling: str) -> None:
    with pytest.raises(DefinitionError, match="not proportional to the weight"):
        signal(coupling)


def test_inputs_are_no_states() -> None:
    with pytest.raises(DefinitionError, match="it reads x_syn, which is no state"):
        signal("weight*F_pre")


def network(initial: Any, **use: Any) -> Any:
    unit = Neuron("tau*dr/dt = -r + x_syn : 1", parameters={"tau": "1 ms"}, ports=PORTS, name="u")
    projection = {
        "pre": "A",
        "post": "A",
        "port": "x_syn",
        "rule": "all_to_all",
        "weight": 1,
        "delay": "0 ms",
        **use,
    }
    return draw(
        from_dict(
            {
                "kind": "network",
                "name": "net",
                "populations": {"A": {"neuron": unit, "size": 3, "initial": {"r": initial}}},
                "projections": {"p": projection},
            }
        ),
        duration=1.0,
    )


def test_what_is_sent_at_time_0_has_a_value() -> None:
    rule = {"kind": "synapse", "coupling": "weight*sqrt(r_pre)"}
    good = network([0.0, 1.0, 2.0], synapse=rule)
    check_signal(good, good.projections["p"])
    bad = network([0.0, 1.0, -2.0], synapse=rule)
    with pytest.raises(DefinitionError, match="what unit 2 of A sends has no finite value"):
        check_signal(bad, bad.projections["p"])


def test_the_library_s_synapse_sends_r() -> None:
    assert signal_of(load("synapses/graded"), load("rates/rate")).value.text == "r"
