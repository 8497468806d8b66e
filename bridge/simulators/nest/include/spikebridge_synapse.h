// What generated synapses share: functions of the equations, and reading a neuron's spikes.

#ifndef SPIKEBRIDGE_SYNAPSE_H
#define SPIKEBRIDGE_SYNAPSE_H

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "archiving_node.h"

namespace spikebridge
{

inline double
exprel( double x )
{
  return std::abs( x ) < 1e-16 ? 1.0 : std::expm1( x ) / x;
}

inline double
clip( double x, double low, double high )
{
  return std::min( std::max( x, low ), high );
}

inline double
sign( double x )
{
  return x > 0.0 ? 1.0 : ( x < 0.0 ? -1.0 : 0.0 );
}

inline double
mod( double x, double y )
{
  return x - y * std::floor( x / y );
}

// The spikes that a neuron keeps for its plastic synapses. NEST counts every look through
// get_history() as the one reading that each synapse is owed, and then forgets the spike; reading
// a weight must not count. An explicit instantiation may name a private member.
template < typename Tag, typename Tag::type Member >
struct Opened
{
  friend typename Tag::type
  open( Tag )
  {
    return Member;
  }
};

struct History
{
  typedef std::deque< nest::histentry > nest::ArchivingNode::*type;
  friend type open( History );
};

template struct Opened< History, &nest::ArchivingNode::history_ >;

inline const std::deque< nest::histentry >*
spikes_of( nest::Node* node )
{
  const auto* neuron = dynamic_cast< nest::ArchivingNode* >( node );
  return neuron ? &( neuron->*open( History() ) ) : nullptr;
}

// Spikes of the nodes that drive a third factor, collected as they are asked for. Registering with
// a node once, and never reading, makes it keep all of its spikes.
class Factor
{
public:
  std::vector< long > nodes;
  std::vector< long > steps; // sorted

  void
  listen()
  {
    for ( const long node : nodes )
    {
      nest::kernel().node_manager.get_node_or_proxy( node )->register_stdp_connection( -1.0, 0.0 );
    }
  }

  void
  collect( long until, double dt )
  {
    if ( nodes.empty() or until <= known_ )
    {
      return;
    }
    const size_t before = steps.size();
    for ( const long node : nodes )
    {
      const auto* spikes = spikes_of( nest::kernel().node_manager.get_node_or_proxy( node ) );
      for ( auto spike = spikes->rbegin(); spike != spikes->rend(); ++spike )
      {
        const long step = std::lround( spike->t_ / dt );
        if ( step <= known_ )
        {
          break;
        }
        if ( step <= until )
        {
          steps.push_back( step );
        }
      }
    }
    std::sort( steps.begin() + before, steps.end() );
    known_ = until;
  }

private:
  long known_ = 0;
};

} // namespace spikebridge

#endif
