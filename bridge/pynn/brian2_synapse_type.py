"""Synapse types on pyNN.brian2: a definition's events as pathways of PyNN's own ``Synapses``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2 import mV, nA, nS, pA, uS
from pyNN.brian2 import simulator
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardSynapseType, build_translations

from ..errors import Unsupported
from ..passes.per_neuron import PerNeuron, Side
from ..passes.synapse_program import SynapseProgram, synapse_program
from ..records import replace
from ..simulators.brian2.plastic_text import (
    Placing,
    PlasticText,
    more_than_events,
    plastic_text,
)
from ..simulators.brian2.plastic_words import AHEAD, NOW, own
from .brian2_projection import DELAY, hook
from .synapse_types import DescribedSynapse, class_name

UNITS = {"nA": (nA, pA), "uS": (uS, nS), "mV": (mV, mV)}  # PyNN's, and what statements count in
AT_ONCE = "%(syn_var)s += weight*as_weight"
LATER = f"sb_sent = sb_later(({NOW} + {AHEAD}) %% sb_rows, j, weight)"


class Brian2Synapse(StandardSynapseType):  # type: ignore[misc]
    """A definition on pyNN.brian2; `make` gives a class its attributes."""

    described: DescribedSynapse
    program: SynapseProgram
    text: PlasticText
    eqs: str
    pre: str
    post: str | None
    unit: Any = pA
    scale: float = 1.0
    initial_conditions: Mapping[str, Any] = {}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        own_names = [(n, own(n), self.described.unit_of(n)) for n in self.described.parameters]
        states = [(n, own(n)) for n in self.program.states]
        self.translations = build_translations(
            ("weight", own("weight"), 1.0), ("delay", DELAY), *own_names, *states
        )

    def reverse_translate(self, native_parameters: Any) -> Any:
        """PyNN's values of what it has read: of states too, which are no parameters."""
        found = {}
        for name, how in self.translations.items():
            theirs = how["translated_name"]
            if theirs in native_parameters.keys():  # noqa: SIM118  it is no dictionary
                # PyNN looks for what it has read by either name
                found[name] = found[theirs] = native_parameters[theirs] / self._factor(name)
        return ParameterSpace(found, shape=native_parameters.shape)

    def _factor(self, name: str) -> float:
        """What PyNN's number is multiplied with."""
        if name == "weight":
            return self.scale
        known = name in self.described.parameters
        return self.described.unit_of(name) if known else 1.0

    def _get_minimum_delay(self) -> Any:
        delay = simulator.state.min_delay
        return simulator.state.dt if delay == "auto" else delay

    def _set_target_type(self, weight_units: Any) -> None:
        """PyNN tells the unit of the weights before it makes the synapses."""
        self.unit = next(c for theirs, c in UNITS.values() if theirs == weight_units)
        self.scale = float(weight_units / self.unit)
        weight = self.translations["weight"]
        weight["forward_transform"] = lambda **values: values["weight"] * self.scale


def make(described: DescribedSynapse) -> type[Brian2Synapse]:
    """The class; its code is valid for the present time step."""
    program = synapse_program(described.synapse)
    _check(program, described)
    axonal = described.synapse.axonal_share == 1
    # PyNN's Brian2 hands a spike on in its own step: where nothing of the delay is left, a
    # presynaptic spike goes before a postsynaptic one.
    program = replace(program, pre_first=program.pre_first or axonal)
    numbers = {n: np.zeros(1) for n in (*program.parameters, "weight")}
    parts = PerNeuron(Side(), Side(), program, {})
    receive = AT_ONCE if axonal else LATER
    text = plastic_text(parts, Placing(False, 0, 0), {}, receive, numbers, simulator.state.dt)
    known = {own(n) for n in numbers}
    more = [f"{own(n)} : 1 (constant)" for n in described.parameters if own(n) not in known]
    more += [f"{DELAY} : 1 (constant)", f"{AHEAD} : integer (constant)"]
    hook(Brian2Synapse)
    found = {
        "__doc__": described.synapse.title,
        "described": described,
        "program": program,
        "text": text,
        "eqs": "\n".join([text.model, *more]),
        "pre": text.pre,
        "post": text.post or None,
        "default_parameters": {"weight": 0.0, "delay": None, **described.parameters},
        "default_initial_values": {},
    }
    return type(class_name(described.synapse), (Brian2Synapse,), found)


def _check(program: SynapseProgram, described: DescribedSynapse) -> None:
    if reason := more_than_events(program):
        raise Unsupported(
            f"it cannot be a synapse type on pyNN.brian2: {reason}",
            model=described.synapse.label,
            remedy='run the script with spikebridge.pynn, setup(backend="brian2")',
        )
