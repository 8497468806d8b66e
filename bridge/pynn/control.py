"""setup, run, reset, end and the rest of PyNN's control functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.recording import get_io

from ..errors import Unsupported
from ..simulators import base
from . import simulator


def setup(
    timestep: float = DEFAULT_TIMESTEP,
    min_delay: float | str = DEFAULT_MIN_DELAY,
    *,
    backend: str | None = None,
    scheme: str = "auto",
    seed: int | None = None,
    options: Mapping[str, Any] | None = None,
    **extra_params: Any,
) -> int:
    """Begin a script; what was made before is forgotten.

    Args:
        timestep: ms.
        min_delay: what a synapse without a delay gets; "auto" is one step.
        backend: the simulator, e.g. "nest" (where none is named), "brian2", "reference".
        scheme: of integration, as for `simulate`; by default that of NEST's built-in for PyNN's
            cells on nest, else that of the library's same model.
        seed: of Poisson sources and noise; ``rng_seed`` of PyNN where None.
        options: of the simulator, e.g. ``{"target": "numpy"}``.
        extra_params: PyNN's, e.g. ``max_delay``, ``threads``; others are ignored, as PyNN does.

    Raises:
        Unsupported: spikes between grid points were asked for.
        SimulatorMissing: the simulator is not installed.
    """
    backend = backend or simulator.state.usual
    common.setup(timestep, min_delay, **extra_params)
    base.require(base.get(backend))
    if extra_params.get("spike_precision", "on_grid") != "on_grid":
        raise Unsupported(
            "spikebridge's spikes lie on the grid",
            symbol="spike_precision",
            remedy='leave it out, or write spike_precision="on_grid"',
        )
    chosen = dict(options or {})
    if backend == "nest" and extra_params.get("threads"):
        chosen.setdefault("threads", extra_params["threads"])
    seed = extra_params.get("rng_seed", 42) if seed is None else seed
    state = simulator.state
    state.begin(timestep, backend, scheme, int(seed), chosen)
    longest = extra_params.get("max_delay", "auto")
    state.asked_delays = _delay(min_delay), _delay(longest)
    state.write_on_end = []
    return 0


def _delay(value: float | str) -> float | str:
    return value if value == "auto" else float(value)


def end(compatible_output: bool = True) -> None:
    """Write what was to be written."""
    del compatible_output
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
(
    get_current_time,
    get_time_step,
    get_min_delay,
    get_max_delay,
    num_processes,
    rank,
) = common.build_state_queries(simulator)
