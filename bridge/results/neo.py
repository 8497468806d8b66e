"""Columns as a Neo Block, in PyNN's convention, so that Elephant and Neo's files can have them."""

from __future__ import annotations

import json
from datetime import datetime

import neo  # absolute: the package, not this file

from .columns import Columns
from .manifest import to_plain
from .signals import to_signal
from .trains import LazySpikeTrainList


def to_block(columns: Columns) -> neo.Block:
    """One Block with one Segment for the run.

    - `segment.spiketrains`: a train for every unit of every population, silent ones too, built
      when first looked at; annotations `source_population`, `source_index`, `channel_id`.
      `segment.spiketrains.multiplexed` gives all spikes as two arrays at no cost.
    - `segment.analogsignals`: one per population and variable, named after the variable; array
      annotation `channel_index`, annotation `source_population`.
      Recorded synapses likewise: annotations `source_projection`, `presynaptic_population` and
      `postsynaptic_population`; array annotations `channel_index` (numbers of connections),
      `presynaptic_index` and `postsynaptic_index`, as PyNN calls the units they join.
    - `block.annotations`: `simulator`, `dt` (ms), and the manifest as one JSON text, the only
      form that survives every file format of Neo.

    Nothing is copied: the Block reads the arrays of ``columns``. Raises `UnitError` where a
    trace has a unit that `quantities` cannot express.
    """
    date = columns.manifest.get("date")
    block = neo.Block(
        name=str(columns.manifest.get("title") or columns.simulator),
        rec_datetime=datetime.fromisoformat(date) if isinstance(date, str) else None,
        simulator=columns.simulator,
        dt=columns.dt,
        manifest=json.dumps(to_plain(columns.manifest)),
    )
    segment = neo.Segment(name="run", index=0, rec_datetime=block.rec_datetime)
    block.segments.append(segment)
    segment.spiketrains = LazySpikeTrainList(columns.spikes, columns.duration, parent=segment)
    for owner, traces in columns.traces.items():
        for trace in traces:
            signal = to_signal(owner, trace, columns.dt, columns.connections.get(owner))
            if isinstance(signal, neo.AnalogSignal):
                segment.analogsignals.append(signal)
            else:
                segment.irregularlysampledsignals.append(signal)
    return block
