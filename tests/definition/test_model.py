"""Neurons and synapses: frozen, checked, and identified by what they compute."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from spikebridge import DefinitionError, Neuron, Synapse, UnitError

EQUATIONS = "tau*dV/dt = E - V + R*I : mV"
PARAMETERS = {"tau": "20 ms", "E": "-65 mV", "R": "0.1 GOhm", "theta": "-50 mV"}
PORTS = {"I": {"unit": "pA", "kind": "continuous"}, "w": {"unit": "mV", "receive": "V += weight"}}
SPIKE = {"condition": "V > theta", "effects": "V = E"}


def neuron(**changes: Any) -> Neuron:
    given: dict[str, Any] = {
        "equations": EQUATIONS,
        "parameters": PARAMETERS,
        "ports": PORTS,
        "spike": SPIKE,
        "initial": {"V": "E"},
    }
    return Neuron(**{**given, **changes})


def test_parts_are_named() -> None:
    cell = neuron()
    assert cell.states == ("V",)
    assert cell.continuous_ports == ("I",)
    assert cell.spike_ports == ("w",)
    assert cell.required == ()
    assert cell.unit_of("V") == "mV"


def test_a_definition_is_frozen() -> None:
    cell = neuron()
    with pytest.raises(FrozenInstanceError):
        cell.equations = ""  # type: ignore[misc]
    with pytest.raises(TypeError):
        cell.parameters["tau"] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    "changes",
    [
        {"equations": "tau * dV/dt=(E-V) + (R*I):mV"},
        {"equations": "# the membrane\n tau*dV/dt = E - V \\\n + R*I : volt".replace("\\\n", "")},
        {"equations": "tau*dV/dt = E - V\n   + R*I : mV"},
        {"parameters": {**PARAMETERS, "tau": "0.02 s", "E": "-0.065 V"}},
        {"parameters": dict(reversed(PARAMETERS.items()))},
        {"name": "mine", "title": "Mine", "description": "x", "source": {"doi": "10.1/2"}},
        {"spike": {"condition": "(V>theta)", "effects": "V=E"}},
    ],
    ids=["spaces", "comment", "wrapped", "units", "order", "names", "brackets"],
)
def test_the_hash_sees_what_is_computed_only(changes: dict[str, Any]) -> None:
    assert neuron(**changes).hash == neuron().hash
    assert neuron(**changes) == neuron()
    assert len({neuron(**changes), neuron()}) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {**PARAMETERS, "tau": "20.000000001 ms"}},
        {"equations": "tau*dV/dt = E - V - R*I : mV"},
        {"spike": {**SPIKE, "condition": "V >= theta"}},
        {"initial": {"V": "-65 mV"}},
        {"scheme": "rk4"},
        {"ports": {**PORTS, "w": {"unit": "mV", "receive": "V -= weight"}}},
    ],
    ids=["parameter", "equation", "threshold", "initial", "scheme", "port"],
)
def test_the_hash_sees_everything_that_is_computed(changes: dict[str, Any]) -> None:
    assert neuron(**changes).hash != neuron().hash


def test_the_hash_is_the_same_in_every_process() -> None:
    import subprocess
    import sys

    code = (
        "from spikebridge import Neuron; print(Neuron('dV/dt = -V/tau : mV', {'tau': '2 ms'}).hash)"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    }
    assert hashes == {Neuron("dV/dt = -V/tau : mV", {"tau": "2 ms"}).hash + "\n"}


def test_derived_parameters_have_their_units_checked() -> None:
    cell = neuron(parameters={**PARAMETERS, "g": "1/R", "C": "tau*g"})
    assert cell.parameters["C"] is not None
    with pytest.raises(UnitError, match="cannot add"):
        neuron(parameters={**PARAMETERS, "g": "R + tau"})


def test_quantities_of_other_libraries() -> None:
    brian2 = pytest.importorskip("brian2")
    pq = pytest.importorskip("quantities")
    made = neuron(parameters={**PARAMETERS, "tau": 20 * brian2.ms, "E": -65 * pq.mV})
    assert made == neuron()


def test_declared_parameters_are_required() -> None:
    cell = neuron(
        equations=f"{EQUATIONS}\ntheta : mV",
        parameters={n: v for n, v in PARAMETERS.items() if n != "theta"},
    )
    assert cell.required == ("theta",)


def test_a_changed_copy_is_checked() -> None:
    with pytest.raises(DefinitionError, match="not defined"):
        replace(neuron(), equations="dV/dt = -V/tau_x : mV")


def test_noise_has_the_unit_of_a_root_of_a_rate() -> None:
    Neuron("dV/dt = -V/tau + sigma*xi : mV", {"tau": "20 ms", "sigma": "1 mV/ms**0.5"})
    with pytest.raises(UnitError):
        Neuron("dV/dt = -V/tau + sigma*xi : mV", {"tau": "20 ms", "sigma": "1 mV"})


def test_synapse() -> None:
    synapse = Synapse(
        equations="ds/dt = -s/tau : 1",
        parameters={"tau": "5 ms"},
        unit="nS",
        on_pre="s += 1",  # type: ignore[arg-type]
        coupling="weight*s",  # type: ignore[arg-type]
    )
    assert synapse.states == ("s",)
    assert not synapse.is_static
    assert Synapse(deliver="weight").is_static  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="delivers nothing"):
        Synapse()


@pytest.mark.parametrize("period", ["2 ms", "2*ms", "0.002 s"])
def test_a_refractory_period_is_a_time_as_any_other(period: str) -> None:
    spike = {**SPIKE, "refractory": {"period": period, "clamp": ["V"]}}
    assert (
        neuron(spike=spike).hash
        == neuron(spike={**spike, "refractory": {"period": "2*ms", "clamp": "V"}}).hash
    )


def test_a_refractory_period_is_a_time() -> None:
    with pytest.raises(UnitError, match="mV"):
        neuron(spike={**SPIKE, "refractory": {"period": "2 mV"}})
