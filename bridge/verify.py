"""Every model on every simulator against the contract: what `spikebridge verify` shows."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import api
from .api import compare, simulate
from .cases import Case, cases, network_of_case
from .definition.draw_noise import noise_names
from .definition.network import Network
from .errors import DefinitionError, SpikebridgeError, Unsupported
from .simulators.base import Options

if TYPE_CHECKING:
    from .compare.comparison import Comparison


@dataclass(frozen=True)
class Row:
    """The outcome of one case. ``passed``: identical where that is promised, else as catalogued."""

    model: str
    scheme: str
    on: tuple[str, ...]
    dt: float
    spikes: int
    differing: int
    max_relative: float
    verdict: str
    passed: bool
    seconds: float
    note: str = ""


def verify(
    pattern: str | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    jobs: int | None = None,
    simulators: Sequence[str] = ("reference", "brian2", "nest"),
) -> list[Row]:
    """Run every case whose name contains or matches ``pattern``; rows in the cases' order."""
    chosen = [c for c in cases(simulators=simulators) if _fits(c, pattern)]
    if not chosen:
        raise DefinitionError(
            f"no case matches {pattern!r}",
            remedy="patterns match e.g. 'neurons/adex rk4', 'synapses/*', 'networks/cuba auto'",
        )
    rows: dict[int, Row] = {}
    workers = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=_spawn(), initializer=_quiet) as pool:
        futures = {pool.submit(run_case, case): k for k, case in enumerate(chosen)}
        for done, future in enumerate(as_completed(futures), 1):
            row = future.result()
            if row is not None:
                rows[futures[future]] = row
            if progress:
                progress(done / len(chosen))
    return [rows[k] for k in sorted(rows)]


def _quiet() -> None:
    """Libraries' deprecation warnings are not about the models."""
    import logging
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def _spawn() -> Any:
    import multiprocessing

    return multiprocessing.get_context("spawn")


def _fits(case: Case, pattern: str | None) -> bool:
    return pattern is None or pattern in case.name or fnmatch.fnmatch(case.name, pattern)


def run_case(case: Case) -> Row | None:
    """Run one case; None for a built-in case of a neuron that no built-in equals."""
    started = time.perf_counter()
    network, dt = network_of_case(case)
    try:
        found = (
            _built_in(case, network, dt) if case.scheme == "built-in" else _all(case, network, dt)
        )
    except SpikebridgeError as error:
        return _failed(case, dt, str(error), time.perf_counter() - started)
    if found is None:
        return None
    matches = found.runs["nest"].manifest.get("matches", []) if "nest" in found.runs else []
    return _row(case, dt, found, matches, time.perf_counter() - started)


def _all(case: Case, network: Network, dt: float) -> Comparison:
    """All simulators under the case's scheme, on one path of the noise."""
    return compare(
        network,
        case.on,
        options=case.options,
        scheme=case.scheme,
        dt=dt,
        duration=case.duration,
        frozen_noise=any(noise_names(p.neuron) for p in network.whole.populations.values()),
    )


def _built_in(case: Case, network: Network, dt: float) -> Comparison | None:
    """NEST's built-in, under its own integrator if need be, against the contract.

    Built-ins do not record every state, so that only the first is.
    """
    from .compare.comparison import compare_columns

    network = network.whole
    states = {n: replace(r, variables=r.variables[:1]) for n, r in network.recordings.items()}
    network = network.replace(recordings=states)
    settings: dict[str, Any] = {"dt": dt, "duration": case.duration}
    for scheme in ("auto", "native"):
        try:
            prepared = api.prepare(network, "nest", options=Options(scheme=scheme), **settings)
        except Unsupported:  # noise, of which no built-in neuron has any
            continue
        if all(m["builtin"] for m in prepared.matches):
            nest = simulate(network, "nest", scheme=scheme, **settings)
            reference = simulate(network, "reference", **settings)
            return compare_columns([reference.columns, nest.columns])
    return None


def _row(case: Case, dt: float, found: Any, matches: Any, seconds: float) -> Row:
    shown = found.to_json()
    spikes = found.runs[found.base].spikes
    relative = [t["max_relative"] for t in shown["traces"].values()]
    caveats = [c for m in matches for c in m.get("caveats", ())]
    passed = found.verdict.kind == "identical"
    if case.expected == "catalogued":
        passed = passed or bool(caveats)
    return Row(
        case.model,
        case.scheme,
        case.on,
        dt,
        sum(len(s) for s in spikes.values()),
        found.differing,
        max(relative, default=0.0),
        found.verdict.kind,
        passed,
        seconds,
        "; ".join(caveats) if case.expected == "catalogued" else "",
    )


def _failed(case: Case, dt: float, why: str, seconds: float) -> Row:
    return Row(
        case.model, case.scheme, case.on, dt, 0, 0, float("nan"), "failed", False, seconds, why
    )
