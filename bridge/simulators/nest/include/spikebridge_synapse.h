// What generated synapses share: functions of the equations, and reading a neuron's spikes.

#ifndef SPIKEBRIDGE_SYNAPSE_H
#define SPIKEBRIDGE_SYNAPSE_H

#include <algorithm>
#include <cmath>
#include <deque>

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

} // namespace spikebridge

#endif
