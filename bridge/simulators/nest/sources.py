"""C++ text -> a compiled NEST extension module in the user's cache, one compiler call each."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import cache, machine
from .modules import Module, compile_command, cores, own_fingerprint, run_tool


def build_sources(texts: Mapping[str, str]) -> list[Module]:
    """One module per model (name -> C++ text that registers it), one per core at a time.

    Raises:
        SimulatorMissing: a compiler or a header is not there.
        SimulationFailed: the compiler refused; holds what it said.
    """
    if not texts:
        return []
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        return list(pool.map(lambda item: _build(*item), texts.items()))


def _build(model: str, text: str) -> Module:
    command = compile_command(())
    key, name = _key(text, command), f"{model}module"

    def make(folder: Path) -> None:
        start = time.perf_counter()
        source = folder / f"{model}.cc"
        source.write_text(text, encoding="utf-8")
        arguments = [*command, *machine.include_flags(), str(source)]
        run_tool([*arguments, "-o", str(folder / f"{name}.so")], "the C++ compiler", [model], key)
        about = {"seconds": time.perf_counter() - start}
        (folder / "module.json").write_text(json.dumps(about), encoding="utf-8")

    folder, cached = cache.fetch(key, f"{name}.so", make)
    about = json.loads((folder / "module.json").read_text(encoding="utf-8"))
    return Module(name, folder / f"{name}.so", (model,), key, float(about["seconds"]), cached)


def _key(text: str, command: Sequence[str]) -> str:
    parts = {
        "text": text,
        "command": list(command),
        "compiler": machine.compiler().version,
        "nest": [machine.distribution("nest-simulator"), machine.kernel_fingerprint()],
        "spikebridge": own_fingerprint(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
