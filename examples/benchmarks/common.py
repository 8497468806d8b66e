"""Two or more programs in turn (A B A B ...), each a process of its own on one thread; medians.

A program prints as its last line one JSON object with the seconds of its stages:
``import`` (interpreter's first line to the libraries being there, or 0), ``build`` (all numbers,
objects, translation), ``run`` (the steps), ``collect`` (results as arrays or Neo), and ``spikes``.
Added here: ``work`` = build + run + collect, ``total`` (wall clock of the whole process, start
included) and ``cpu`` (processor seconds of it and its children): the steadiest on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
STAGES = ("import", "build", "run", "collect", "work", "total", "cpu")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Figures = dict[str, float]
Command = Sequence[str | Path]


def arguments(description: str | None, **defaults: str) -> argparse.ArgumentParser:
    """A parser with what every benchmark takes; ``defaults`` become text options."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="measured runs of each program")
    parser.add_argument("--warm-ups", type=int, default=1, help="runs before them: fill the caches")
    parser.add_argument("--json", action="store_true", help="no table, only the line of JSON")
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), default=value)
    return parser


def script(name: str, *options: object, python: str | Path = sys.executable) -> list[str]:
    """The command that runs ``name`` beside this file."""
    return [str(python), str(HERE / name), *map(str, options)]


def run_program(command: Command) -> Figures:
    """One run; raises `RuntimeError` with the program's last words where it fails."""
    # A user's Python keeps its bytecode: the warm-up writes it for both programs.
    kept = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **kept,
        **dict.fromkeys(THREADS, "1"),
        "PYNEST_QUIET": "1",
        "PYTHONWARNINGS": "ignore",
    }
    start, used = time.perf_counter(), _children()
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    total, cpu = time.perf_counter() - start, _children() - used
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said}")
    figures: Figures = json.loads(lines[-1])
    work = figures["build"] + figures["run"] + figures["collect"]
    return {"import": 0.0, **figures, "work": work, "total": total, "cpu": cpu}


def _children() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_turn(
    programs: Mapping[str, Command], repeats: int, warm_ups: int = 1
) -> dict[str, list[Figures]]:
    """``repeats`` runs of every program, in turn, after ``warm_ups`` rounds that do not count."""
    measured: dict[str, list[Figures]] = {name: [] for name in programs}
    for round_ in range(warm_ups + repeats):
        for name, command in programs.items():
            figures = run_program(command)
            if round_ >= warm_ups:
                measured[name].append(figures)
            print(f"  {name}: {round_ + 1}/{warm_ups + repeats}", end="\r", file=sys.stderr)
    print(" " * 60, end="\r", file=sys.stderr)
    return measured


def medians(runs: Sequence[Figures]) -> Figures:
    """Key -> median over the runs, for the keys that all runs have."""
    keys = [key for key in runs[0] if all(key in run for run in runs)]
    return {key: median(run[key] for run in runs) for key in keys}


def ratios(a: Sequence[Figures], b: Sequence[Figures]) -> Figures:
    """Stage -> median of a's runs over median of b's."""
    above, below = medians(a), medians(b)
    return {s: above[s] / below[s] for s in STAGES if s in above and below.get(s)}


def report(
    title: str,
    measured: Mapping[str, list[Figures]],
    *,
    goals: Mapping[str, float],
    as_json: bool = False,
    at_least: bool = False,
) -> bool:
    """Print the table and one line of JSON: the first program over the second.

    ``goals``: stage -> the largest ratio allowed; with ``at_least`` the second program over the
    first, and the smallest allowed. Returns whether all are reached.
    """
    ours, theirs, *_ = measured
    found = ratios(measured[ours], measured[theirs])
    if at_least:
        found = {stage: 1 / ratio for stage, ratio in found.items() if ratio}
    reached = {
        stage: found[stage] >= goal if at_least else found[stage] <= goal
        for stage, goal in goals.items()
    }
    middle = {name: medians(runs) for name, runs in measured.items()}
    if not as_json:
        print(_table(title, middle, found, goals, reached, at_least))
    line = {
        "benchmark": title,
        "median": {n: {k: round(v, 4) for k, v in m.items()} for n, m in middle.items()},
        "ratio": {stage: round(ratio, 3) for stage, ratio in found.items()},
        "goals": dict(goals),
        "reached": reached,
        "repeats": len(measured[ours]),
    }
    print(json.dumps(line), flush=True)
    return all(reached.values())


def _table(
    title: str,
    middle: Mapping[str, Figures],
    found: Figures,
    goals: Mapping[str, float],
    reached: Mapping[str, bool],
    at_least: bool,
) -> str:
    wide = max(map(len, middle)) + 2
    lines = [title, " " * wide + "".join(f"{stage:>10}" for stage in (*STAGES, "spikes"))]
    for name, figures in middle.items():
        cells = "".join(f"{figures.get(stage, float('nan')):10.3f}" for stage in STAGES)
        lines.append(f"{name:<{wide}}{cells}{figures.get('spikes', 0):10.0f}")
    cells = "".join(f"{found.get(stage, float('nan')):10.2f}" for stage in STAGES)
    lines.append(f"{'ratio':<{wide}}{cells}")
    sign = ">=" if at_least else "<="
    for stage, goal in goals.items():
        verdict = "reached" if reached[stage] else "missed"
        lines.append(f"{'goal':<{wide}}{stage} {sign} {goal:g}: {found[stage]:.2f}, {verdict}")
    return "\n".join(lines)
