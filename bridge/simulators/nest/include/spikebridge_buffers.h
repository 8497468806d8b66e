// Spike buffers for NESTML neurons: drop-in types for the two std::vectors of its template.
//
// NESTML keeps one heap-allocated ring buffer per port, so that each neuron touches one cache
// line per port and step. Here the ports of one time slot lie side by side, and the sums of the
// current step lie inside the neuron.
#ifndef SPIKEBRIDGE_BUFFERS_H
#define SPIKEBRIDGE_BUFFERS_H

#include <array>
#include <cstddef>
#include <vector>

#include "kernel_manager.h"

namespace spikebridge
{

class RingBuffers
{
public:
  // One port; has the two members of nest::RingBuffer that NESTML uses.
  struct Port
  {
    RingBuffers& all;
    size_t port;

    // Reading empties the entry, as nest::RingBuffer does.
    double
    get_value( const long offset )
    {
      double& entry = all.at_( offset, port );
      const double value = entry;
      entry = 0.0;
      return value;
    }

    void
    add_value( const long offset, const double value )
    {
      all.at_( offset, port ) += value;
    }
  };

  explicit RingBuffers( const size_t ports = 0 )
    : ports_( ports )
  {
  }

  Port
  operator[]( const size_t port )
  {
    return Port { *this, port };
  }

  size_t
  size() const
  {
    return ports_;
  }

  void
  clear()
  {
    values_.clear();
  }

  // Called by pre_run_hook() before each run; keeps what is still to arrive.
  void
  resize( const size_t ports )
  {
    const auto& delays = nest::kernel().connection_manager;
    const size_t entries = ports * ( delays.get_min_delay() + delays.get_max_delay() );
    ports_ = ports;
    if ( values_.size() != entries )
    {
      values_.assign( entries, 0.0 );
    }
  }

private:
  double&
  at_( const long offset, const size_t port )
  {
    return values_[ ports_ * nest::kernel().event_delivery_manager.get_modulo( offset ) + port ];
  }

  std::vector< double > values_;
  size_t ports_;
};

template < size_t ports >
class PortSums
{
public:
  explicit PortSums( size_t = ports )
  {
  }

  double&
  operator[]( const size_t port )
  {
    return sums_[ port ];
  }

  void
  clear()
  {
    sums_.fill( 0.0 );
  }

  void
  resize( size_t )
  {
  }

private:
  std::array< double, ports == 0 ? 1 : ports > sums_ {};
};

}

#endif
