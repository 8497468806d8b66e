"""Spikes of a generated node in C++: those that arrive, the condition, the refractory count.

A part of `rate_cpp`. As in every program, arrivals act after the integration of the step, then the
condition is tested; a spike sets the count to R + 1, and every step counts down first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...passes.program import Assign, Program
from .cpp import assignments, cpp, indented

Rename = Callable[[str], str]

_SENDS = """
  size_t
  send_test_event( Node& target, size_t receptor, synindex, bool ) override
  {
    SpikeEvent event;
    event.set_sender( *this );
    return target.handles_test_event( event, receptor );
  }
"""
_RECEIVES = """
  size_t
  handles_test_event( SpikeEvent&, size_t port ) override
  {
    if ( port < %(first)d or port >= %(end)d )
    {
      throw UnknownReceptorType( port, get_name() );
    }
    return port;
  }

  void
  handle( SpikeEvent& e ) override
  {
    const long step = e.get_rel_delivery_steps( kernel().simulation_manager.get_slice_origin() );
    spikes_[ e.get_rport() - %(first)d ].add_value( step, e.get_weight() * e.get_multiplicity() );
  }
"""


def methods(program: Program, first: int) -> str:
    """How the node receives spikes, on receptors from ``first`` on, and sends them."""
    received = {"first": first, "end": first + len(program.receive)}
    parts = [_RECEIVES % received if program.receive else ""]
    return "".join([*parts, _SENDS if program.condition is not None else ""]).rstrip("\n")


def members(program: Program) -> list[str]:
    """Buffers of what arrives, and steps of refractoriness: the whole period, and those left."""
    found = []
    if program.receive:
        found.append(f"std::array< RingBuffer, {len(program.receive)} > spikes_;")
    if program.refractory is not None:
        found += ["long refr_steps_ = 0;", "long resting_ = 0;"]
    return found


def integration(program: Program, rename: Rename) -> list[str]:
    """The step of a free unit, or of a refractory one."""
    free = assignments(program.free, rename)
    if program.refractory is None:
        return free
    count = ["if ( resting_ > 0 )", *_block(["--resting_;"])]
    if program.clamped is None:
        return [*count, *free]
    clamped = assignments(program.clamped, rename)
    return [*count, "if ( resting_ > 0 )", *_block(clamped), "else", *_block(free)]


def arrivals(program: Program, rename: Rename) -> list[str]:
    """What spikes do; a refractory unit keeps its clamped states."""
    found = []
    for row, statements in enumerate(program.receive.values()):
        found += [
            f"if ( const double c_weight = spikes_[ {row} ].get_value( lag ); c_weight != 0.0 )",
            *_block(_received(program, statements, rename)),
        ]
    return found


def _received(program: Program, statements: Sequence[Assign], rename: Rename) -> list[str]:
    written = {s.target for s in statements if not s.temporary}
    held = sorted(written & program.clamp) if program.refractory is not None else []
    before = [f"const double held_{n} = {rename(n)};" for n in held]
    after = [f"{rename(n)} = held_{n};" for n in held]
    lines = assignments(statements, lambda n: "c_weight" if n == "weight" else rename(n))
    kept = ["if ( resting_ > 0 )", *_block(after)] if held else []
    return [*before, *lines, *kept]


def firing(program: Program, rename: Rename) -> list[str]:
    """The condition, its effects, and the spike, stamped with the end of the step."""
    if program.condition is None:
        return []
    free = "resting_ == 0 and " if program.refractory is not None else ""
    rest = ["resting_ = refr_steps_ + 1;"] if program.refractory is not None else []
    return [
        f"if ( {free}( {cpp(program.condition, rename)} ) )",
        *_block(
            [
                *assignments(program.effects, rename),
                *rest,
                "set_spiketime( Time::step( origin.get_steps() + lag + 1 ) );",
                "SpikeEvent spike;",
                "kernel().event_delivery_manager.send( *this, spike, lag );",
            ]
        ),
    ]


def status(program: Program) -> tuple[list[str], list[str]]:
    """Lines of get_status and set_status."""
    if program.refractory is None:
        return [], []
    return (
        ['d[ "refr_steps" ] = refr_steps_;'],
        ['d.update_value( "refr_steps", refr_steps_ );'],
    )


def clear(program: Program) -> list[str]:
    """Empties the buffers of spikes."""
    if not program.receive:
        return []
    return ["for ( auto& buffer : spikes_ )", *_block(["buffer.clear();"])]


def _block(lines: Iterable[str]) -> list[str]:
    return ["{", *indented(2, lines).splitlines(), "}"]
