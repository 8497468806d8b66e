"""Program -> NESTML text: every statement written out, nothing left to NESTML's solvers.

But for the scheme native, whose text has the equations and ``integrate_odes``. Its names are plain
numbers in ms, mV, pA too, since unit literals lose their scale in NESTML's equations.

The text holds no parameter value and no time step, so that one compiled model serves all of them:
propagators are parameters of the NESTML model, computed from the definition's by Python.

Refractoriness is an integer counter: a spike sets it to R + 1 and every step counts down first, so
that exactly R steps are clamped and what they receive at clamped states is lost.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from ...definition.dialect import Dialect, spell
from ...definition.draw_noise import is_uniform
from ...definition.expressions import Expression
from ...errors import Unsupported
from ...passes.program import Assign, Program
from ...records import dataclass
from .names import port_names, rename

FUNCTIONS = {"log": "ln"}
TEMPLATES = {
    "sqrt": "pow({0}, 0.5)",
    "int": "(({0}) ? 1.0 : 0.0)",
    "sign": "(({0}) > 0.0 ? 1.0 : (({0}) < 0.0 ? -1.0 : 0.0))",
    "mod": "(({0}) - ({1})*floor(({0})/({1})))",
    "exprel": "(abs({0}) < 1.0e-16 ? 1.0 : expm1({0})/({0}))",
    "clip": "min(max({0}, {1}), {2})",
}
KEEPS = "# kept for synapses that read them:"
MISSING = {"arctan"}


@dataclass(frozen=True, eq=False)
class Emitted:
    """A NESTML model: ``text`` holds no numbers of the definition.

    ``names``: state, parameter, constant or current of the program -> its name in NEST;
    ``ports``: spike port -> NESTML's name; ``driven``: quantity that a spike port sets ->
    that port's name; ``refractory``: whether ``refr_steps`` and ``refr_count`` exist.
    """

    model: str
    text: str
    names: Mapping[str, str]
    ports: Mapping[str, str]
    driven: Mapping[str, str]
    refractory: bool
    uses_time: bool


def emit(
    program: Program,
    *,
    driven: Iterable[str] = (),
    stimulus: str | None = None,
    keeps: Iterable[str] = (),
) -> Emitted:
    """The NESTML model of ``program``.

    Continuous ports become parameters; those (and noise terms) named in ``driven`` become states
    that a spike port of their own sets, so that a value per step can be sent to each unit.
    ``stimulus`` names a continuous port to which NEST's current generators add. States in ``keeps``
    are kept for synapses that read them; a comment says so, and `tuning` does it.

    Raises:
        Unsupported: a function that NESTML lacks; under native also noise and explicit time.
    """
    _check_native(program)
    return _Emitter(program, tuple(sorted(driven)), stimulus, tuple(sorted(keeps))).emitted()


class _Emitter:
    def __init__(
        self,
        program: Program,
        driven: tuple[str, ...],
        stimulus: str | None,
        keeps: tuple[str, ...] = (),
    ) -> None:
        self.program = program
        self.keeps = keeps
        self.driven = driven
        self.stimulus = stimulus
        self.refractory = program.refractory is not None
        used = _names_in(program)
        self.parameters = [
            *(p for p in program.parameters if p in used),
            *program.constants,
            *(c for c in program.currents if c not in driven),
        ]
        self.states = [*program.states, *driven]
        self.temporary = _temporaries(program)
        self.noise = [n for n in program.noise if n not in driven]
        symbols = [*self.states, *self.parameters, *self.noise, *self.temporary]
        self.names = dict(rename(symbols))
        self.names["t"] = "t_now"
        self.ports = port_names(program.receive, self.names.values())
        taken = [*self.names.values(), *self.ports.values()]
        wanted = [f"{name}_steps" for name in driven]
        own = port_names(wanted, taken)
        self.drive = {name: own[f"{name}_steps"] for name in driven}
        self.extra = f"{self.names[stimulus]}_stim" if stimulus else ""

    def emitted(self) -> Emitted:
        body = self._body()
        label = re.sub(r"\W+", "_", self.program.label).strip("_").lower() or "model"
        if not label[0].isalpha():
            label = f"n_{label}"
        model = f"{label[:40]}_{hashlib.sha256(body.encode()).hexdigest()[:12]}"
        visible = {n: self.names[n] for n in [*self.states, *self.parameters]}
        return Emitted(
            model,
            f"model {model}:\n{body}",
            visible,
            self.ports,
            self.drive,
            self.refractory,
            self.program.uses_time,
        )

    def _body(self) -> str:
        program = self.program
        states = [f"{self.names[s]} real = 0" for s in self.states]
        parameters = [f"{self.names[p]} real = 0" for p in self.parameters]
        if self.refractory:
            states.append("refr_count integer = 0")
            parameters.append("refr_steps integer = 0")
        if program.uses_time:
            states += ["step_count integer = -1", "t_now real = 0"]
        spike_ports = [*self.ports.values(), *self.drive.values()]
        inputs = [f"{p} <- spike" for p in spike_ports]
        if self.extra:
            inputs.append(f"{self.extra} real <- continuous")
        text = f"    {KEEPS} {' '.join(self.names[n] for n in self.keeps)}\n" if self.keeps else ""
        text += _block("state", states) + _block("equations", self._equations())
        text += _block("parameters", parameters)
        text += _block("input", inputs)
        text += _block("output", ["spike"] if program.condition is not None else [])
        text += _block("update", self._update())
        for port, statements in program.receive.items():
            text += _block(f"onReceive({self.ports[port]})", self._receive(port, statements))
        for name, port in self.drive.items():
            text += _block(f"onReceive({port})", [f"{self.names[name]} = {port} * 1 s"])
        return text + self._condition()

    def _equations(self) -> list[str]:
        odes = self.program.odes or {}
        return [
            f"{self.names[s]}' = ({self._show(f, self.names)}) / (1 ms)" for s, f in odes.items()
        ]

    def _update(self) -> list[str]:
        program = self.program
        lines = []
        if program.uses_time:
            lines += ["step_count += 1", "t_now = step_count * (resolution() / (1 ms))"]
        drawn = {n: "uniform" if is_uniform(n) else "normal" for n in self.noise}
        lines += [f"{self.names[n]} real = random_{kind}(0, 1)" for n, kind in drawn.items()]
        if self.refractory:
            lines += ["if refr_count > 0:", "    refr_count -= 1"]
        free = self._integration(program.free)
        if program.clamped is None or not self.refractory:
            return lines + free
        clamped = self._integration(program.clamped, "_clamped", program.clamp)
        if not clamped:
            return [*lines, "if refr_count == 0:", *_indent(free)] if free else lines
        if not free:
            return [*lines, "if refr_count > 0:", *_indent(clamped)]
        return [*lines, "if refr_count > 0:", *_indent(clamped), "else:", *_indent(free)]

    def _integration(
        self, statements: Sequence[Assign], suffix: str = "", held: frozenset[str] = frozenset()
    ) -> list[str]:
        if self.program.odes is None:
            return self._statements(statements, suffix)
        moving = [self.names[s] for s in self.program.odes if s not in held]
        return [f"integrate_odes({', '.join(moving)})"] if moving else []

    def _receive(self, port: str, statements: Sequence[Assign]) -> list[str]:
        """Assignments to clamped states come last, under one condition."""
        lines: list[str] = []
        clamp = self.program.clamp if self.refractory else frozenset()
        suffix = f"_{self.ports[port]}"
        rename = self._renamed(statements, suffix)
        declared: set[str] = set()
        for statement in statements:
            line = self._assignment(statement, rename, declared, self.ports[port])
            if statement.target in clamp and not statement.temporary:
                lines += ["if refr_count == 0:", f"    {line}"]
            else:
                lines.append(line)
        return lines

    def _condition(self) -> str:
        program = self.program
        if program.condition is None:
            return ""
        condition = self._show(program.condition, self.names)
        lines = self._statements(program.effects, "_effect")
        if self.refractory:
            joined = condition if " or " not in condition else f"({condition})"
            condition = f"refr_count == 0 and {joined}"
            lines.append("refr_count = refr_steps + 1")
        return _block(f"onCondition({condition})", [*lines, "emit_spike()"])

    def _statements(self, statements: Sequence[Assign], suffix: str = "") -> list[str]:
        rename = self._renamed(statements, suffix)
        declared: set[str] = set()
        return [self._assignment(s, rename, declared, None) for s in statements]

    def _renamed(self, statements: Sequence[Assign], suffix: str) -> Mapping[str, str]:
        """NESTML forbids declaring the same local quantity in two branches."""
        local = {s.target: self.names[s.target] + suffix for s in statements if s.temporary}
        return {**self.names, **local}

    def _assignment(
        self, statement: Assign, names: Mapping[str, str], declared: set[str], port: str | None
    ) -> str:
        target = names[statement.target]
        if statement.temporary and statement.target not in declared:
            declared.add(statement.target)
            return f"{target} real = {self._show(statement.value, names, port)}"
        if port and statement.added is not None:
            return f"{target} += {self._show(statement.added, names, port)}"
        return f"{target} = {self._show(statement.value, names, port)}"

    def _show(self, value: Expression, names: Mapping[str, str], port: str | None = None) -> str:
        for name in value.functions & MISSING:
            raise Unsupported(
                f"NESTML has no function {name}",
                model=self.program.label,
                symbol=name,
                remedy="write it with exp, log, tanh, sqrt, or run on brian2",
            )
        event = f"{port} * 1 s"
        # A bare product keeps the port next to its unit, which the toolchain then cancels exactly.
        bare = "weight" in _factors(value.tree)

        def spelled(name: str) -> str:
            if name == "weight" and port:
                return event if bare else f"({event})"
            if name == self.stimulus:
                return f"({names[name]} + {self.extra})"
            return names[name]

        return spell(value, Dialect(FUNCTIONS, templates=TEMPLATES, rename=spelled))


def _factors(tree: ast.expr) -> set[str]:
    """The names that are factors of the whole expression."""
    match tree:
        case ast.Name(id=name):
            return {name}
        case ast.UnaryOp(operand=operand):
            return _factors(operand)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _factors(left) | _factors(right)
        case ast.BinOp(left=left, op=ast.Div()):
            return _factors(left)
    return set()


def _check_native(program: Program) -> None:
    if program.odes is not None and (program.noise or program.uses_time):
        what = "white noise" if program.noise else "time"
        raise Unsupported(
            f"NESTML's own integrators do not take {what} in the equations",
            model=program.label,
            symbol=program.noise[0] if program.noise else "t",
            remedy=f'choose scheme = "{"euler" if program.noise else "rk4"}"',
        )


def _block(head: str, lines: Sequence[str]) -> str:
    return f"    {head}:\n" + "".join(f"        {line}\n" for line in lines) if lines else ""


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _all_statements(program: Program) -> list[Assign]:
    received = [s for statements in program.receive.values() for s in statements]
    return [*program.free, *(program.clamped or ()), *received, *program.effects]


def _temporaries(program: Program) -> list[str]:
    return sorted({s.target for s in _all_statements(program) if s.temporary})


def _names_in(program: Program) -> frozenset[str]:
    parts = [s.reads for s in _all_statements(program)]
    if program.condition is not None:
        parts.append(program.condition.names)
    parts += [f.names for f in (program.odes or {}).values()]
    return frozenset().union(*parts)
