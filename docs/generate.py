"""Pages made from the code at build time: one per model, the support matrix, the commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from spikebridge.cli.card import between_events, explanations
from spikebridge.definition.describe import to_markdown
from spikebridge.definition.library import load, names
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import Network
from spikebridge.passes.integrate import fitting_schemes
from spikebridge.simulators import base

KINDS = ("neurons", "rates", "binary", "synapses", "networks")
COMMANDS = ("doctor", "list", "show", "translate", "run", "compare", "verify")


def write_all(folder: Path) -> None:
    """Write every generated page; a page whose text is unchanged is left alone."""
    for name in names():
        _write(folder / "models" / f"{name}.md", model_page(name))
    _write(folder / "models" / "index.md", model_index())
    _write(folder / "support_matrix.md", support_matrix())
    _write(folder / "commands.md", commands())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def model_page(name: str) -> str:
    """Tables after Nordlie et al. (2009), schemes, NEST's built-in, and the file itself."""
    model = load(name)
    parts = [to_markdown(model)]
    if isinstance(model, Neuron):
        schemes = ", ".join(fitting_schemes(model))
        parts.append(f"## Integration\n\nSchemes that fit: {schemes}; by default {model.scheme}.")
    if isinstance(model, Synapse) and model.is_dynamic:
        text = between_events(model)
        parts.append(f"## Between events\n\n{text[0].upper()}{text[1:]}.")
    if isinstance(model, Neuron | Network):
        shown = "\n\n".join(explanations(model))
        parts.append(f"## On NEST\n\n```text\n{shown}\n```")
    file = Path(sys.modules["spikebridge.models"].__path__[0]) / f"{name}.toml"
    text = file.read_text(encoding="utf-8").strip()
    parts.append(f"## The file\n\n`{name}`:\n\n```toml\n{text}\n```")
    return "\n\n".join(parts) + "\n"


def model_index() -> str:
    """Titles by kind."""
    lines = ["# The model library", ""]
    lines += ["`spikebridge list` prints this list, `spikebridge show MODEL` one of the pages."]
    for kind in KINDS:
        own = [name for name in names() if name.startswith(f"{kind}/")]
        lines += ["", f"## {kind.capitalize()}", "", "| name | what |", "| --- | --- |"]
        lines += [f"| [`{name}`]({name}.md) | {load(name).title} |" for name in own]
        lines += ["", "```{toctree}", ":hidden:", "", *own, "```"]
    return "\n".join(lines) + "\n"


def support_matrix() -> str:
    """Feature by simulator, from `Simulator.features`."""
    simulators = [base.get(name) for name in sorted(base.known())]
    titles = [s.name for s in simulators]
    lines = [
        "# Support matrix",
        "",
        "Made from the simulators' own lists when these pages are built. What a simulator lacks is",
        "an error that says what to do instead; nothing is replaced silently.",
        "",
        f"| feature | {' | '.join(titles)} |",
        f"| --- |{' :-: |' * len(titles)}",
    ]
    for feature in base.Feature:
        marks = ["yes" if feature in s.features else "–" for s in simulators]
        lines.append(f"| {feature.value} | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The help texts of the command line."""
    parts = ["# The command line", ""]
    parts += ["Exit codes: 0 done and, for compare and verify, agreed; 1 they differ; 2 bad input;"]
    parts += ["3 a simulator or compiler is missing; 4 it failed while running; 130 interrupted."]
    parts += ["`--json` prints one object, also for an error, and nothing else on stdout."]
    for command in COMMANDS:
        call = [sys.executable, "-m", "spikebridge", command, "--help"]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
        parts += ["", f"## {command}", "", "```text", done.stdout.strip(), "```"]
    return "\n".join(parts) + "\n"
