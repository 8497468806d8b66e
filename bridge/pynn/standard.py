"""PyNN's standard cells on spikebridge: each is a definition, in PyNN's names and units."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from pyNN.standardmodels import StandardCellType, build_translations, cells

from ..definition.model import Neuron
from ..errors import Unsupported
from ..records import replace
from ..simulators.pynn.catalogue import catalogue, played, scale

RECEPTORS = {"exc": "excitatory", "inh": "inhibitory"}
# As the library's same models; the others are linear, hence exact.
SCHEMES = {
    "IF_cond_exp": "rk4",
    "IF_cond_alpha": "rk4",
    "IF_cond_exp_gsfa_grr": "rk4",
    "EIF_cond_exp_isfa_ista": "rk4",
    "EIF_cond_alpha_isfa_ista": "rk4",
    "Izhikevich": "euler",
    "HH_cond_exp": "exponential_euler",
}


def same_names(*names: str) -> dict[str, Any]:
    """Translations of parameters that keep their names."""
    found: dict[str, Any] = build_translations(*((n, n) for n in names))
    return found


class ScriptCell(StandardCellType):  # type: ignore[misc]
    """A cell type of a script: ``neuron``, its spike port by receptor type, and its units.

    ``current`` is the port of injected currents; ``units_of`` gives PyNN's unit of a parameter or
    state, or of the weight at a port, in ms, mV, pA.
    """

    neuron: Neuron
    ports: Mapping[str, str]
    current: str
    always_local = False

    @classmethod
    def definition(cls, backend: str) -> Neuron:
        """The neuron with the scheme that is its own on a simulator."""
        del backend
        return cls.neuron

    @classmethod
    @abstractmethod
    def unit_of(cls, name: str) -> float:
        """PyNN's unit of a parameter or state in ms, mV, pA."""

    @classmethod
    @abstractmethod
    def weight_of(cls, receptor: str) -> float:
        """PyNN's unit of a weight in ms, mV, pA."""


def _as_played(name: str, neuron: Neuron, backend: str) -> Neuron:
    """On NEST with the step of the built-in that PyNN takes, so that it is taken here too."""
    found = played(name, backend) if backend == "nest" else None
    if found is None:
        return replace(neuron, scheme=SCHEMES.get(name, "exact"))
    return replace(neuron, scheme="native" if found.step == "own" else found.step)


def _standard(name: str) -> type[Any]:
    """The cell of that name; of the forms in the catalogue, the one with every parameter."""
    theirs = getattr(cells, name)
    forms = [e for e in catalogue() if e.name == name]
    entry = max(forms, key=lambda e: len(e.neuron.states))
    spikes = entry.neuron.spike_ports
    ports = {RECEPTORS[p]: p for p in spikes if p in RECEPTORS} or dict.fromkeys(
        ("excitatory", "inhibitory"), spikes[0]
    )
    return type(
        name,
        (theirs, ScriptCell),
        {
            "__doc__": theirs.__doc__,
            "__module__": __name__,
            "neuron": entry.neuron,
            "ports": ports,
            "current": entry.neuron.continuous_ports[0],
            "receptor_types": ("excitatory", "inhibitory"),
            "translations": same_names(*theirs.default_parameters),
            "definition": classmethod(lambda c, backend: _as_played(name, c.neuron, backend)),
            "unit_of": classmethod(lambda _, variable: scale(name, variable)),
            "weight_of": classmethod(lambda _, receptor: scale(name, "weight")),
        },
    )


IF_curr_delta = _standard("IF_curr_delta")
IF_curr_exp = _standard("IF_curr_exp")
IF_curr_alpha = _standard("IF_curr_alpha")
IF_cond_exp = _standard("IF_cond_exp")
IF_cond_alpha = _standard("IF_cond_alpha")
IF_cond_exp_gsfa_grr = _standard("IF_cond_exp_gsfa_grr")
EIF_cond_exp_isfa_ista = _standard("EIF_cond_exp_isfa_ista")
EIF_cond_alpha_isfa_ista = _standard("EIF_cond_alpha_isfa_ista")
Izhikevich = _standard("Izhikevich")
HH_cond_exp = _standard("HH_cond_exp")


def absent(name: str) -> type[Any]:
    """A model of PyNN that spikebridge has no definition of: refused when it is made."""

    def refuse(self: Any, *arguments: Any, **parameters: Any) -> None:
        del self, arguments, parameters
        raise Unsupported(
            f"spikebridge has no definition of PyNN's {name}",
            symbol=name,
            remedy="write it as a definition and take cell_type(model, sim)",
        )

    return type(name, (), {"__init__": refuse, "__module__": __name__})


IF_facets_hardware1 = absent("IF_facets_hardware1")
GIF_cond_exp = absent("GIF_cond_exp")
PointNeuron = absent("PointNeuron")
MultiCompartmentNeuron = absent("MultiCompartmentNeuron")
