"""Graded synapses with states -> C++: the receiving node holds them, and moves them step by step.

A connection of NEST has no state that such a rule could use, and setting weights from Python
between slices would cost a call for every connection and step. Here a connection carries the number
of its synapse where its weight would be; the node puts what arrives into that synapse's place.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...definition.expressions import Expression
from ...passes.learning import Rule
from ...passes.program import Program
from ...records import dataclass
from .cpp import assignments, cpp


@dataclass(frozen=True, eq=False)
class LearningCode:
    """The synapses of one projection onto a node.

    Status keys of the node begin with ``prefix``. ``each``: numbers with one value per synapse;
    ``port``: where the sum goes. ``read`` is the one variable of the sender that is sent.
    """

    prefix: str
    rule: Rule
    port: str
    each: frozenset[str]
    program: Program

    @property
    def read(self) -> str:
        return next(iter(self.rule.pre))

    @property
    def numbers(self) -> tuple[str, ...]:
        rule = self.rule
        return (*rule.parameters, "weight", *rule.constants)

    @property
    def scalars(self) -> tuple[str, ...]:
        """Status keys of one number."""
        own = (n for n in self.numbers if n not in self.each)
        return (*(self.key(n) for n in own), *(f"{self.prefix}{n}" for n in ("every", "sampled")))

    @property
    def vectors(self) -> tuple[str, ...]:
        """Status keys of a number per synapse."""
        own = (self.key(n) for n in (*self.rule.states, *self.numbers) if n not in self.scalars)
        own = (k for k in own if k not in self.scalars)
        return (*own, *(f"{self.prefix}{n}" for n in ("delay", "first", "chosen")))

    @property
    def samples(self) -> tuple[str, ...]:
        """Status keys of what is sampled of each state, all chosen synapses of a time together."""
        return tuple(f"{self.key(s)}_samples" for s in self.rule.states)

    def key(self, name: str) -> str:
        """The status key of a state or number."""
        return f"{self.prefix}s_{name}" if name in self.rule.states else f"{self.prefix}n_{name}"

    def members(self) -> Iterable[str]:
        p = self.prefix
        private = (f"{self.key(s)}_next" for s in self.rule.states)
        for name in (*self.vectors, *self.samples, *private, f"{p}past"):
            yield f"std::vector< double > {name};"
        yield f"size_t {p}rows = 1;"

    def prepared(self) -> Iterable[str]:
        """Room for what is on its way, and what holds from the first step on."""
        p = self.prefix
        longest = f"*std::max_element( {p}delay.begin(), {p}delay.end() )"
        yield f"if ( {p}past.empty() and not {p}delay.empty() )"
        yield "{"
        yield f"  {p}rows = static_cast< size_t >( {longest} ) + 1;"
        yield f"  {p}past.assign( {p}rows * {p}delay.size(), 0.0 );"
        yield from (f"  {self.key(s)}_next = {self.key(s)};" for s in self.rule.states)
        yield "}"

    def handled(self, port: int) -> Iterable[str]:
        """What arrives along a connection of receptor ``port``."""
        p = self.prefix
        yield f"if ( e.get_rport() == {port} )"
        yield "{"
        yield "  const size_t own = static_cast< size_t >( e.get_weight() );"
        yield "  const long now = kernel().simulation_manager.get_slice_origin().get_steps();"
        yield "  for ( size_t lag = 0; value != e.end(); ++lag )"
        yield "  {"
        yield f"    const size_t row = ( now + delay + lag ) % {p}rows;"
        yield f"    {p}past[ row * {p}delay.size() + own ] = e.get_coeffvalue( value );"
        yield "  }"
        yield "  return;"
        yield "}"

    def summed(self) -> Iterable[str]:
        """The port's share over step ``k``, as a constant of that name."""
        p = self.prefix
        yield f"if ( k % static_cast< long >( {p}every ) == 0 )"
        yield "{"
        yield from (f"  {self.key(s)} = {self.key(s)}_next;" for s in self.rule.states)
        yield "}"
        yield f"double {p}sum = 0.0;"
        yield f"for ( size_t c = 0; c < {p}delay.size(); ++c )"
        yield "{"
        yield f"  if ( k >= {p}delay[ c ] )"
        yield "  {"
        yield f"    const double {self._name(self.read)} = {p}arrived( k, row, c );"
        yield f"    {p}sum += ( {self._cpp(self.rule.efficacy)} )"
        yield f"      * ( {self._cpp(self.rule.passed)} );"
        yield "  }"
        yield "}"

    def moved(self) -> Iterable[str]:
        """One step of every synapse's states, with the node's values of the step's beginning."""
        p, rule = self.prefix, self.rule
        yield f"if ( k % static_cast< long >( {p}every ) == 0 )"
        yield "{"
        for name, value in rule.post.items():
            yield f"  const double {self._name(name)} = {cpp(value, self._of_node)};"
        yield f"  for ( size_t c = 0; c < {p}delay.size(); ++c )"
        yield "  {"
        yield f"    const double {self._name(self.read)} ="
        yield f"      k >= {p}delay[ c ] ? {p}arrived( k, row, c ) : 0.0;"
        yield from (f"    double v_{s} = {self.key(s)}[ c ];" for s in rule.states)
        for line in assignments((*rule.step, *rule.after), self._moving):
            yield f"    {line}"
        yield from (f"    {self.key(s)}_next[ c ] = v_{s};" for s in rule.states)
        yield "  }"
        yield "}"

    def sampled(self) -> Iterable[str]:
        """The states at the end of step ``k``."""
        p = self.prefix
        yield f"if ( {p}sampled > 0 and ( k + 1 ) % static_cast< long >( {p}sampled ) == 0 )"
        yield "{"
        yield f"  const bool due = ( k + 1 ) % static_cast< long >( {p}every ) == 0;"
        yield f"  for ( const double c : {p}chosen )"
        yield "  {"
        for s, samples in zip(self.rule.states, self.samples, strict=True):
            own = self.key(s)
            yield f"    {samples}.push_back( ( due ? {own}_next : {own} )[ c ] );"
        yield "  }"
        yield "}"

    def functions(self) -> Iterable[str]:
        p = self.prefix
        yield "double"
        yield f"{p}arrived( const long k, const size_t row, const size_t c ) const"
        yield "{"
        yield f"  return k == {p}delay[ c ] ? {p}first[ c ]"
        yield f"    : {p}past[ ( row % {p}rows ) * {p}delay.size() + c ];"
        yield "}"

    def _cpp(self, value: Expression) -> str:
        return cpp(value, self._name)

    def _name(self, name: str) -> str:
        if name in self.rule.states or name in self.each:
            return f"{self.key(name)}[ c ]"
        if name in self.numbers:
            return self.key(name)
        return {"pi": "M_PI"}.get(name, f"{self.prefix}v_{name}")

    def _moving(self, name: str) -> str:
        return f"v_{name}" if name in self.rule.states else self._name(name)

    def _of_node(self, name: str) -> str:
        if name in self.program.states:
            return f"s_{name}"
        return {"pi": "M_PI"}.get(name, f"p_{name}")
