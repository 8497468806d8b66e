// The past of some of a neuron's states, for synapses that read them: a synapse runs only when a
// spike reaches it, and then makes up for all steps since. One row per step, from the first on.

#ifndef SPIKEBRIDGE_HISTORY_H
#define SPIKEBRIDGE_HISTORY_H

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace spikebridge
{

class StateHistory
{
public:
  virtual ~StateHistory() = default;

  double
  at( long variable, long step ) const
  {
    const long row = std::clamp( step - first_, 0L, rows_ - 1 );
    return values_[ row * width_ + variable ];
  }

  bool
  empty() const
  {
    return rows_ == 0;
  }

  void
  keep( long step, std::initializer_list< double > values )
  {
    if ( rows_ == 0 )
    {
      first_ = step;
      width_ = values.size();
    }
    values_.insert( values_.end(), values );
    ++rows_;
  }

private:
  long first_ = 0;
  long rows_ = 0;
  long width_ = 1;
  std::vector< double > values_;
};

} // namespace spikebridge

#endif
