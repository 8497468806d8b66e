"""Third factors: all synapses of a projection run statements once per spike of what drives them.

A pathway from the driver to every synapse needs a connection each. At runtime an operation on all
synapses runs as often as the driver spiked; a standalone program has the connections.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from .names import object_name
from .plan import PlasticPlan
from .plastic_words import PREFIX


def factors(
    synapses: Any, p: PlasticPlan, origins: Mapping[str, Any], when: str, order: int
) -> list[Any]:
    """Operations for the third factors of one projection, in order of their names."""
    from brian2.devices.device import get_device, runtime_device

    make = _counted if get_device() is runtime_device else _connected
    return [
        make(synapses, origins[p.events[name]], p.text.events[name], when, order + k)
        for k, name in enumerate(sorted(p.events))
    ]


def _counted(synapses: Any, driver: Any, code: str, when: str, order: int) -> Any:
    """An operation that runs ``code`` on all synapses once per spike of ``driver``."""
    from brian2.core.base import BrianObject

    runner = synapses.run_regularly(code, when=when, order=order)
    runner.active = False  # only `Repeat` calls it
    space = driver.variables["_spikespace"]

    class Repeat(BrianObject):  # type: ignore[misc, unused-ignore]
        add_to_magic_network = False
        left = 0  # spikes of the last step of a run, which the threshold drops

        def before_run(self, run_namespace: Any) -> None:
            runner.before_run(run_namespace)

        def run(self) -> None:
            for _ in range(int(space.get_value()[-1]) + self.left):
                runner.run()
            self.left = 0

        def after_run(self) -> None:
            if getattr(driver, "thresholder", {}):
                self.left = int(space.get_value()[-1])

    return Repeat(clock=runner.clock, when=when, order=order, name=runner.name + "_repeat*")


def _connected(synapses: Any, driver: Any, code: str, when: str, order: int) -> Any:
    """The same as synapses from ``driver`` onto the synapses."""
    import brian2

    found = brian2.Synapses(
        driver,
        synapses,
        on_pre=from_synapse(code, synapses.variables),
        delay=0 * brian2.second,
        namespace=dict(synapses.namespace),
        clock=synapses.clock,
        name=object_name(synapses.name, "factor"),
    )
    found.connect()
    found.pre.when, found.pre.order = when, order
    return found


def from_synapse(code: str, variables: Container[str]) -> str:
    """``code`` of a synapse, as seen from a synapse that leads to it."""

    def named(match: re.Match[str]) -> str:
        word = match.group()
        mine = word.startswith(PREFIX) or word.endswith("_post")
        return f"{word}_post" if mine and word in variables else word

    return re.sub(r"\b[A-Za-z_]\w*\b", named, code)
