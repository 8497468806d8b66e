"""A definition as the text of a simulator, or as LaTeX or Markdown for people.

For synapses with states it also says what runs between events: a closed form, or a step of dt and
the term because of which there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .api import prepare
from .definition.bench import bench
from .definition.bench_rates import bench_rates
from .definition.drawn import DrawnNetwork, DrawnProjection
from .definition.library import load
from .definition.model import Neuron, Synapse
from .definition.network import Network
from .errors import DefinitionError, Unsupported
from .passes.learning import rule_of
from .passes.synapse_program import SynapseProgram, synapse_program
from .results.files import replacing
from .simulators.base import Options
from .synapse_bench import bench_network

SIMULATORS = {"brian2": "brian2", "nest": "nest", "nestml": "nest"}
TARGETS = (*SIMULATORS, "latex", "markdown")
SUFFIXES = {"brian2": ".py", "nest": ".py", "nestml": ".nestml", "latex": ".tex", "markdown": ".md"}
NEURONS = ("", "neurons/adex", "neurons/lif_current")  # of a synapse on its own; "": a relay


@dataclass(frozen=True)
class Translation:
    """``sources``: name -> text; ``matches``: per population what NEST runs and why.

    ``arrays``: makes what the texts read from files: name -> array.
    """

    target: str
    sources: Mapping[str, str]
    matches: tuple[Mapping[str, Any], ...] = field(default=())
    arrays: Callable[[], Mapping[str, Any]] = field(default=dict)
    label: str = ""

    def write(self, folder: str | Path) -> list[Path]:
        """The texts as files in ``folder``; for brian2 and nest as one script that runs there.

        Lists of more than 1000 numbers, connections say, are .npy files beside it.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, text in self._files().items():
            written.append(folder / name)
            with replacing(written[-1]) as partial:
                partial.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        for name, array in self.arrays().items():
            written.append(folder / name)
            with replacing(written[-1]) as partial, partial.open("wb") as file:
                np.save(file, array)
        return written

    def _files(self) -> dict[str, str]:
        files = {_plain(name): text for name, text in self.sources.items()}
        if self.target in ("brian2", "nest"):
            parts = {n: t for n, t in files.items() if n.endswith(".py")}
            head = f"# {self.label}, translated by spikebridge; to be run in its folder\n"
            whole = head + "\n".join(f"# ---- {n}\n{t}" for n, t in parts.items())
            files = {n: t for n, t in files.items() if n not in parts}
            files = {_plain(self.label) + ".py": whole, **files}
        return {n if Path(n).suffix else n + SUFFIXES[self.target]: t for n, t in files.items()}


def _plain(name: str) -> str:
    return name.replace("/", "_").replace(" ", "_")


def translate(
    model: Any,
    to: str,
    *,
    scheme: str = "auto",
    parameters: Mapping[str, Any] | None = None,
    match: bool = False,
) -> Translation:
    """``model`` in the language ``to``: brian2, nest, nestml, latex or markdown.

    A neuron, or a synapse that delivers events and has states, is put on a test bench for brian2,
    nest and nestml; a synapse has a text of its own in nestml too. ``match``: let NEST's built-in
    models stand in, where one matches, instead of NESTML. For every projection whose synapses have
    states ``<projection>.synapse.txt`` lists what runs at events and between them.

    Raises:
        DefinitionError: an unknown target, or another synapse asked for without its network.
        SimulatorMissing: the simulator or its compiler is not here.
    """
    if to not in TARGETS:
        raise DefinitionError(
            f"there is no translation to {to!r}",
            symbol=to,
            remedy=f"choose one of {', '.join(TARGETS)}",
        )
    found = load(model, **(parameters or {}))
    if to in SIMULATORS:
        return _simulator(found, to, scheme, match)
    from .definition.describe import to_latex, to_markdown

    text = to_latex(found) if to == "latex" else to_markdown(found)
    return Translation(to, {found.label: text}, label=found.label)


def _simulator(found: Any, to: str, scheme: str, match: bool) -> Translation:
    own_text, label = {}, found.label
    if isinstance(found, Neuron):
        found = bench(found, size=1, duration=10.0)
    if isinstance(found, Synapse) and found.learns:
        found = bench_rates(load("rates/rate"), found, duration=10.0)
    if isinstance(found, Synapse) and found.is_dynamic:
        own_text = _nestml(found) if to == "nestml" else {}
        found = translated_alone(found)
    if not isinstance(found, Network):
        raise DefinitionError(
            "a synapse has a translation only in a network",
            model=found.label,
            remedy="translate a network that uses it, or choose latex or markdown",
        )
    own = {"match": match} if to == "nestml" else {}
    prepared = prepare(found, SIMULATORS[to], options=Options(scheme=scheme, simulator=own))
    notes = synapse_notes(prepared.network)
    sources, arrays = {**notes, **own_text, **prepared.sources}, prepared.arrays
    if to == "nest":
        from .simulators.nest.recording import script_in_child

        script = script_in_child(prepared.payload.job, label)
        sources["network.py"], arrays = script.text, lambda: script.arrays
    return Translation(to, sources, prepared.matches, arrays, label)


def _nestml(synapse: Synapse) -> dict[str, str]:
    """The text that NEST runs under the option ``synapses = "nestml"``, or why there is none."""
    from .simulators.nest.nestml_synapse import nestml_synapse

    try:
        text = nestml_synapse(synapse_program(synapse)).text
    except Unsupported as error:
        text = f"# not in NESTML: {error.problem}\n"
    return {f"{synapse.label}.nestml": text}


def translated_alone(synapse: Synapse) -> Network:
    """The bench of a synapse, on the first neuron that has what it reads."""
    for name in NEURONS:
        try:
            return bench_network(synapse, 1, load(name) if name else None)
        except DefinitionError as error:
            problem = error
    raise problem


def synapse_notes(network: DrawnNetwork) -> dict[str, str]:
    """Per projection with states: how they develop, and the statements of each event."""
    return {
        f"{name}.synapse.txt": _note(name, synapse_program(projection.synapse))
        for name, projection in network.projections.items()
        if projection.synapse.is_dynamic
    } | {
        f"{name}.synapse.txt": _learning_note(network, projection)
        for name, projection in network.projections.items()
        if projection.synapse.learns
    }


def _learning_note(network: DrawnNetwork, projection: DrawnProjection) -> str:
    """The statements of a graded synapse with states, how often they run, and for how many."""
    pre, post = (network.populations[n].neuron for n in (projection.pre, projection.post))
    rule = rule_of(projection.synapse, pre, post, projection.port)
    count = 0 if projection.sources is None else len(projection.sources)
    lines = [
        f"# {projection.name}: {rule.label}: {count} synapses",
        f"# each moved every {projection.every * network.dt:g} ms ({rule.scheme})",
        "read as the step begins, the sender's one delay late:",
        *(f"    {n} = {e}" for n, e in {**rule.pre, **rule.post}.items()),
        "then:",
        *(f"    {a.target} = {a.value}" for a in (*rule.step, *rule.after)),
        f"the port gets, summed in every step: ({rule.efficacy})*({rule.passed})",
    ]
    return "\n".join(lines) + "\n"


def _note(name: str, program: SynapseProgram) -> str:
    how = "closed form between events"
    if program.obstacle is not None:
        how = f"integrated clock-driven because {program.obstacle}"
    lines = [f"# {name}: {program.label}: {how}"]
    parts = {
        "brought up to date, `elapsed` ms after it was": program.advance,
        "in every step of dt": program.step or (),
        "at a presynaptic spike": program.pre,
        "the same right after a postsynaptic spike of that step": program.pre_apart,
        "at a postsynaptic spike": program.post,
        "the same right after a presynaptic spike of that step": program.post_apart,
    }
    parts |= {f"at the third factor {event}": body for event, body in program.events.items()}
    usual = {"pre_apart": program.pre, "post_apart": program.post}
    for title, statements in parts.items():
        known = title.startswith("the same") and statements in usual.values()
        if statements and not known:
            lines += [f"{title}:", *(f"    {a.target} = {a.value}" for a in statements)]
    return "\n".join(lines) + "\n"
