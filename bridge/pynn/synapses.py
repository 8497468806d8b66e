"""PyNN's synapse types on spikebridge: each is a definition, in PyNN's names and units."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from pyNN.standardmodels import StandardSynapseType, synapses

from ..definition.library import load
from ..definition.model import Synapse
from ..errors import DefinitionError, Unsupported
from . import simulator
from .standard import absent, same_names

_Mixed: Any = synapses.AdditivePotentiationMultiplicativeDepression

# What NEST's tsodyks_synapse does, with PyNN's names: x + y + z = 1, z recovers.
_TSODYKS = {
    "kind": "synapse",
    "name": "pynn/tsodyks_markram",
    "equations": """
        tau_psc*dy/dt = -y : 1
        dz/dt = y/tau_psc - z/tau_rec : 1
        tau_facil*du/dt = -u : 1
        x = 1 - y - z : 1
    """,
    "on_pre": "u += U*(1 - u); deliver(weight*u*x); y += u*x",
    "parameters": {"U": "0.5", "tau_psc": "5 ms", "tau_rec": "100 ms", "tau_facil": "50 ms"},
}
_DEPRESSING = {
    "kind": "synapse",
    "name": "pynn/tsodyks_markram_depressing",
    "equations": """
        tau_psc*dy/dt = -y : 1
        dz/dt = y/tau_psc - z/tau_rec : 1
        x = 1 - y - z : 1
    """,
    "on_pre": "deliver(weight*U*x); y += U*x",
    "parameters": {"U": "0.5", "tau_psc": "5 ms", "tau_rec": "100 ms"},
}


@dataclass(frozen=True, eq=False)
class Place:
    """Where connections lie: PyNN's ``unit`` of their weights in ms, mV, pA; the time constant
    ``tau_syn`` (ms) of the receptor of each target; initial values that were set.
    """

    unit: float
    tau_syn: Any
    start: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Translated:
    """A synapse in spikebridge's terms: numbers in ms, mV, pA, one or one per connection."""

    synapse: Synapse
    weight: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)


class ScriptSynapse(StandardSynapseType):  # type: ignore[misc]
    """A synapse type of a script.

    ``states``: those that `Projection.initialize` knows. ``moving``: attribute that changes by
    itself -> the recorded state and the attribute that it is a share of.
    """

    states: tuple[str, ...] = ()
    moving: Mapping[str, tuple[str, str]] = {}

    def _get_minimum_delay(self) -> Any:
        return simulator.state.default_delay

    @abstractmethod
    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """By the attributes of the connections."""


class StaticSynapse(ScriptSynapse, synapses.StaticSynapse):  # type: ignore[misc]
    __doc__ = synapses.StaticSynapse.__doc__
    translations = same_names("weight", "delay")

    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """The weight is passed on."""
        return Translated(_library("static"), np.asarray(values["weight"]) * place.unit)


class TsodyksMarkramSynapse(ScriptSynapse, synapses.TsodyksMarkramSynapse):  # type: ignore[misc]
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    translations = same_names("weight", "delay", "U", "tau_rec", "tau_facil")
    states = ("u",)

    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """As NEST has it; without facilitation u is U.

        Raises:
            Unsupported: some connections facilitate and some do not.
        """
        facil = np.asarray(values["tau_facil"], dtype=float)
        if np.any(facil == 0) and np.any(facil != 0):
            raise Unsupported(
                "tau_facil is 0 in some connections of a projection only",
                symbol="tau_facil",
                remedy="make two projections",
            )
        parameters = {"U": values["U"], "tau_rec": values["tau_rec"], "tau_psc": place.tau_syn}
        weight = np.asarray(values["weight"]) * place.unit
        if np.all(facil == 0):
            nothing = {"y": 0.0, "z": 0.0}
            return Translated(_tsodyks(False), weight, parameters, nothing)
        parameters["tau_facil"] = values["tau_facil"]
        start = {"y": 0.0, "z": 0.0, "u": place.start.get("u", 0.0)}
        return Translated(_tsodyks(True), weight, parameters, start)


class STDPMechanism(ScriptSynapse, synapses.STDPMechanism):  # type: ignore[misc]
    __doc__ = synapses.STDPMechanism.__doc__
    base_translations = same_names("weight", "delay", "dendritic_delay_fraction")
    moving: Mapping[str, tuple[str, str]] = {"weight": ("w", "w_max")}

    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """`synapses/stdp_pair`: the state w is the share of w_max.

        Raises:
            Unsupported: w_min is not 0. DefinitionError: a weight outside 0 to w_max.
        """
        if np.any(np.asarray(values["w_min"]) != 0):
            raise Unsupported(
                "w_min is not 0", symbol="w_min", remedy="leave it at 0, as on pyNN.nest"
            )
        top = np.asarray(values["w_max"], dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.asarray(values["weight"], dtype=float) / top
        if not np.all((share >= 0) & (share <= 1)):
            raise DefinitionError(
                "a weight lies outside 0 to w_max", symbol="weight", remedy="choose w_max for it"
            )
        axonal = 1.0 - float(np.ravel(values["dendritic_delay_fraction"])[0])
        plus, minus = self.weight_dependence.exponents(values)
        parameters = {n: values[n] for n in ("tau_plus", "tau_minus", "A_plus", "A_minus")}
        parameters |= {"mu_plus": plus, "mu_minus": minus, "nearest": 0.0}
        synapse = _library("stdp_pair")
        synapse = replace(synapse, delay_at=axonal) if axonal else synapse
        start = {"x": 0.0, "y": 0.0, "w": _plain(share)}
        return Translated(synapse, _plain(top * place.unit), parameters, start)


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = same_names("w_min", "w_max")

    def exponents(self, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """Of the weight's share in potentiation and depression."""
        del values
        return 0.0, 0.0


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = same_names("w_min", "w_max")

    def exponents(self, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """Of the weight's share in potentiation and depression."""
        del values
        return 1.0, 1.0


class AdditivePotentiationMultiplicativeDepression(_Mixed):  # type: ignore[misc]
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = same_names("w_min", "w_max")

    def exponents(self, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """Of the weight's share in potentiation and depression."""
        del values
        return 0.0, 1.0


class GutigWeightDependence(synapses.GutigWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = same_names("w_min", "w_max", "mu_plus", "mu_minus")

    def exponents(self, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """Of the weight's share in potentiation and depression."""
        return values["mu_plus"], values["mu_minus"]


class SpikePairRule(synapses.SpikePairRule):  # type: ignore[misc]
    __doc__ = synapses.SpikePairRule.__doc__
    translations = same_names("tau_plus", "tau_minus", "A_plus", "A_minus")


@lru_cache(maxsize=8)
def _library(name: str) -> Synapse:
    found = load(f"synapses/{name}")
    assert isinstance(found, Synapse)
    return found


@lru_cache(maxsize=2)
def _tsodyks(facilitates: bool) -> Synapse:
    found = load(_TSODYKS if facilitates else _DEPRESSING)
    assert isinstance(found, Synapse)
    return found


def _plain(value: Any) -> Any:
    array = np.asarray(value, dtype=float)
    return array if array.ndim else float(array)


Vogels2011Rule = absent("Vogels2011Rule")
ElectricalSynapse = absent("ElectricalSynapse")
SimpleStochasticSynapse = absent("SimpleStochasticSynapse")
StochasticTsodyksMarkramSynapse = absent("StochasticTsodyksMarkramSynapse")
MultiQuantalSynapse = absent("MultiQuantalSynapse")
