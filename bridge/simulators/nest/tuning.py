"""Rewrites NESTML's generated C++ where its template costs time or a rounding error.

Measured on the Vogels-Abbott CUBA network (4000 neurons, delay 0.1 ms, one thread) against the
built-in ``iaf_psc_exp``: 1.1-1.3 times its run time as generated, 0.8-0.9 after this. Three
changes, none of which alters what a model does:

* the ring buffers of all ports share one block of memory (``spikebridge_buffers.h``);
* the "a spike arrived" buffers are dropped where every ``onReceive`` only adds something
  proportional to the port, because adding zero is then the same as not being called;
* ``(0.001 * w) * 1000.``, the way a weight crosses NESTML's unit 1/s, becomes ``w``: the detour
  costs the last bit, and with it the bitwise agreement with other simulators.

Every change raises if the text it expects is not there: a new NESTML release must be looked at.
"""

from __future__ import annotations

import re

from ...errors import SimulationFailed

_PORT = r"B_\.spike_inputs_grid_sum_\[\w+ - MIN_SPIKE_RECEPTOR\]"
_WEIGHT = re.compile(rf"(?<!/ )\(0\.001 \* ({_PORT})\) \* 1000\.")
_SUMS = re.compile(r"std::vector< double >(?=& get_spike_| spike_input|\( NUM_SPIKE_RECEPTORS \))")
_RECEIVE = re.compile(r"::on_receive_block_\w+\([^)]*\)\n\{(.*?)\n\}", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DEBUG = re.compile(r"#ifdef DEBUG.*?#endif", re.DOTALL)
# One factor is the port; the others are numbers and names, joined by products only.
_FACTOR = r"[\w.() ]+"
_LINEAR = re.compile(
    rf"S_\.\w+ [+-]= (?:(?:{_FACTOR} [*/] )*{_FACTOR} \* )?{_PORT}(?: [*/] {_FACTOR})*;"
)
_HARMLESS = re.compile(r"(?:const double __timestep =|auto get_t =|if \(|else$|[{}]$)")

_FLAG_READ = "= get_spike_input_received_()[i].get_value(lag);"
_FLAG_SET = re.compile(
    r"  B_\.spike_input_received_\[ nestml_buffer_idx - MIN_SPIKE_RECEPTOR \]\.add_value\("
    r".*?1\. \);\n",
    re.DOTALL,
)
_FLAG_RESIZE = "  B_.spike_input_received_.resize(NUM_SPIKE_RECEPTORS);\n"


def tune(header: str, source: str, model: str) -> tuple[str, str]:
    """The header and source of one neuron, rewritten; unchanged if it has no spike input.

    Raises ``SimulationFailed`` where NESTML's text is not the text this file knows.
    """
    if "B_.spike_inputs_[ nestml_buffer_idx " not in source:
        return header, source
    source = _WEIGHT.sub(r"\1", source)
    if _only_adds(source):
        source = _without_flags(source, model)
    header = replaced(header, '#include "ring_buffer.h"', '#include "spikebridge_buffers.h"', model)
    return _with_buffers(header, model), _with_buffers(source, model)


def _with_buffers(text: str, model: str) -> str:
    text = replaced(text, "std::vector< nest::RingBuffer >", "spikebridge::RingBuffers", model)
    text, count = _SUMS.subn("spikebridge::PortSums< NUM_SPIKE_RECEPTORS >", text)
    if not count:
        raise _unknown(_SUMS.pattern, model)
    return text


def _only_adds(source: str) -> bool:
    """Whether each onReceive block consists of ``x += factor * port`` and conditions on it."""
    bodies = [_COMMENT.sub("", _DEBUG.sub("", body)) for body in _RECEIVE.findall(source)]
    lines = [line.strip() for body in bodies for line in body.splitlines()]
    return all(_LINEAR.fullmatch(x) or _HARMLESS.match(x) for x in lines if x)


def _without_flags(source: str, model: str) -> str:
    source = replaced(source, _FLAG_READ, "= get_spike_inputs_grid_sum_()[i];", model)
    source = replaced(source, _FLAG_RESIZE, "", model)
    source, count = _FLAG_SET.subn("", source)
    if count != 1:
        raise _unknown(_FLAG_SET.pattern, model)
    return source


def replaced(text: str, old: str, new: str, model: str) -> str:
    """``text`` with ``old`` replaced; raises where it is not there."""
    if old not in text:
        raise _unknown(old, model)
    return text.replace(old, new)


def _unknown(pattern: str, model: str) -> SimulationFailed:
    return SimulationFailed(
        f"the C++ that NESTML generated holds no `{pattern.strip()}`",
        model=model,
        remedy="use the NESTML version that spikebridge is tested with (9.0.0)",
    )
