"""Program -> Brian2's equations, abstract code and event code, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...definition.draw_noise import is_uniform
from ...errors import Unsupported
from ...passes.program import Assign, Program
from ...passes.substitute import rename
from ...records import dataclass, field, replace
from .names import Spelling, brian_name

EXPONENTIAL = "exponential_euler"


@dataclass(frozen=True)
class NeuronText:
    """A population in Brian2's language; quantities are plain numbers in ms, mV, pA.

    ``code`` is the step as abstract code; ``receive`` is ``on_pre`` of synapses onto each port;
    ``names`` are the program's parameters and constants that occur anywhere. ``methods``: the
    integrators of Brian2 that are tried on the equations under the scheme native, where ``code`` is
    what the first that fits makes of them; else none.
    """

    equations: str
    code: str
    threshold: str | None
    reset: str
    receive: Mapping[str, str]
    names: frozenset[str]
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where names live: ``per_unit`` have a number per unit, ``tables`` are looked up in time.

    ``tables`` maps a continuous port (or frozen noise) to whether its table has one column per
    unit; ``recorded`` are the subexpressions that a monitor asks for. ``clamps``: some period is
    longer than 0.
    """

    per_unit: frozenset[str] = frozenset()
    tables: Mapping[str, bool] = field(default_factory=dict)
    recorded: tuple[str, ...] = ()
    clamps: bool = True
    refractory: str | None = None  # "shared" or "unit" where the period is a variable
    inputs: Mapping[str, str] = field(default_factory=dict)  # port -> Brian2 expression or ""
    units: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name -> mV, volt
    weights: Mapping[str, str] = field(default_factory=dict)  # port -> unit of its weight


def neuron_text(program: Program, dt: float, layout: Layout) -> NeuronText:
    """``program`` as text for steps of ``dt`` ms."""
    units = {n: short for n, (short, _) in layout.units.items()}
    spell = Spelling(dt, units=units)
    post = (
        frozenset(program.states)
        | layout.per_unit
        | frozenset(layout.tables)
        | frozenset(layout.inputs)
    )
    return NeuronText(
        equations="\n".join(_equations(program, spell, layout)),
        code="\n".join(_step(program, spell, layout)),
        threshold=None if program.condition is None else spell.show(program.condition),
        reset="\n".join(statement(a, spell) for a in program.effects),
        receive={
            port: "\n".join(statement(a, _arriving(dt, post, units, layout, port)) for a in assigns)
            for port, assigns in program.receive.items()
        },
        names=names_in(program, layout.recorded),
        methods=_methods(program),
    )


def arriving_text(program: Program, dt: float, layout: Layout, port: str) -> str:
    """What an arriving ``weight`` does, as code of the neurons themselves."""
    units = {n: short for n, (short, _) in layout.units.items()}
    spell = _arriving(dt, frozenset(), units, layout, port)
    return "\n".join(statement(a, spell) for a in program.receive[port])


def _methods(program: Program) -> tuple[str, ...]:
    """Brian2's integrators that may take the equations.

    Brian2's exponential_euler takes dx/dt = -x + x**3 too, and drops x**3.
    """
    if program.odes is None:
        return ()
    if program.noise:
        return ("euler",)
    from ...passes.exponential import rate_of

    rates = (rate_of(s, slope.sympy(slope.names)) for s, slope in program.odes.items())
    linear = all(rate is not None for rate in rates)
    return ("exact", EXPONENTIAL, "rk4") if linear else ("rk4",)


def _arriving(
    dt: float, post: frozenset[str], units: Mapping[str, str], layout: Layout, port: str
) -> Spelling:
    weight = layout.weights.get(port, "1")
    return Spelling(dt, post, units if weight == "1" else {**units, "weight": weight})


def statement(assign: Assign, spell: Spelling) -> str:
    """One statement; ``x = x + e`` becomes ``x += e``, which Brian2 can run in any order."""
    target = spell.name(assign.target)
    if assign.added is not None:
        return f"{target} += {spell.value(assign.target, assign.added)}"
    if assign.factor is not None:
        return f"{target} *= {spell.show(assign.factor)}"
    return f"{target} = {spell.value(assign.target, assign.value)}"


def _equations(program: Program, spell: Spelling, layout: Layout) -> Iterable[str]:
    for state in program.states:
        held = " (unless refractory)" if layout.clamps and _holds(program, state) else ""
        unit = _unit(layout, state)
        if program.odes is None:
            rate = "0/second" if unit == "1" else f"0*{unit}/second"
        else:
            rate = f"({_slopes(program, spell, layout).value(state, program.odes[state])})/ms"
        yield f"d{spell.name(state)}/dt = {rate} : {unit}{held}"
    for name in sorted(layout.per_unit):
        yield f"{spell.name(name)} : {_unit(layout, name)} (constant)"
    for name, wide in layout.tables.items():
        own = spell.name(name)
        arguments, shared = ("t, i", "") if wide else ("t", " (shared)")
        yield f"{own} = {own}_table({arguments}) : 1{shared}"
        if program.odes is not None:
            held = shared.replace(")", ", constant over dt)") or " (constant over dt)"
            yield f"{_current(own)} = {own}_table({arguments}) : 1{held}"
    for name, text in layout.inputs.items():
        yield f"{spell.name(name)}{f' = {text}' if text else ''} : {_unit(layout, name)}"
    if layout.refractory:
        shared = "shared, " if layout.refractory == "shared" else ""
        yield f"refractory_period : second ({shared}constant)"
    for name in layout.recorded:
        shown = spell.value(name, program.recordables[name])
        yield f"{spell.name(name)} = {shown} : {_unit(layout, name)}"


def _slopes(program: Program, spell: Spelling, layout: Layout) -> Spelling:
    """How right sides are written, which Brian2 evaluates anywhere in the step."""
    given = {"t": "(t/ms)"} | {n: f"({n}*ms**0.5)" for n in program.noise}
    # A table moves on at the end of the step; its value holds until then.
    given |= {n: _current(spell.name(n)) for n in layout.tables}
    return replace(spell, given=given)


def _current(own: str) -> str:
    return f"{own}_in_this_step"


def _unit(layout: Layout, name: str) -> str:
    return layout.units[name][1] if name in layout.units else "1"


def _holds(program: Program, state: str) -> bool:
    return program.refractory is not None and state in program.clamp


def _step(program: Program, spell: Spelling, layout: Layout) -> Iterable[str]:
    for noise in program.noise:
        if noise not in layout.tables:
            yield f"{spell.name(noise)} = {'rand' if is_uniform(noise) else 'randn'}()"
    free = program.clamped is None or program.refractory is None or not layout.clamps
    if free or clamp_by_flag(program):
        yield from (statement(a, spell) for a in program.free)
        return
    yield from _blended(program, spell)


def clamp_by_flag(program: Program) -> bool:
    """Whether the clamped step is the free one without the writes to clamped states.

    Brian2's ``(unless refractory)`` does exactly this, at no cost.
    """
    held = [a for a in program.free if a.temporary or a.target not in program.clamp]
    return _needed(held) == _needed(list(program.clamped or ()))


def _needed(assigns: list[Assign]) -> list[Assign]:
    """Without temporaries that nobody reads."""
    wanted: set[str] = set()
    kept: list[Assign] = []
    for assign in reversed(assigns):
        if not assign.temporary or assign.target in wanted:
            wanted |= assign.reads
            kept.append(assign)
    return kept[::-1]


def _blended(program: Program, spell: Spelling) -> Iterable[str]:
    """Both branches, then the one that holds; clamped states are held back by their flag."""
    for prefix, branch in (("_free_", program.free), ("_held_", program.clamped or ())):
        yield from (statement(a, spell) for a in _renamed(branch, prefix))
    written = {a.target for a in program.free if not a.temporary}
    held = {a.target for a in program.clamped or () if not a.temporary}
    if held & program.clamp:
        name = min(held & program.clamp)
        raise Unsupported(
            "a clamped state changes while refractory",
            model=program.label,
            symbol=name,
            remedy="take it out of clamp",
        )
    for state in program.states:
        own = spell.name(state)
        now = spell.read(state)
        free = f"_free_{state}" if state in written else now
        if state in program.clamp:
            if state in written:
                yield f"{own} = {_as_unit(free, state, spell)}"
        elif state in written | held:
            other = f"_held_{state}" if state in held else now
            blend = f"int(not_refractory)*{free} + (1 - int(not_refractory))*{other}"
            yield f"{own} = {_as_unit(blend, state, spell)}"


def _as_unit(text: str, state: str, spell: Spelling) -> str:
    return f"({text})*as_{spell.units[state]}" if state in spell.units else text


def _renamed(branch: Iterable[Assign], prefix: str) -> Iterable[Assign]:
    """The branch with every target a temporary of its own."""
    own: dict[str, str] = {}
    for assign in branch:
        value = rename(assign.value, own)
        own[assign.target] = prefix + assign.target
        yield Assign(own[assign.target], value, temporary=True)


def names_in(program: Program, recorded: tuple[str, ...]) -> frozenset[str]:
    """Parameters, constants and ports that occur in a statement or recorded expression."""
    assigns = [*program.free, *(program.clamped or ()), *program.effects]
    assigns += [a for port in program.receive.values() for a in port]
    read: set[str] = set()
    for assign in assigns:
        read |= assign.reads
    if program.condition is not None:
        read |= program.condition.names
    for expression in [*(program.recordables[n] for n in recorded), *(program.odes or {}).values()]:
        read |= expression.names
    return frozenset(read & {*program.parameters, *program.constants, *program.currents})


def event_amount(program: Program, port: str, dt: float, weight: str) -> tuple[str, str] | None:
    """(state, amount) where an event on ``port`` only adds an amount that no state enters.

    ``weight`` is what the weight is called there.
    """
    assigns = program.receive[port]
    amount = assigns[0].added if len(assigns) == 1 else None
    if amount is None or amount.names & {*program.states, "t"}:
        return None
    spell = Spelling(dt, given={"weight": Spelling(dt).read(weight)})
    return brian_name(assigns[0].target), spell.show(amount)
