"""Synapse types on pyNN.nest: generated connection models."""

from __future__ import annotations

from itertools import count
from typing import Any

import nest
from pyNN.nest import simulator
from pyNN.nest.synapses import NESTSynapseMixin
from pyNN.standardmodels import StandardSynapseType, build_translations

from ..errors import Unsupported
from ..passes.synapse_program import SynapseProgram, check_gaps, synapse_program
from ..simulators.nest.install import install
from ..simulators.nest.sources import build_sources
from ..simulators.nest.synapse_cpp import SynapseCode, synapse_code
from .synapse_types import DescribedSynapse, class_name

NANO = 1000.0  # PyNN's weights in NEST's unit
_COPIES = count(1)


class NestSynapse(StandardSynapseType, NESTSynapseMixin):  # type: ignore[misc]
    """A definition on pyNN.nest; `make` gives a class its attributes."""

    described: DescribedSynapse
    program: SynapseProgram
    code: SynapseCode

    def _get_nest_synapse_model(self) -> str:
        """A model of this projection's own; its defaults are what all its connections share."""
        space = self.parameter_space
        space.shape = (1, 1)
        given = {n: v for n, v in space.items() if n in self.described.parameters}
        if mixed := [n for n, v in given.items() if not v.is_homogeneous]:
            raise Unsupported(
                f"{mixed[0]} differs between the connections",
                model=self.described.synapse.label,
                symbol=mixed[0],
                remedy="make one projection for each value",
            )
        plain = {n: float(v.evaluate(simplify=True)) for n, v in given.items()}
        parameters, initial = self.described.numbers(plain)
        check_gaps(self.program, parameters, self.described.synapse.label)
        values = {n: parameters[n] for n in self.program.parameters}
        values |= {n: initial[n] for n in self.program.states}
        name = f"{self.code.model}_{next(_COPIES)}_lbl"
        known = {self.code.keys[n]: float(v) for n, v in values.items()}
        nest.CopyModel(f"{self.code.model}_lbl", name, {**known, "dt": simulator.state.dt})
        return name

    @property
    def native_parameters(self) -> Any:
        """What connectors hand to NEST: weight and delay; all else is the model's."""
        space = super().native_parameters
        for name in self.described.parameters:
            space.pop(self.translations[name]["translated_name"])
        return space

    def _set_tau_minus(self, cells: Any) -> None:
        """Nothing: this synapse keeps its own traces."""


def make(described: DescribedSynapse) -> type[NestSynapse]:
    """The class; its model is loaded into the running kernel."""
    program = synapse_program(described.synapse)
    if program.post_reads:
        raise Unsupported(
            f"it reads {program.post_reads[0]}_post, which only neurons compiled for it keep",
            model=described.synapse.label,
            remedy="run the script with spikebridge.pynn",
        )
    code = synapse_code(program, labelled=True)
    for module in build_sources({code.model: code.text}):
        install(module)
    own = {*program.states, *program.parameters}
    names = [(n, code.keys.get(n, n)) for n in dict.fromkeys([*described.parameters, *own])]
    found = {
        "__doc__": described.synapse.title,
        "described": described,
        "program": program,
        "code": code,
        "nest_name": code.model,
        "default_parameters": {"weight": 0.0, "delay": None, **described.parameters},
        "translations": build_translations(("weight", "weight", NANO), ("delay", "delay"), *names),
    }
    return type(class_name(described.synapse), (NestSynapse,), found)
