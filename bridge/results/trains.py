"""Spike trains for Neo that are built only when somebody looks at them.

Neo's own `SpikeTrainList.from_spike_time_array` holds two arrays as well, but the first index or
iteration builds every train, each with a mask over all spikes (10 000 trains: 10 s), and Neo has
no hook to replace that. Hence this subclass: it answers for one train from an index of the
spikes by unit, and where a caller changes the list it becomes Neo's ordinary list.
"""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, SupportsIndex

import numpy as np
import quantities as pq
from neo.core import Segment, SpikeTrain
from neo.core.spiketrainlist import SpikeTrainList

from .columns import Spikes
from .order import PerUnit


class LazySpikeTrainList(SpikeTrainList):  # type: ignore[misc]  # Neo has no types
    """The trains of all units of all populations, silent ones included, one after another.

    Every train has `t_start` 0 and `t_stop` in ms, a name "population[index]" and PyNN's
    annotations: `source_population`, `source_index` (within the population) and `channel_id`
    (position in this list, thus unique). A train once built is kept, so that changes to it stay.
    """

    def __init__(
        self, spikes: Mapping[str, Spikes], t_stop: float, parent: Segment | None = None
    ) -> None:
        self._all: list[SpikeTrain] | None = None
        super().__init__(parent=parent)
        self._names = list(spikes)
        self._spikes = list(spikes.values())
        self._starts = list(accumulate((one.size for one in self._spikes), initial=0))
        self._by_unit: list[PerUnit | None] = [None] * len(self._spikes)
        self._multiplexed: tuple[Any, Any] | None = None
        self._built: dict[int, SpikeTrain] = {}
        self._spiketrain_metadata = {
            "t_start": pq.Quantity(0.0, pq.ms),
            "t_stop": pq.Quantity(float(t_stop), pq.ms),
        }

    @property
    def _items(self) -> list[SpikeTrain] | None:
        """All trains, built: what the methods inherited from Neo work on and may change."""
        if self._all is None and hasattr(self, "_built"):
            self._all = [self._train(i) for i in range(self._starts[-1])]
            self._multiplexed = None  # from here on the trains themselves say what is in them
        return self._all

    @_items.setter
    def _items(self, trains: list[SpikeTrain] | None) -> None:
        self._all = trains

    def plain(self) -> SpikeTrainList:
        """The same trains in Neo's own list, all of them built; needs only Neo to unpickle."""
        return SpikeTrainList(items=self._items, parent=self.segment)

    def __len__(self) -> int:
        return self._starts[-1] if self._all is None else len(self._all)

    def __iter__(self) -> Iterator[SpikeTrain]:
        if self._all is not None:
            return iter(self._all)
        return map(self._train, range(len(self)))

    def __getitem__(self, i: SupportsIndex | slice) -> Any:
        if self._all is not None:
            return super().__getitem__(i)
        chosen = range(len(self))[i if isinstance(i, slice) else operator.index(i)]
        if isinstance(chosen, range):
            return SpikeTrainList(items=[self._train(j) for j in chosen])
        return self._train(chosen)

    def __str__(self) -> str:
        count = sum(len(one) for one in self._spikes)
        if self._all is None:
            return f"SpikeTrainList containing {count} spikes from {len(self)} neurons"
        return str(super().__str__())

    def __add__(self, other: Any) -> Any:
        return self.plain() + (other.plain() if isinstance(other, type(self)) else other)

    def __radd__(self, other: Any) -> Any:
        return other + list(self)

    @property
    def all_channel_ids(self) -> list[int]:
        """The channel ids: positions in the list."""
        if self._all is not None:
            return list(super().all_channel_ids)
        return list(range(len(self)))

    @property
    def multiplexed(self) -> tuple[Any, Any]:
        """(channel ids, times in ms) of all spikes; the very columns for a single population."""
        if self._all is not None:
            return tuple(super().multiplexed)
        if self._multiplexed is None:
            pairs = list(zip(self._spikes, self._starts, strict=False))
            if len(pairs) == 1:
                ids, times = self._spikes[0].senders, self._spikes[0].times
            else:
                ids = np.concatenate([np.empty(0, np.int64)] + [s.senders + i for s, i in pairs])
                times = np.concatenate([np.empty(0)] + [s.times for s, _ in pairs])
            self._multiplexed = ids, pq.Quantity(times, pq.ms)
        return self._multiplexed

    def _train(self, position: int) -> SpikeTrain:
        train = self._built.get(position)
        if train is None:
            which = bisect_right(self._starts, position) - 1
            index, name = position - self._starts[which], self._names[which]
            train = SpikeTrain(
                self._times(which)[index],
                units=pq.ms,  # the unit, not its name: Neo would parse the name for each train
                name=f"{name}[{index}]",
                source_population=name,
                source_index=index,
                channel_id=position,
                **self._spiketrain_metadata,
            )
            train.segment = self.segment
            self._built[position] = train
        return train

    def _times(self, which: int) -> PerUnit:
        found = self._by_unit[which]
        if found is None:
            found = self._by_unit[which] = self._spikes[which].per_unit()
        return found
