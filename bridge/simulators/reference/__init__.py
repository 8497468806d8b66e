"""The reference: the time-step contract in numpy, and an adaptive mode off the grid."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork
from ...results.columns import Columns
from ..base import Availability, Feature, Options, Prepared

if TYPE_CHECKING:
    from ...passes.closures import Compiled
    from .settings import Settings

_FEATURES = frozenset(Feature) - {
    Feature.NATIVE_INTEGRATION,
    Feature.THREADS,
}


@dataclass(frozen=True, eq=False)
class _Payload:
    network: DrawnNetwork  # lumped
    programs: dict[str, Compiled]
    settings: Settings


class Reference:
    """numpy, on the grid (``{"mode": "fixed"}``) or with adaptive steps (``"adaptive"``)."""

    name = "reference"
    features = _FEATURES

    def available(self) -> Availability:
        """Always: it needs numpy and scipy only."""
        return Availability(True, np.__version__)

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Lump, make the programs, check what the mode can do."""
        started = time.perf_counter()
        from ...passes.lump import lump
        from .build import programs_of, static
        from .settings import read_settings
        from .text import program_text

        settings = read_settings(options.simulator)
        lumped = lump(network)
        for projection in lumped.projections.values():
            static(projection)
        if settings.mode == "adaptive":
            from .adaptive import check_adaptive, equations_text

            check_adaptive(lumped, options)
            programs = {}
            sources = {n: equations_text(p.neuron) for n, p in lumped.populations.items()}
            schemes = dict.fromkeys(lumped.populations, f"adaptive {settings.method}")
        else:
            programs = programs_of(lumped, options.scheme)
            sources = {n: program_text(p.program) for n, p in programs.items()}
            schemes = {n: p.program.scheme for n, p in programs.items()}
        matches = tuple(
            {"population": n, "model": "equations", "scheme": s} for n, s in schemes.items()
        )
        payload = _Payload(lumped, programs, settings)
        return Prepared(network, options, sources, matches, payload, time.perf_counter() - started)

    def run(self, prepared: Prepared) -> Columns:
        """Run from the initial (or given) state to the network's last step."""
        payload: _Payload = prepared.payload
        if payload.settings.mode == "adaptive":
            from .adaptive import run_adaptive

            return run_adaptive(prepared, payload.network, payload.settings)
        return _fixed(prepared, payload)


def _fixed(prepared: Prepared, payload: _Payload) -> Columns:
    from ..finite import check_finite
    from ..resumed import first_step
    from .build import apply, build
    from .collect import Recorder
    from .continued import final_state, restore
    from .fixed import run_fixed
    from .manifest import columns_of

    network, options = payload.network, prepared.options
    started = time.perf_counter()
    first = first_step(options.initial_state, network.steps)
    built = build(network, payload.programs, first)
    if options.initial_state is not None:
        restore(built, network, options.initial_state)
    recorder = Recorder(network, built.groups, first, built.with_states)
    changes: dict[int, list[Any]] = {}
    for change in network.changes:
        changes.setdefault(change.step, []).append(change)
    report_every = max((network.steps - first) // 200, 1)

    def before(k: int) -> None:
        for change in changes.get(k, ()):
            apply(built, change, network.dt)

    def after(k: int, spikes: Any) -> None:
        recorder.spike(k, spikes)
        recorder.sample(k)
        if options.progress and (k - first) % report_every == 0:
            options.progress((k - first) / (network.steps - first))

    ready = time.perf_counter()
    with np.errstate(all="ignore"):  # checked below: a state that left the numbers is an error
        plastic = list(built.plastic.values())
        run_fixed(built.groups, built.sources, first, network.steps, before, after, plastic)
    done = time.perf_counter()
    for name, group in built.groups.items():
        graded = bool(group.graded)
        check_finite(name, group.states, label=network.label, dt=network.dt, graded=graded)
    state = None
    if options.final_state:
        state = final_state(built, network, recorder.trains(), options.initial_state)
    spikes, traces = recorder.spikes(), recorder.traces()
    seconds = {
        "build": prepared.seconds + ready - started,
        "run": done - ready,
        "collect": time.perf_counter() - done,
    }
    return columns_of(prepared, network, spikes, traces, seconds, first, state)
