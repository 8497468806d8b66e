"""How a generated node sends what it has: its value in every step, or its changes as events.

An event is a spike whose offset, meant for times between steps, holds the change. NEST carries it
to every target, so that connections are plain static synapses, and several of one pair add up.
"""

from __future__ import annotations

from ...records import dataclass


@dataclass(frozen=True)
class CouplingCode:
    """Parts of `rate.cc.in`. ``input`` is what graded connections bring to port {port}, row {row}.

    ``before``, ``each``, ``after``: in `update`, around its loop over steps and at a step's end;
    ``sending``: what it calls.
    """

    handlers: str
    input: str
    before: str
    sending: str
    each: str
    after: str
    members: tuple[str, ...]
    link: str


_TEST = """
  size_t
  handles_test_event( {event}& e, size_t port ) override
  {{
    if ( port >= {ports}{beyond} )
    {{
      throw UnknownReceptorType( port, get_name() );
    }}
    return port;
  }}
"""

_LEARNED = " and ( port < $learns_from or port >= $learns_to )"
_VALUES = """
  using Node::sends_secondary_event;

  void
  sends_secondary_event( DelayedRateConnectionEvent& ) override
  {
  }

  void
  handle( DelayedRateConnectionEvent& e ) override
  {
    const double weight = e.get_weight();
    const long delay = e.get_delay_steps() - kernel().connection_manager.get_min_delay();
    size_t lag = 0;
    auto value = e.begin();
$handled
    while ( value != e.end() )
    {
      arriving_[ e.get_rport() ].add_value( delay + lag, weight * e.get_coeffvalue( value ) );
      ++lag;
    }
  }
"""

_EVENTS = """
  bool
  is_off_grid() const override
  {
    return true;
  }

  size_t
  send_test_event( Node& target, size_t receptor, synindex, bool ) override
  {
    SpikeEvent e;
    e.set_sender( *this );
    return target.handles_test_event( e, receptor );
  }

  void
  handle( SpikeEvent& e ) override
  {
    arriving_[ e.get_rport() ].add_value(
      e.get_rel_delivery_steps( kernel().simulation_manager.get_slice_origin() ),
      e.get_weight() * e.get_offset() );
  }
"""


_SEND_CHANGE = """
  void
  send_change( const long lag )
  {
    const double value = signal();
    if ( value != last_ )
    {
      SpikeEvent event;
      event.set_offset( value - last_ );
      last_ = value;
      kernel().event_delivery_manager.send( *this, event, lag );
    }
  }
"""


def values(ports: int) -> CouplingCode:
    """The value of every step, along ``rate_connection_delayed``."""
    return CouplingCode(
        handlers=_TEST.format(event="DelayedRateConnectionEvent", ports=ports, beyond=_LEARNED)
        + _VALUES,
        input="arriving_[ {row} ].get_value( lag ) + early( early_{port}_, k )",
        # A run that stops within a slice goes on with the rest of it: what was sent must stay.
        before="sent_.resize( kernel().connection_manager.get_min_delay(), 0.0 );",
        sending="",
        each="sent_[ lag ] = signal();",
        after="DelayedRateConnectionEvent event;\n    event.set_coeffarray( sent_ );\n"
        "    kernel().event_delivery_manager.send_secondary( *this, event );",
        members=("std::vector< double > sent_; // in this slice",),
        link="rate_connection_delayed",
    )


def events(ports: int) -> CouplingCode:
    """Changes only; what the connections bring is summed up."""
    return CouplingCode(
        handlers=_TEST.format(event="SpikeEvent", ports=ports, beyond="") + _EVENTS,
        input="( sums_[ {row} ] += arriving_[ {row} ].get_value( lag )"
        " + early( early_{port}_, k ) )",
        before="if ( origin.get_steps() + from == first_ )\n    {\n      last_ = signal();\n    }",
        sending=_SEND_CHANGE,
        each="send_change( lag );",
        after="",
        members=(f"std::array< double, {max(ports, 1)} > sums_ {{}};", "double last_ = 0.0;"),
        link="static_synapse",
    )
