"""The same drawn network on a finer grid: input, delays and times stay where they are."""

from __future__ import annotations

from ..errors import DefinitionError
from ..records import replace
from .drawn import DrawnNetwork


def regrid(network: DrawnNetwork, factor: int) -> DrawnNetwork:
    """``network`` with steps of ``dt/factor``; nothing is drawn anew.

    Two runs at different dt can be compared only if they receive the same spikes at the same times.

    Raises:
        DefinitionError: frozen noise, whose path depends on dt; a factor below 1.
    """
    if factor == 1:
        return network
    noise = [c.name for c in network.currents if c.port == "xi" or c.port.startswith("xi_")]
    if noise or factor < 1:
        raise DefinitionError(
            f"frozen noise {noise[0]} belongs to one dt" if noise else f"factor is {factor}",
            model=network.label,
            remedy="study convergence without noise",
        )
    return replace(
        network,
        dt=network.dt / factor,
        steps=network.steps * factor,
        sources={
            name: replace(
                source,
                steps=None if source.steps is None else source.steps * factor,
                rate_steps=None if source.rate_steps is None else source.rate_steps * factor,
            )
            for name, source in network.sources.items()
        },
        projections={
            name: replace(
                projection,
                delays=projection.delays * factor,
                axonal=projection.axonal * factor,
                dt_w=projection.dt_w * factor,
            )
            for name, projection in network.projections.items()
        },
        currents=tuple(replace(c, steps=c.steps * factor) for c in network.currents),
        recordings=tuple(replace(r, every=r.every * factor) for r in network.recordings),
        synapse_recordings=tuple(
            replace(r, every=r.every * factor) for r in network.synapse_recordings
        ),
        changes=tuple(replace(c, step=c.step * factor) for c in network.changes),
    )
