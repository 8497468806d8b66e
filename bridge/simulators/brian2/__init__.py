"""Brian2 as a simulator: runtime (cython, numpy) and C++ standalone. Imports Brian2 when used."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from ...definition.drawn import DrawnNetwork
from ...errors import SimulatorMissing
from ...passes.program import Program
from ...results.columns import Columns
from ..base import Availability, Feature, Options, Prepared, refuse

INSTALL = 'pip install "spikebridge[brian2]"'
TARGETS = ("cython", "numpy", "standalone")


class Brian2:
    """See `spikebridge.simulators.base.Simulator`.

    Options: ``{"target": "cython" | "numpy" | "standalone"}``, cython where nothing is said;
    under the scheme native ``{"method": ...}``, any integrator of Brian2, else the first of exact,
    exponential_euler, rk4 (with noise: euler) that takes the equations.
    """

    name = "brian2"
    features = frozenset(
        {
            Feature.SPIKING_NEURONS,
            Feature.CONTINUOUS_INPUT,
            Feature.GRADED_COUPLING,
            Feature.SCHEMES,
            Feature.GRADED_LEARNING,
            Feature.FROZEN_SPIKES,
            Feature.NATIVE_POISSON,
            Feature.NATIVE_CONNECTIVITY,
            Feature.PER_UNIT_PARAMETERS,
            Feature.DELAY_DISTRIBUTIONS,
            Feature.NOISE,
            Feature.FROZEN_NOISE,
            Feature.PHASES,
            Feature.CONTINUED_RUN,
            Feature.STATE_RECORDING,
            Feature.SUBEXPRESSION_RECORDING,
            Feature.SYNAPSE_DYNAMICS,
            Feature.NATIVE_INTEGRATION,
        }
    )

    def available(self) -> Availability:
        """Whether Brian2 is installed; imports nothing heavy."""
        if find_spec("brian2") is None:
            return Availability(False, "", "Brian2 is not installed", INSTALL)
        try:
            return Availability(True, version("brian2"))
        except PackageNotFoundError:
            return Availability(True, "unknown")

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Programs, plan and script; raises `Unsupported` before anything runs."""
        from ...passes.integrate import program_of

        began = perf_counter()
        _import_brian2()
        scheme = options.scheme if options.scheme != "auto" else network.scheme
        programs = {n: program_of(p.neuron, scheme) for n, p in network.populations.items()}
        return prepare_programs(network, programs, options, began)

    def run(self, prepared: Prepared) -> Columns:
        """Build, simulate and collect in a session of its own."""
        from .collect import columns_of

        raw = run_plan(prepared.payload, prepared.options)
        return columns_of(raw, prepared)


def _import_brian2() -> None:
    """Import Brian2 without its excepthook, which calls every later error a bug of Brian2.

    In a script that imported Brian2 itself nothing changes.
    """
    hook = sys.excepthook
    import brian2  # noqa: F401

    sys.excepthook = hook


def prepare_programs(
    network: DrawnNetwork, programs: Mapping[str, Program], options: Options, began: float
) -> Prepared:
    """The network as a plan where population p runs ``programs[p]``."""
    from ...passes.merge import merge
    from ..resumed import first_step
    from .native import with_methods
    from .planning import plan_of
    from .script import arrays, scripts

    _check(network, options)
    merged = merge(network)
    whole = {merged.parts[n].whole: p for n, p in programs.items()}
    first = first_step(options.initial_state, network.steps)
    plan = plan_of(merged, whole, first, options.initial_state)
    simulator = options.simulator
    plan = with_methods(plan, simulator.get("method"), simulator.get("target", "cython"))
    methods = {g.name: g.text.methods for g in plan.groups}
    matches = tuple(
        {
            "population": name,
            "runs": "NeuronGroup",
            "scheme": programs[name].scheme,
            "method": "".join(methods.get(merged.parts[name].whole, ())) or "explicit",
            "notes": list(programs[name].notes),
        }
        for name in network.populations
    )
    return Prepared(
        network=network,
        options=options,
        sources=scripts(plan),
        matches=matches,
        payload=plan,
        seconds=perf_counter() - began,
        arrays=partial(arrays, plan),
    )


def _check(network: DrawnNetwork, options: Options) -> None:
    unknown = set(options.simulator) - {"target", "method"}
    if unknown:
        name = min(unknown)
        raise refuse("brian2", f"option {name!r}", "it is unknown", "known are target, method")
    if options.simulator.get("target", "cython") not in TARGETS:
        target = options.simulator["target"]
        raise refuse("brian2", f"target {target!r}", "unknown", f"choose {', '.join(TARGETS)}")
    for projection in network.projections.values():
        synapse = projection.synapse
        if not (synapse.is_static or synapse.is_dynamic or synapse.is_graded):
            raise refuse(
                "brian2",
                str(Feature.SYNAPSE_DYNAMICS),
                f"the synapse of {projection.name} has states or statements of its own",
                "use a synapse that can be lumped into the neuron",
            )
    standalone = options.simulator.get("target") == "standalone"
    if standalone and (options.final_state or options.initial_state is not None):
        raise refuse(
            "brian2",
            str(Feature.CONTINUED_RUN),
            "a standalone program keeps no state",
            'choose {"target": "cython"}',
        )
    if standalone and any(p.synapse.is_graded for p in network.projections.values()):
        raise refuse(
            "brian2",
            "graded coupling in a standalone program",
            "its matrix products run in Python, step by step",
            'choose {"target": "cython"}',
        )
    _check_plastic(network, options)
    _check_compiler(options.simulator.get("target", "cython"))


def _check_plastic(network: DrawnNetwork, options: Options) -> None:
    """Spikes that synapses with states have not seen yet must be known to go on."""
    if not options.final_state and options.initial_state is None:
        return
    for projection in network.projections.values():
        for name in (projection.pre, *projection.events.values()):
            source = network.sources.get(name)
            if projection.synapse.is_dynamic and source is not None and source.native:
                raise refuse(
                    "brian2",
                    f"{Feature.CONTINUED_RUN} with {projection.name}",
                    f"the spikes of {name} that are on their way to its synapses are not known",
                    'draw them in the network (draw = "frozen")',
                )


def _check_compiler(target: Any) -> None:
    import shutil

    compilers = ("gcc", "clang", "cc", "cl")
    if target != "numpy" and not any(shutil.which(c) for c in compilers):
        raise SimulatorMissing(
            f"Brian2's target {target!r} needs a C++ compiler",
            symbol="brian2",
            remedy='install g++, or choose {"target": "numpy"}',
        )


def run_plan(plan: Any, options: Options) -> Any:
    """The plan's raw results, from this process or, for standalone, from a child."""
    target = str(options.simulator.get("target", "cython"))
    if target == "standalone":
        from .standalone import run_in_child

        return run_in_child(plan)
    return run_here(plan, target, options)


def run_here(plan: Any, target: str, options: Options) -> Any:
    """Build, step and collect in this process."""
    from .build import build
    from .collect import collect
    from .idle import skip_idle
    from .run import run_phases
    from .session import session

    with session(target, plan.seed):
        began = perf_counter()
        built = build(plan)
        skip_idle(built, plan)
        stepping = run_phases(built, plan, options.progress)
        ended = perf_counter()
        raw = collect(built, plan, target, options.final_state)
        seconds = {
            "build": ended - began - stepping,
            "run": stepping,
            "collect": perf_counter() - ended,
        }
    return raw.with_seconds(seconds)
