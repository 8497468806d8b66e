"""A PyNN process: ``python -m spikebridge.simulators.pynn.worker JOBFILE``."""

from __future__ import annotations

import os
import pickle
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from ..child import answer
from .backends import BACKENDS
from .job import Job, Result


def main(path: str) -> None:
    """Run the pickled job; the result is pickled beside it."""
    job: Job = pickle.loads(Path(path).read_bytes())
    started = time.perf_counter()
    sim = load(job)
    result = simulate(job, sim, time.perf_counter() - started)
    answer(path, result)


def load(job: Job) -> Any:
    """PyNN's module of the backend."""
    # One process is all: an mpi4py without an MPI library would end the import.
    sys.modules["mpi4py"] = None  # type: ignore[assignment]
    if job.backend == "nest":
        # PyNN would build extensions that we do not use, at every start, with NEST's nest-config.
        os.environ["PATH"] = ""
    if job.backend == "neuron":
        _load_mechanisms(job.mechanisms)
    if job.backend == "brian2":
        import brian2

        brian2.prefs.codegen.target = job.options["target"]
        brian2.defaultclock.dt = job.dt * brian2.ms  # spike sources of PyNN take no other
    return import_module(BACKENDS[job.backend].module)


def _load_mechanisms(folder: str) -> None:
    """Compiled mechanisms from the cache; PyNN believes that it has found its own."""
    from importlib.util import find_spec

    import neuron

    if not neuron.load_mechanisms(folder):
        raise OSError(f"NEURON cannot load the mechanisms in {folder}")
    spec = find_spec("pyNN")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    own = Path(spec.submodule_search_locations[0]) / "neuron" / "nmodl"
    neuron.nrn_dll_loaded.append(str(own))


def simulate(job: Job, sim: Any, start: float) -> Result:
    """Build, run, collect."""
    from .build import build
    from .collect import spikes_of, traces_of
    from .reading import run

    began = time.perf_counter()
    built = build(job, sim)
    ready = time.perf_counter()
    weights = run(job, built)
    done = time.perf_counter()
    spikes, traces = spikes_of(job, built), traces_of(job, built)
    seconds = {
        "start": start,
        "build": ready - began,
        "run": done - ready,
        "collect": time.perf_counter() - done,
    }
    return Result(spikes, traces, weights, seconds, {"module": BACKENDS[job.backend].module})


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # simulators free their memory slowly, and NEURON prints on leaving
