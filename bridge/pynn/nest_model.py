"""What plays a definition in NEST's kernel: a built-in, or a model compiled from NESTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..errors import SimulationFailed, Unsupported
from ..nest import builtin_for, builtin_values, compiled_values
from ..passes.match import Match
from ..simulators.nest.emit import Emitted, emit
from ..simulators.nest.install import install
from ..simulators.nest.modules import Module, build
from .describe import Described

Numbers = Mapping[str, Any]
# PyNN checks the sign of these, and hands inhibitory conductances to NEST with the other sign.
_CHECKED = {
    ("excitatory", "current"): (1, 1.0),
    ("excitatory", "conductance"): (1, 1.0),
    ("inhibitory", "current"): (-1, 1.0),
    ("inhibitory", "conductance"): (-1, -1.0),
}


@dataclass(frozen=True, eq=False)
class NestModel:
    """``name`` in NEST; ``receptors``: PyNN's receptor type -> number; ``states``: ours -> NEST's
    name and the factor from its unit to ours; ``unset``: states whose start NEST does not set.
    """

    described: Described
    name: str
    receptors: Mapping[str, int]
    states: Mapping[str, tuple[str, float]]
    module: Module | None = None
    emitted: Emitted | None = None
    match: Match | None = None

    def values(self, numbers: Numbers, dt: float) -> dict[str, Any]:
        """NEST's parameters from the definition's in ms, mV, pA.

        Raises:
            Unsupported: the built-in cannot have these numbers.
        """
        program = self.described.program
        if self.emitted is not None:
            return compiled_values(program, self.emitted, numbers, dt)
        assert self.match is not None
        if reason := self.match.obstacle(numbers):
            raise Unsupported(
                f"NEST's {self.name} cannot play it: {reason}",
                model=self.described.neuron.label,
                remedy="take cell_type(model, sim, match=False)",
            )
        return builtin_values(self.match, program, numbers, dt)

    def load(self) -> None:
        """Make it known to the running kernel; free to call again.

        Raises:
            SimulationFailed: the kernel has nodes already.
        """
        if self.module is None:
            return
        try:
            install(self.module)
        except SimulationFailed as error:
            if "already has nodes" in error.problem:
                error.remedy = "call cell_type(...) after sim.setup() and before any Population"
            raise


def nest_model(described: Described, match: bool) -> NestModel:
    """The built-in of NEST that is the same model, else a compiled one."""
    program = described.program
    found = builtin_for(described.neuron, program.scheme) if match else None
    if found is not None and _fits(described, found):
        states = {n: (m.recordables[0], _number(m.factor) or 1.0) for n, m in found.states.items()}
        ports = {r: found.ports[p].receptor for r, p in described.receptors.items()}
        return NestModel(described, found.builtin, ports, states, match=found)
    if ("inhibitory" in described.receptors) and described.kind == "conductance":
        raise Unsupported(
            "PyNN hands NEST the negative of conductances at a receptor called 'inhibitory'",
            model=described.neuron.label,
            symbol="inhibitory",
            remedy="give this receptor another name",
        )
    emitted = emit(program, stimulus=program.currents[0] if program.currents else None)
    single = len(emitted.ports) == 1
    numbers = {p: 0 if single else k + 1 for k, p in enumerate(emitted.ports)}
    return NestModel(
        described,
        emitted.model,
        {r: numbers[p] for r, p in described.receptors.items()},
        {s: (emitted.names[s], 1.0) for s in program.states},
        build({emitted.model: emitted.text}),
        emitted,
    )


def _fits(described: Described, match: Match) -> bool:
    """Whether PyNN's weights, currents, traces and initial values mean the same there."""
    if not set(described.program.states) <= set(match.states):
        return False
    for state in match.states.values():
        if len(state.recordables) != 1 or not state.settable or _number(state.factor) is None:
            return False
    if any(_number(current.factor) != 1 for current in match.currents.values()):
        return False
    for receptor, port in described.receptors.items():
        found = match.ports[port]
        signed = (found.sign, _number(found.factor))
        if signed not in ((0, 1.0), _CHECKED.get((receptor, described.kind))):
            return False
    return True


def _number(factor: Expression) -> float | None:
    """The factor where no parameter enters it."""
    return None if factor.names else float(evaluate(factor, {}))
