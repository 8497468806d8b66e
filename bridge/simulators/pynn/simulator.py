"""The simulators pynn.nest, pynn.brian2, pynn.neuron: prepare translates, run runs in a child."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...definition.drawn import DrawnNetwork
from ...errors import DefinitionError, SimulatorMissing, Unsupported
from ...installed import version_of
from ...results.columns import Columns, Spikes
from ...results.manifest import Timings, build_manifest
from ..base import Availability, Feature, Options, Prepared, refuse
from ..child import run_in_child
from .backends import BACKENDS, Backend
from .casting import Cast, cast, explanation, note
from .emit import script_of
from .job import Job, Result, Trains
from .mechanisms import INSTALL, compiled, tool
from .record import traces_of
from .synapse_record import weights_of
from .synapses import CastSynapse, cast_synapses
from .translate import cells_of, check_network, currents_of, trains_of, wires_of

FEATURES = frozenset(
    {
        Feature.SPIKING_NEURONS,
        Feature.CONTINUOUS_INPUT,
        Feature.FROZEN_SPIKES,
        Feature.PER_UNIT_PARAMETERS,
        Feature.DELAY_DISTRIBUTIONS,
        Feature.STATE_RECORDING,
        Feature.SUBEXPRESSION_RECORDING,
        Feature.SYNAPSE_DYNAMICS,
        Feature.NATIVE_INTEGRATION,
    }
)
WORKER = "spikebridge.simulators.pynn.worker"


@dataclass(frozen=True, eq=False)
class _Payload:
    network: DrawnNetwork
    job: Job
    casts: Mapping[str, Cast]
    synapses: Mapping[str, CastSynapse]


class Pynn:
    """PyNN on one of its backends: populations that are a standard cell by algebra.

    Options: ``threads`` of NEST; ``target`` of Brian2's code ("auto", "cython", "numpy").
    """

    def __init__(self, backend: str) -> None:
        self.backend: Backend = BACKENDS[backend]
        self.name = f"pynn.{backend}"
        more = {Feature.THREADS} if "threads" in self.backend.options else set()
        self.features = FEATURES | more

    def available(self) -> Availability:
        """Whether PyNN, the simulator and what it compiles with are here; imports none of them."""
        versions = {n: version_of(n) for n in ("PyNN", self.backend.distribution)}
        missing = [n for n, version in versions.items() if version is None]
        extra = "pynn" if "PyNN" in missing or self.backend.name == "neuron" else self.backend.name
        if missing:
            remedy = f'pip install "spikebridge[{extra}]"'
            return Availability(False, "", f"{missing[0]} is not installed", remedy)
        if self.backend.name == "neuron":
            try:
                tool()
            except SimulatorMissing as error:
                return Availability(False, "", error.problem, error.remedy or INSTALL)
        return Availability(True, ", ".join(f"{n} {v}" for n, v in versions.items()))

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Find the standard cell of every population, the synapse of every projection.

        Raises:
            Unsupported: PyNN, or this backend of it, cannot run the network; says why.
        """
        started = time.perf_counter()
        chosen = self._options(options)
        if options.final_state or options.initial_state is not None:
            raise refuse(self.name, Feature.CONTINUED_RUN, "PyNN keeps no state", "run it whole")
        check_network(network, self.backend)
        casts = {n: cast(network, n, self.backend, options) for n in network.populations}
        trains = {n: trains_of(s, network, self.backend) for n, s in network.sources.items()}
        synapses = cast_synapses(network, casts, trains, self.backend, chosen)
        job = self._job(network, casts, trains, synapses, chosen)
        cells = (note(c, self.backend) for c in casts.values())
        matches = (*cells, *(s.note for s in synapses.values()))
        sources = {f"{n}.txt": explanation(c) for n, c in casts.items()}
        sources |= {f"{n}.txt": s.explanation for n, s in synapses.items()}
        return Prepared(
            network,
            options,
            {**sources, "network.py": script_of(job)},
            matches,
            _Payload(network, job, casts, synapses),
            time.perf_counter() - started,
        )

    def run(self, prepared: Prepared) -> Columns:
        """Build, simulate, collect, in a process of its own.

        Raises:
            SimulationFailed: PyNN or the simulator refused or died; holds what it said.
        """
        payload: _Payload = prepared.payload
        result: Result = run_in_child(
            payload.job, WORKER, who=f"{self.backend.module}", label=payload.network.label
        )
        if prepared.options.progress:
            prepared.options.progress(1.0)
        return self._columns(prepared, payload, result)

    def _job(
        self,
        network: DrawnNetwork,
        casts: Mapping[str, Cast],
        trains: Mapping[str, list[Trains]],
        synapses: Mapping[str, CastSynapse],
        chosen: Mapping[str, Any],
    ) -> Job:
        return Job(
            backend=self.backend.name,
            dt=network.dt,
            steps=network.steps,
            seed=network.seed,
            options=chosen,
            mechanisms=str(compiled()) if self.backend.name == "neuron" else "",
            cells=tuple(cells_of(network, c, self.backend) for c in casts.values()),
            trains=tuple(t for parts in trains.values() for t in parts),
            wires=tuple(
                wires
                for p in network.projections.values()
                for wires in wires_of(
                    p, casts, network.dt, trains.get(p.pre, []), synapses.get(p.name)
                )
            ),
            currents=tuple(s for c in casts.values() for s in currents_of(c)),
        )

    def _options(self, options: Options) -> dict[str, Any]:
        known = self.backend.options
        for name, value in options.simulator.items():
            if name not in known:
                raise Unsupported(
                    f"{self.name} has no option {name!r}",
                    symbol=name,
                    remedy=f"choose from {', '.join(known)}" if known else "it has no options",
                )
            if not _fits(name, value):
                raise DefinitionError(
                    f"the option {name} of {self.name} is {value!r}",
                    symbol=name,
                    remedy={
                        "threads": "give a whole number from 1 on",
                        "target": 'write "auto", "cython" or "numpy"',
                    }[name],
                )
        return {**known, **options.simulator}

    def _columns(self, prepared: Prepared, payload: _Payload, result: Result) -> Columns:
        network = payload.network
        spikes = {
            name: Spikes.from_steps(*result.spikes[name], population.size, network.dt)
            for name, population in network.populations.items()
        }
        traces = traces_of(network, payload.casts, result.traces, self.backend, result.spikes)
        traces |= weights_of(network, payload.synapses, result, self.backend)
        seconds = result.seconds
        manifest = build_manifest(
            definition_hash=network.hash,
            title=network.label,
            simulator=self.name,
            parameters=network.parameters,
            seed=network.seed,
            dt=network.dt,
            duration=network.duration,
            scheme={n: note(c, self.backend)["scheme"] for n, c in payload.casts.items()},
            matches=list(prepared.matches),
            timings=Timings(seconds["build"], seconds["run"], seconds["collect"]),
            extra={
                "seconds": {"prepare": prepared.seconds, **seconds},
                "pynn": {**result.about, "version": self.available().version},
            },
        )
        return Columns(self.name, network.dt, network.duration, spikes, traces, manifest)


def _fits(name: str, value: Any) -> bool:
    if name == "threads":
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value in ("auto", "cython", "numpy")
