"""SynapseProgram -> C++: a NEST connection model that works onto every spiking neuron.

Why not NESTML: its synapses need a neuron generated for the pair (a connection to another one ends
the process), know no axonal delay, let a weight go stale after the last presynaptic spike, and cost
twice a built-in. This one keeps all its state, takes any neuron that archives its spikes, and
answers with the present state whenever it is asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from ...definition.check_synapse import POST
from ...passes.program import Assign
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from ...records import dataclass, replace
from .cpp import assignments, indented

_TAKEN = frozenset(
    [
        *(
            "weight",
            "delay",
            "source",
            "target",
            "receptor",
            "port",
            "tag",
            "updated",
            "dt",
            "soma",
        ),
        *("synapse_model", "synapse_id", "target_thread", "size_of", "sizeof", "has_delay"),
        *("synapse_label", "weight_recorder", "requires_symmetric"),
    ]
)

_LABELS = " | nest::ConnectionModelProperties::SUPPORTS_LBL"


@dataclass(frozen=True, eq=False)
class SynapseCode:
    """The C++ ``text`` of a module ``<model>module`` that registers ``model``.

    ``keys``: state or parameter -> NEST's status key; ``own``: parameters that every connection
    has for itself; ``factors``: third factor -> K, where the keys ``K_steps`` or ``K_nodes`` tell
    when it spikes.
    """

    model: str
    text: str
    keys: Mapping[str, str]
    own: frozenset[str]
    factors: Mapping[str, str]


def synapse_code(
    program: SynapseProgram, own: Iterable[str] = (), *, labelled: bool = False
) -> SynapseCode:
    """The connection model of ``program``; parameters in ``own`` differ between connections.

    ``labelled``: with a variant ``<model>_lbl``, whose connections can be told by a number.
    """
    return _Writer(program, frozenset(own) & {*program.parameters}, labelled).code()


class _Writer:
    def __init__(self, program: SynapseProgram, own: frozenset[str], labelled: bool) -> None:
        self.program, self.own, self.labelled = program, own, labelled
        self.common = [p for p in program.parameters if p not in own]
        self.factors = {name: f"factor_{i}" for i, name in enumerate(sorted(program.events))}
        kept = (*program.kept_by_post, *program.kept_by_pre)
        self.kept = tuple(dict.fromkeys(kept))

    def code(self) -> SynapseCode:
        parts = self._parts()
        content = hashlib.sha256("\n".join(parts.values()).encode()).hexdigest()[:12]
        label = re.sub(r"\W+", "_", self.program.label.rpartition("/")[2]).strip("_").lower()
        model = f"sb_{label[:30] or 'synapse'}_{content}"
        text = Template(_template()).substitute(
            parts, model=model, module=f"{model}module", label=self.program.label
        )
        names = (*self.program.states, *self.program.parameters)
        return SynapseCode(model, text, {n: _key(n) for n in names}, self.own, self.factors)

    def _parts(self) -> dict[str, str]:
        program, states = self.program, self.program.states
        factors = list(self.factors.values())
        mine = [*states, *sorted(self.own)]
        return {
            "labels": _LABELS if self.labelled else "",
            "members": indented(
                2,
                [f"double p_{p} = 0.0;" for p in self.common],
                [f"long place_of_{n} = 0;" for n in program.post_reads],
                [f"mutable spikebridge::Factor {key}_;" for key in factors],
            ),
            "put": indented(
                4,
                [f'd[ "{_key(p)}" ] = p_{p};' for p in self.common],
                [f'd[ "place_of_{n}" ] = place_of_{n};' for n in program.post_reads],
                [f'd[ "{key}_{what}" ] = {key}_.{what};' for key in factors for what in _FACTOR],
            ),
            "take": indented(
                4,
                [f'd.update_value( "{_key(p)}", p_{p} );' for p in self.common],
                [f'd.update_value( "place_of_{n}", place_of_{n} );' for n in program.post_reads],
                [
                    f'd.update_value( "{key}_steps", {key}_.steps );\n'
                    f'    if ( d.update_value( "{key}_nodes", {key}_.nodes ) )\n    {{\n'
                    f"      {key}_.listen();\n    }}"
                    for key in factors
                ],
            ),
            "register": indented(
                4, _REGISTER if program.post else [], _PAST if program.post_reads else []
            ),
            "before_send": indented(4, self._before_send()),
            "show": indented(4, [f'd[ "{_key(s)}" ] = now.{self._name(s)};' for s in mine]),
            "set": indented(
                4,
                [f'd.update_value( "{_key(s)}", {self._name(s)} );' for s in mine],
                ["read_ = updated_;"] if program.post else [],
            ),
            "state": indented(2, self._state()),
            "catch_up": indented(4, self._catch_up()),
            "factors": "\n".join(self._factors()),
            "advance": indented(4, self._advance()),
            "pre": indented(4, self._event("pre")),
            "post": indented(2, self._post()),
        }

    def _state(self) -> list[str]:
        found = [
            f"double {self._name(n)} = 0.0;" for n in (*self.program.states, *sorted(self.own))
        ]
        found += [f"double before_{n} = 0.0;" for n in self.kept]
        found += [f"size_t {key}_done_ = 0;" for key in self.factors.values()]
        if self.program.post:
            found.append("long read_ = 0;  // postsynaptic spikes up to here are done")
        if self.program.post_reads:
            found.append("const spikebridge::StateHistory* past_ = nullptr;")
        if self.kept:
            found += [f"long last_{side}_ = -1;" for side in ("pre", "post")]
        return found

    def _before_send(self) -> list[str]:
        found = []
        if self.program.post:
            limit = "s - 1" if self.program.pre_first else "cp.soma_ ? s - 1 : s"
            found += [f"const long until = {limit};", *_READ]
        if self.factors:
            found.append("third( s, cp );")
        return found

    def _catch_up(self) -> list[str]:
        found = list(_PEEK) if self.program.post else []
        return found + (["third( t, cp );"] if self.factors else [])

    def _factors(self) -> list[str]:
        """Third factors before step s, in the order of time and name."""
        if not self.factors:
            return []
        lines = ["void", "third( long s, const Properties& cp )", "{"]
        lines += [f"  cp.{key}_.collect( s - 1, cp.dt_ );" for key in self.factors.values()]
        lines += ["  while ( true )", "  {", "    long next = s;"]
        for key in self.factors.values():
            lines.append(f"    if ( {_waiting(key)} )")
            lines.append(f"      next = std::min( next, {_next(key)} );")
        lines += ["    if ( next >= s )", "      return;", "    advance( next, cp );"]
        if self.program.post_reads:
            lines.append("    const long k = next;")
        for name, key in self.factors.items():
            body = self._statements(self.program.events[name])
            lines.append(f"    for ( ; {_waiting(key)} and {_next(key)} == next; ++{key}_done_ )")
            lines += ["    {", *(f"      {x}" for x in body), "    }"]
        return [f"  {line}" for line in [*lines, "  }", "}", ""]]

    def _advance(self) -> list[str]:
        if self.program.step is not None:
            body = self._statements(self.program.step)
            return ["for ( long k = updated_; k < s; ++k )", "{", *(f"  {x}" for x in body), "}"]
        if not self.program.advance:
            return ["static_cast< void >( cp );"]
        body = self._statements(self.program.advance)
        return [
            "if ( s == updated_ )",
            "{",
            "  return;",
            "}",
            "const double elapsed = ( s - updated_ ) * cp.dt_;",
            *body,
        ]

    def _event(self, side: str) -> list[str]:
        """The statements of one side; the other side's spike may have been in the same step."""
        program = self.program
        usual, apart = getattr(program, side), getattr(program, f"{side}_apart")
        other = {"pre": "post", "post": "pre"}[side]
        found = ["double t_amplitude = 0.0;"] if side == "pre" else []
        if program.post_reads:
            found.append("const long k = s;" if side == "post" else "const long k = s - cp.soma_;")
        found += [f"before_{n} = {self._name(n)};" for n in getattr(program, f"kept_by_{side}")]
        if usual == apart:
            found += self._statements(usual)
        else:
            found += [f"if ( last_{other}_ == s )", "{"]
            found += [f"  {x}" for x in self._statements(apart)]
            found += ["}", "else", "{", *(f"  {x}" for x in self._statements(usual)), "}"]
        return found + ([f"last_{side}_ = s;"] if self.kept else [])

    def _post(self) -> list[str]:
        if not self.program.post:
            return []
        before = ["third( s, cp );"] if self.factors else []
        body = [*before, "advance( s, cp );", *self._event("post")]
        head = "post( long s, const Properties& __restrict__ cp )"
        return ["void", head, "{", *(f"  {x}" for x in body), "}"]

    def _statements(self, statements: Iterable[Assign]) -> list[str]:
        known = (replace(s, temporary=s.temporary and s.target != AMPLITUDE) for s in statements)
        return assignments(known, self._name)

    def _name(self, name: str) -> str:
        if name in self.program.states:
            return f"s_{name}"
        if name in self.own:
            return f"p_{name}"
        if name in self.common:
            return f"cp.p_{name}"
        fixed = {"weight": "weight_", ELAPSED: "elapsed", "dt_ms": "cp.dt_", "pi": "M_PI"}
        if name in fixed:
            return fixed[name]
        if name.removesuffix(POST) in self.program.post_reads:
            return f"past_->at( cp.place_of_{name.removesuffix(POST)}, k )"
        if name.startswith(BEFORE) and name.removeprefix(BEFORE) in self.kept:
            return f"before_{name.removeprefix(BEFORE)}"
        return f"t_{name}"


_REGISTER = ["const double first = ( updated_ - back( cp ) ) * cp.dt_;"]
_REGISTER += ["t.register_stdp_connection( first, get_delay() );"]
_FACTOR = ("steps", "nodes")
_PAST = [
    "past_ = dynamic_cast< const spikebridge::StateHistory* >( &t );",
    "if ( not past_ )",
    "{",
    '  throw nest::IllegalConnection( "the neuron keeps no states for synapses" );',
    "}",
]
_READ = [
    "const long steps = back( cp );",
    "std::deque< nest::histentry >::iterator spikes, end;",
    "target->get_history( ( read_ - steps ) * cp.dt_, ( until - steps ) * cp.dt_, &spikes, &end );",
    "for ( ; spikes != end; ++spikes )",
    "{",
    "  post( static_cast< long >( spikes->t_ / cp.dt_ + 0.5 ) + steps, cp );",
    "}",
    "read_ = until;",
]
_PEEK = [
    "if ( const auto* spikes = spikebridge::spikes_of( get_target( 0 ) ) )",
    "{",
    "  for ( const auto& spike : *spikes )",
    "  {",
    "    const long s = std::lround( spike.t_ / cp.dt_ ) + back( cp );",
    "    if ( read_ < s and s < t )",
    "    {",
    "      post( s, cp );",
    "    }",
    "  }",
    "}",
]


def _waiting(key: str) -> str:
    return f"{key}_done_ < cp.{key}_.steps.size()"


def _next(key: str) -> str:
    return f"cp.{key}_.steps[ {key}_done_ ]"


def _key(name: str) -> str:
    return f"{name}_" if name in _TAKEN else name


def _template() -> str:
    return Path(__file__).with_name("synapse.cc.in").read_text(encoding="utf-8")
