"""What every simulator is asked before it prepares a network: can it hold these synapses?"""

from __future__ import annotations

import numpy as np

from ..definition.drawn import DrawnNetwork
from ..passes.lump import why_not
from .base import Feature, Options, Simulator, refuse


def check_able(network: DrawnNetwork, simulator: Simulator, options: Options) -> None:
    """Refuse what ``simulator`` says it cannot do.

    Raises:
        Unsupported: names the projection, the reason, and what to do instead.
    """
    _check_synapses(network, simulator)
    _check_continued(network, simulator, options)


def _check_continued(network: DrawnNetwork, simulator: Simulator, options: Options) -> None:
    """Refuse to stop or go on where signals of graded synapses would be lost on their way."""
    if not options.final_state and options.initial_state is None:
        return
    for projection in network.projections.values():
        late = bool(np.any(np.asarray(projection.delays) > 0)) or simulator.name == "nest"
        if projection.synapse.learns:
            raise refuse(
                simulator.name,
                f"a continued run with {projection.name}",
                "a final state does not hold the states of synapses",
                "run the whole duration at once",
            )
        if projection.synapse.is_graded and late:
            raise refuse(
                simulator.name,
                f"a continued run with {projection.name}",
                "the signals that are on their way along graded synapses are not kept",
                "run it whole, or with a delay of 0 on brian2 or the reference",
            )


def _check_synapses(network: DrawnNetwork, simulator: Simulator) -> None:
    """Refuse synapses whose states a simulator cannot hold, with the reason."""
    able = Feature.SYNAPSE_DYNAMICS in simulator.features
    for projection in network.projections.values():
        synapse = projection.synapse
        what = f"{Feature.SYNAPSE_DYNAMICS} ({projection.name}: {synapse.label})"
        if synapse.states and synapse.coupling is not None and not synapse.is_graded:
            raise refuse(
                simulator.name,
                f"a continuous coupling by states per synapse ({projection.name}: {synapse.label})",
                why_not(network, projection) or "it has states of its own",
                "deliver events, or write it so that its states can move into the neuron",
            )
        if synapse.is_graded and Feature.GRADED_COUPLING not in simulator.features:
            raise refuse(
                simulator.name,
                f"{Feature.GRADED_COUPLING} ({projection.name})",
                "it passes spikes on",
                "choose another simulator",
            )
        if synapse.learns and Feature.GRADED_LEARNING not in simulator.features:
            raise refuse(
                simulator.name,
                f"{Feature.GRADED_LEARNING} ({projection.name})",
                "its graded synapses have weights alone",
                "choose another simulator",
            )
        if synapse.is_dynamic and not able:
            raise refuse(
                simulator.name, what, "it has no synapses with states", "choose another simulator"
            )
        if synapse.is_dynamic and any(c.owner == projection.name for c in network.changes):
            raise refuse(
                simulator.name,
                f"a phase that changes the weight of {projection.name}",
                f"{synapse.label} has states of its own",
                "change a parameter of the neuron, or use two projections",
            )
