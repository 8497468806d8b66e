"""SynapseProgram -> NESTML text: closed forms written out, all state in the synapse.

NESTML runs `update` over the time between two events, so that the closed form of the program is its
text. What a postsynaptic spike changes needs a neuron that NESTML generates together with the
synapse (a pair); all its states are kept in the synapse, because NESTML would move traces of
postsynaptic spikes into the neuron and read them back wrongly.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from ...definition.dialect import Dialect, spell
from ...definition.expressions import Expression
from ...errors import Unsupported
from ...passes.program import Assign
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from ...records import dataclass
from .emit import FUNCTIONS, MISSING, TEMPLATES
from .names import rename

WEIGHT, BEGIN, SINCE = "weight", "begin_ms", "since_post"
PORTS = ("pre_spikes", "post_spikes")


@dataclass(frozen=True, eq=False)
class NestmlSynapse:
    """A NESTML model: ``text`` holds no numbers of the definition.

    ``names``: state or parameter -> its name in NEST; ``weight``: the name of the weight, and
    ``begin`` of the time in ms at which the run begins; ``states``: all that it keeps.
    """

    model: str
    text: str
    names: Mapping[str, str]
    weight: str
    begin: str
    states: tuple[str, ...]
    paired: bool


def nestml_synapse(program: SynapseProgram) -> NestmlSynapse:
    """The NESTML model of ``program``.

    Raises:
        Unsupported: what NESTML's synapses cannot do; says why.
    """
    _check(program)
    return _Writer(program).written()


def _check(program: SynapseProgram) -> None:
    reason = ""
    if program.obstacle:
        reason = f"it has no closed form between events: {program.obstacle}"
    elif program.post_reads:
        reason = f"it reads {program.post_reads[0]}_post, which a NESTML synapse cannot see"
    elif program.events:
        reason = f"it has the third factor {min(program.events)}, which only generated C++ takes"
    elif program.pre_first and program.post:
        reason = "its presynaptic spike comes first where both sides coincide"
    if reason:
        raise Unsupported(
            f"NESTML cannot express the synapse: {reason}",
            model=program.label,
            remedy='leave the option synapses at "auto": our own connection model runs it',
        )


class _Writer:
    def __init__(self, program: SynapseProgram) -> None:
        self.program = program
        self.kept = [f"{BEFORE}{n}" for n in program.kept_by_post]
        self.apart = bool(program.post) and program.pre != program.pre_apart
        self.states = [*program.states, *self.kept, *([SINCE] if self.apart else [])]
        every = (*program.advance, *program.pre, *program.pre_apart, *program.post)
        local = sorted({a.target for a in every if a.temporary})
        known = [*self.states, *program.parameters, WEIGHT, BEGIN, ELAPSED, *local]
        self.names = dict(rename(dict.fromkeys(known), PORTS))

    def written(self) -> NestmlSynapse:
        body = self._body()
        label = re.sub(r"\W+", "_", self.program.label.rpartition("/")[2]).strip("_").lower()
        content = hashlib.sha256(body.encode()).hexdigest()[:12]
        model = f"sb_{label[:24] or 'plain'}_{content}_synapse"
        visible = [*self.program.states, *self.program.parameters]
        return NestmlSynapse(
            model,
            f"model {model}:\n{body}",
            {n: self.names[n] for n in visible},
            self.names[WEIGHT],
            self.names[BEGIN],
            tuple(self.names[s] for s in self.states),
            bool(self.program.post),
        )

    def _body(self) -> str:
        program, names = self.program, self.names
        states = [f"{names[s]} real = {1.0e9 if s == SINCE else 0}" for s in self.states]
        parameters = [f"{names[p]} real = 0" for p in (*program.parameters, BEGIN)]
        parameters.append(f"{names[WEIGHT]} real = 1")
        ports = PORTS if program.post else PORTS[:1]
        text = _block("state", states) + _block("parameters", parameters)
        text += _block("input", [f"{p} <- spike" for p in ports]) + _block("output", ["spike"])
        text += _block("update", self._update())
        if program.post:
            text += _block("onReceive(post_spikes)", self._post())
        return text + _block("onReceive(pre_spikes)", self._pre())

    def _update(self) -> list[str]:
        """The closed form; the first interval begins with the run, not with NEST's clock."""
        elapsed, begin = self.names[ELAPSED], self.names[BEGIN]
        lines = [f"{elapsed} real = timestep() / (1 ms)"]
        lines += [f"if t / (1 ms) < {begin}:", f"    {elapsed} = {elapsed} + t / (1 ms) - {begin}"]
        if self.apart:
            lines.append(f"{self.names[SINCE]} = {self.names[SINCE]} + {elapsed}")
        return lines + self._statements(self.program.advance, set())

    def _post(self) -> list[str]:
        lines = [f"{self.names[b]} = {self.names[b.removeprefix(BEFORE)]}" for b in self.kept]
        lines += self._statements(self.program.post, set())
        return [*lines, f"{self.names[SINCE]} = 0"] if self.apart else lines

    def _pre(self) -> list[str]:
        amplitude, declared = self.names[AMPLITUDE], {AMPLITUDE}
        lines = [f"{amplitude} real = 0"]
        if self.apart:  # rounding of times is far below, a step far above
            lines += [f"if {self.names[SINCE]} < 1.0e-6:"]
            lines += _indent(self._statements(self.program.pre_apart, declared, "_apart"))
            lines += ["else:", *_indent(self._statements(self.program.pre, declared))]
        else:
            lines += self._statements(self.program.pre, declared)
        return [*lines, f"emit_spike({amplitude})"]

    def _statements(
        self, statements: Sequence[Assign], declared: set[str], suffix: str = ""
    ) -> list[str]:
        """NESTML forbids declaring the same local quantity in two branches: hence ``suffix``."""
        local = {a.target for a in statements if a.temporary and a.target not in declared}
        names = {**self.names, **{n: f"{self.names[n]}{suffix}" for n in local}}
        known, lines = set(declared), []
        for a in statements:
            kind = " real" if a.temporary and a.target not in known else ""
            known.add(a.target)
            lines.append(f"{names[a.target]}{kind} = {self._show(a.value, names)}")
        return lines

    def _show(self, value: Expression, names: Mapping[str, str]) -> str:
        for name in value.functions & MISSING:
            raise Unsupported(
                f"NESTML has no function {name}",
                model=self.program.label,
                symbol=name,
                remedy='leave the option synapses at "auto"',
            )
        return spell(value, Dialect(FUNCTIONS, templates=TEMPLATES, rename=names.__getitem__))


def _block(head: str, lines: Sequence[str]) -> str:
    return f"    {head}:\n" + "".join(f"        {line}\n" for line in lines) if lines else ""


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
