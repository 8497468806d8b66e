"""The network as a PyNEST script for people to read; what runs is built from the same job."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .job import Connections, Job


def script_of(job: Job) -> str:
    """A PyNEST script in outline: long arrays are shown by their length and range."""
    lines = [
        "import nest",
        "import numpy as np",
        "",
        "nest.ResetKernel()",
        f"nest.set(resolution={job.dt!r}, local_num_threads={job.threads}, rng_seed={job.seed})",
    ]
    lines += [f"nest.Install({str(module.path)!r})" for module in job.modules]
    for group in job.groups:
        values = ", ".join(
            f"{n!r}: {_shown(v)}"
            for n, v in {**group.node.parameters, **group.node.initial}.items()
        )
        lines.append(
            f"{own(group.name)} = nest.Create({group.node.model!r}, {group.size}, {{{values}}})"
        )
        tables = {n: _shown(v) for n, v in (group.node.tables or {}).items()}
        if tables:
            values = ", ".join(f"{n!r}: {v}" for n, v in tables.items())
            lines.append(f"{own(group.name)}.set({{{values}}})  # of each unit its column")
    for source in job.sources:
        kind = "poisson_generator" if source.steps is None else "spike_generator"
        count = "" if source.steps is None else f"  # {len(source.steps)} spikes"
        lines.append(f"{own(source.name)} = nest.Create({kind!r}, {source.size}){count}")
    for connections in job.connections:
        lines.append(_connect(connections, job))
    for change in job.changes:
        values = ", ".join(f"{n!r}: {_shown(v)}" for n, v in change.values.items())
        lines.append(f"# at t = {change.step * job.dt:g} ms: {change.owner} <- {{{values}}}")
    return "\n".join([*lines, f"nest.Simulate({job.steps * job.dt!r})", ""])


def _connect(c: Connections, job: Job) -> str:
    spec = f"{{'weight': {_shown(c.weights)}, 'delay': {_shown(np.asarray(c.delays) * job.dt)}, "
    spec += f"'synapse_model': {c.model!r}, " if c.model != "static_synapse" else ""
    spec += f"'receptor_type': {c.port!r}}}"
    pre, post = own(c.pre), own(c.post)
    if c.rule is not None:
        return f"nest.Connect({pre}, {post}, {dict(c.rule)!r}, {spec})"
    return (
        f"nest.Connect({pre}[{_shown(c.sources)}], {post}[{_shown(c.targets)}], "
        f"'one_to_one', {spec})"
    )


def own(name: str) -> str:
    """A Python variable; of an area's item V1__E."""
    return re.sub(r"\W", "_", name.replace(".", "__"))


def _shown(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(array.item())
    if array.size <= 8:
        return repr(array.tolist())
    return f"np.array(...{array.size} from {array.min():g} to {array.max():g})"
