"""Program -> C++: a NEST node that sends and receives continuously, and may spike.

NEST's template of rate neurons knows one equation, tau dr/dt = -lambda r + mu + F(input), and one
scheme, and its neurons either spike or send rates. This node runs the statements of any program:
CTRNNs, adaptation, several states, any F; neurons whose synapses saturate before they are summed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from ...definition.draw_noise import is_uniform
from ...passes.graded import Signal
from ...passes.program import Program
from ...records import dataclass
from . import spiking_cpp as spiking
from .cpp import cpp, indented
from .learning_cpp import LearningCode
from .rate_coupling import CouplingCode, events, values


@dataclass(frozen=True, eq=False)
class RateCode:
    """The C++ ``text`` of a module ``<model>module`` that registers ``model``.

    Status keys: states and numbers by their names; ``table_X`` (one value per step) and ``early_X``
    (sums of the first steps) of a port or noise X; ``refr_steps`` where units are refractory.
    ``ports``: graded port, spike port, or prefix of a `LearningCode` -> receptor; ``link``: the
    connection model that leads to the graded ones.
    """

    model: str
    text: str
    ports: Mapping[str, int]
    link: str


def rate_code(
    program: Program,
    signal: Signal | None,
    coupled: Iterable[str],
    tables: Iterable[str],
    learning: Iterable[LearningCode] = (),
    changes: bool = False,
) -> RateCode:
    """The node of ``program``, which sends ``signal`` (None: nothing).

    ``coupled``: ports that graded connections feed; ``tables``: ports and noises with a value per
    step; ``learning``: synapses with states that the node holds. ``changes``: send the changes of
    the signal as events, not its value in every step.
    """
    ports = tuple(sorted(coupled))
    coupling = (events if changes else values)(len(ports))
    lists = ports, tuple(sorted(tables)), tuple(learning)
    return _Writer(program, signal, *lists, coupling).code()


class _Writer:
    def __init__(
        self,
        program: Program,
        signal: Signal | None,
        coupled: tuple[str, ...],
        tables: tuple[str, ...],
        learning: tuple[LearningCode, ...],
        coupling: CouplingCode,
    ) -> None:
        self.coupling = coupling
        self.program, self.signal = program, signal
        self.coupled, self.tables, self.learning = coupled, tables, learning
        self.learns_from = len(coupled) + len(program.receive)  # receptors
        own = tuple(signal.parameters) if signal else ()
        self.numbers = (*program.parameters, *program.constants, *own)
        self.fixed = tuple(c for c in program.currents if c not in tables)
        self.vectors = (*(f"table_{n}" for n in tables), *(f"early_{n}" for n in coupled))

    def code(self) -> RateCode:
        parts = self._parts()
        content = hashlib.sha256("\n".join(parts.values()).encode()).hexdigest()[:12]
        label = re.sub(r"\W+", "_", self.program.label.rpartition("/")[2]).strip("_").lower()
        model = f"sb_{label[:30] or 'unit'}_{content}"
        template = Path(__file__).with_name("rate.cc.in").read_text(encoding="utf-8")
        recordables = [f'insert_( "{s}", &{model}::get_{s} );' for s in self.program.states]
        text = Template(template).substitute(
            parts,
            model=model,
            module=f"{model}module",
            label=self.program.label,
            recordables=indented(2, recordables),
        )
        ports = (*self.coupled, *self.program.receive, *(c.prefix for c in self.learning))
        return RateCode(model, text, {n: i for i, n in enumerate(ports)}, self.coupling.link)

    def _parts(self) -> dict[str, str]:
        scalars = {
            **{s: f"s_{s}" for s in self.program.states},
            **{p: f"p_{p}" for p in self.numbers},
            **{c: f"p_{c}" for c in self.fixed},
        }
        learning = self.learning
        scalars |= {n: n for c in learning for n in c.scalars}
        names = {**scalars, **{v: f"{v}_" for v in self.vectors}}
        given = names | {n: n for c in learning for n in c.vectors}
        asked = names | {n: n for c in learning for n in c.samples}
        signal = "0.0" if self.signal is None else cpp(self.signal.value, self._name)
        copied = [*names.values(), *(["refr_steps_"] if self.program.refractory else [])]
        put, take = spiking.status(self.program)
        return {
            "copy": indented(4, [f", {own}( n.{own} )" for own in copied]),
            "spike_methods": spiking.methods(self.program, len(self.coupled)),
            "clear": indented(4, spiking.clear(self.program)),
            "handlers": Template(self.coupling.handlers).safe_substitute(self._learning()),
            "before": self.coupling.before,
            "each": self.coupling.each,
            "after": self.coupling.after,
            "sending": self.coupling.sending,
            "buffers": str(max(len(self.coupled), 1)),
            "put": indented(4, [f'd[ "{n}" ] = {own};' for n, own in asked.items()], put),
            "take": indented(
                4, [f'd.update_value( "{n}", {own} );' for n, own in given.items()], take
            ),
            **self._learning(),
            "inputs": indented(6, self._inputs()),
            "statements": indented(6, self._statements()),
            "signal": signal,
            "getters": indented(2, self._getters()),
            "members": indented(
                2,
                [f"double {own} = 0.0;" for own in scalars.values()],
                [f"std::vector< double > {v}_;" for v in self.vectors],
                spiking.members(self.program),
                *(c.members() for c in learning),
                self.coupling.members,
            ),
        }

    def _learning(self) -> dict[str, str]:
        """Where the node holds synapses with states."""
        learning, first = self.learning, self.learns_from
        row = ["const size_t row = origin.get_steps() + lag;"] if learning else []
        return {
            "learns_from": str(first),
            "learns_to": str(first + len(learning)),
            "handled": indented(4, *(c.handled(first + i) for i, c in enumerate(learning))),
            "prepared": indented(4, *(c.prepared() for c in learning)),
            "summed": indented(6, row, *(c.summed() for c in learning)),
            "moved": indented(6, *(c.moved() for c in learning)),
            "sampled": indented(6, *(c.sampled() for c in learning)),
            "functions": indented(2, *(c.functions() for c in learning)),
        }

    def _statements(self) -> list[str]:
        parts = (spiking.integration, spiking.arrivals, spiking.firing)
        return [line for part in parts for line in part(self.program, self._name)]

    def _inputs(self) -> list[str]:
        found = []
        if self.program.uses_time:
            found.append("const double t_now = k * p_dt_ms;")
        for name in self.program.currents:
            base = f"entry( table_{name}_, k )" if name in self.tables else f"p_{name}"
            if name in self.coupled:
                row = self.coupled.index(name)
                base += " + " + self.coupling.input.format(row=row, port=name)
            base += "".join(f" + {c.prefix}sum" for c in self.learning if c.port == name)
            found.append(f"const double c_{name} = {base};")
        for name in self.program.noise:
            value = f"entry( table_{name}_, k )"
            if name not in self.tables:
                rng = "get_vp_specific_rng( get_thread() )"
                value = f"{rng}->drand()" if is_uniform(name) else f"normal_( {rng} )"
            found.append(f"const double c_{name} = {value};")
        return found

    def _getters(self) -> list[str]:
        return [f"double get_{s}() const {{ return s_{s}; }}" for s in self.program.states]

    def _name(self, name: str) -> str:
        if name in self.program.states:
            return f"s_{name}"
        if name in self.numbers:
            return f"p_{name}"
        if name in self.program.currents or name in self.program.noise:
            return f"c_{name}"
        return {"t": "t_now", "dt_ms": "p_dt_ms", "pi": "M_PI"}.get(name, f"t_{name}")
