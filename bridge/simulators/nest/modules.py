"""NESTML text -> a compiled NEST extension module in the user's cache -> the running kernel.

One module per model by default, so that each is cached and compiled on its own. No cmake and no
nest-config: NESTML generates C++, one compiler command makes the module.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...errors import SimulationFailed, SimulatorMissing
from ...records import dataclass
from . import cache, machine
from .keeping import keep_states, kept_names
from .tuning import tune

_HERE = Path(__file__).parent
_ERROR_LINE = re.compile(r"error|undefined|cannot find|exception|No space", re.IGNORECASE)
_REGISTERED = re.compile(r'register_\w+(?:< \w+ >)?\( ?"(\w+)" ?\)')
_INCLUDES_GSL = re.compile(r"^#include <gsl/", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A compiled extension module.

    ``path`` is absolute and ends in ``<name>.so``; ``models`` are the names it registers;
    ``seconds`` is what the build took when it was made; ``cached`` tells that it was made before.
    """

    name: str
    path: Path
    models: tuple[str, ...]
    key: str
    seconds: float
    cached: bool


def build_each(models: Mapping[str, str], *, jobs: int | None = None) -> list[Module]:
    """One module per model, ``jobs`` at a time (default: one per usable core)."""
    with ThreadPoolExecutor(max_workers=jobs or cores()) as pool:
        return list(pool.map(lambda item: build(dict([item])), models.items()))


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def build(
    models: Mapping[str, str],
    *,
    codegen_opts: Mapping[str, Any] | None = None,
    flags: Sequence[str] = (),
) -> Module:
    """The module that holds ``models`` (name -> NESTML text), from the cache or built now.

    ``codegen_opts`` goes to NESTML's code generator (neuron-synapse pairs, solver ...), ``flags``
    to the compiler; both are part of the key. Raises ``SimulatorMissing`` if NEST, NESTML, a
    compiler or a header is missing, ``SimulationFailed`` with the tools' own messages otherwise.
    """
    options = dict(codegen_opts or {})
    command = compile_command(flags)
    key = _key(models, options, command)
    name = f"sb_{key[:16]}module"

    def make(folder: Path) -> None:
        start = time.perf_counter()
        registered = _make(folder, name, models, options, command, key)
        about = {"models": registered, "seconds": time.perf_counter() - start, "name": name}
        (folder / "module.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    folder, cached = cache.fetch(key, f"{name}.so", make)
    about = json.loads((folder / "module.json").read_text(encoding="utf-8"))
    path = folder / f"{name}.so"
    return Module(name, path, tuple(about["models"]), key, float(about["seconds"]), cached)


def compile_command(flags: Sequence[str]) -> list[str]:
    """The compiler command without files and include folders: what decides on the machine code.

    No contraction to fused multiply-adds, so that the arithmetic is the one that is written; no
    -march, which slows NEST's exp calls down 10 times and ties the module to one machine. The
    user's ``CXXFLAGS`` come after ours, as in a Makefile.
    """
    found = machine.compiler()
    command = [*found.command, "-std=c++20", "-O3", "-fPIC", "-fopenmp", "-shared", "-w"]
    command += ["-DNDEBUG", "-DLTX_MODULE", "-ffp-contract=off", *machine.abi_flags()]
    if "clang" not in found.version:
        command.append("-fno-semantic-interposition")
    if sys.platform == "darwin":
        command += ["-undefined", "dynamic_lookup"]
    else:  # a missing symbol fails the load; bound lazily it would end the process later
        command.append("-Wl,-z,now")
    return [*command, *shlex.split(os.environ.get("CXXFLAGS", "")), *flags]


def _key(models: Mapping[str, str], options: Mapping[str, Any], command: Sequence[str]) -> str:
    parts = {
        "models": dict(sorted(models.items())),
        "options": options,
        "command": command,
        "compiler": machine.compiler().version,
        "nest": [machine.distribution("nest-simulator"), machine.kernel_fingerprint()],
        "nestml": machine.distribution("nestml"),
        "spikebridge": own_fingerprint(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def own_fingerprint() -> str:
    """Tells two versions of our own part of the build apart."""
    files = [
        _HERE / "codegen.py",
        _HERE / "tuning.py",
        _HERE / "keeping.py",
        *machine.own_headers().glob("*.h"),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()


def _make(
    folder: Path,
    name: str,
    models: Mapping[str, str],
    options: Mapping[str, Any],
    command: Sequence[str],
    key: str,
) -> list[str]:
    """Fill ``folder`` with the module and its NESTML text; returns the models it registers."""
    cpp = folder / "work" / "cpp"  # NESTML leaves a report beside its target
    cpp.mkdir(parents=True)
    files = []
    for model, text in models.items():
        (folder / f"{model}.nestml").write_text(text, encoding="utf-8")
        files.append(str(folder / f"{model}.nestml"))
    _generate(files, cpp, name, options, models, key)
    registered = _registered(cpp, name, models, key)
    unit = _one_unit(cpp, name, models)
    arguments = [*command, f"-I{cpp}", *machine.include_flags(), str(unit)]
    run_tool([*arguments, "-o", str(folder / f"{name}.so")], "the C++ compiler", models, key)
    shutil.rmtree(cpp.parent)
    return registered


def _generate(
    files: Sequence[str],
    target: Path,
    name: str,
    options: Mapping[str, Any],
    models: Mapping[str, str],
    key: str,
) -> None:
    request = {
        "files": files,
        "target": str(target),
        "module": name,
        "nest_version": f"v{machine.distribution('nest-simulator')}",
        "options": options,
        "templates": str(cache.folder(".templates")),
    }
    # By its path and with -P: needs no installed spikebridge and shadows no module.
    child = [sys.executable, "-P", str(_HERE / "codegen.py")]
    run_tool(child, "NESTML", models, key, stdin=json.dumps(request))


def run_tool(
    command: Sequence[str], tool: str, models: Iterable[str], key: str, stdin: str = ""
) -> None:
    """Run a tool; raise `SimulationFailed` with what it said if it fails."""
    run = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if run.returncode:
        output = f"{run.stdout}\n{run.stderr}".strip()
        raise _failure(f"{tool} failed with status {run.returncode}", output, models, key)


def _failure(problem: str, output: str, models: Iterable[str], key: str) -> SimulationFailed:
    lines = [line.strip() for line in output.splitlines() if _ERROR_LINE.search(line)]
    shown = " | ".join(lines[:12] or output.splitlines()[-12:])
    log = cache.keep_log(key, output)
    return SimulationFailed(
        f"{problem}: {shown}", model=", ".join(models), remedy=f"whole output: {log}"
    )


def _registered(cpp: Path, name: str, models: Mapping[str, str], key: str) -> list[str]:
    """The models in the generated module; NESTML leaves out faulty ones and returns normally."""
    main = cpp / f"{name}.cpp"
    found = _REGISTERED.findall(main.read_text(encoding="utf-8")) if main.is_file() else []
    for model in models:
        if not any(x == model or model in re.split("__with_|_and_", x) for x in found):
            files = ", ".join(sorted(p.name for p in cpp.iterdir()))
            raise _failure(f"NESTML generated no code for {model}", f"error: {files}", models, key)
    return sorted(found)


def _one_unit(cpp: Path, name: str, models: Mapping[str, str]) -> Path:
    """One file that includes all others: parsing NEST's headers is most of the compile time."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(cpp.glob("*"))}
    if machine.gsl_headers() is None and any(map(_INCLUDES_GSL.search, texts.values())):
        raise SimulatorMissing(
            "NESTML solves these equations with GSL, whose headers are missing",
            model=", ".join(models),
            remedy="choose an explicit scheme, or install them: apt-get install libgsl-dev",
        )
    sources = [path for path in texts if path.suffix == ".cpp" and path.stem != name]
    for source in sources:
        header = source.with_suffix(".h")
        head, body = tune(texts[header], texts[source], source.stem)
        kept = kept_names(models.get(source.stem, ""))
        if kept:
            head, body = keep_states(head, body, source.stem, kept)
        header.write_text(head, encoding="utf-8")
        # nest_impl.h has no include guard, and the module's own header brings it.
        source.write_text(body.replace('#include "nest_impl.h"\n', ""), encoding="utf-8")
    lines = ["nest_extension_interface.h", *(p.name for p in sources), f"{name}.cpp"]
    unit = cpp / "unit.cc"
    unit.write_text("".join(f'#include "{line}"\n' for line in lines), encoding="utf-8")
    return unit
