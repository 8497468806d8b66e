"""What `doctor` looks at: Python, every simulator, toolchains, folders."""

from __future__ import annotations

import platform
from typing import Any

from ..simulators import base


def health() -> dict[str, Any]:
    """``checks``: rows of name, ok, detail, remedy; ``simulators``: availability by name."""
    from .. import __version__

    simulators: dict[str, dict[str, Any]] = {}
    checks = [
        _row("spikebridge", True, __version__),
        _row("Python", True, f"{platform.python_version()} on {platform.platform()}"),
    ]
    for name in sorted(base.known()):
        found = base.get(name).available()
        simulators[name] = {
            "ok": found.ok,
            "version": found.version,
            "problem": found.problem,
            "remedy": found.remedy,
        }
        checks.append(
            _row(f"simulator {name}", found.ok, found.version or found.problem, found.remedy)
        )
    checks += [_derived(), *_toolchain()]
    return {"simulators": simulators, "checks": checks}


def _derived() -> dict[str, Any]:
    """Where programs and matches are kept; the folder may be removed at any time."""
    from ..passes.kept import size

    folder, entries, size_of_all = size()
    return _row("derived programs", True, f"{folder} ({entries}, {size_of_all / 1e6:.1f} MB)")


def _toolchain() -> list[dict[str, Any]]:
    """Rows of every simulator package that has its own doctor."""
    from ..simulators.nest.doctor import doctor as nest
    from ..simulators.pynn.doctor import doctor as pynn

    checks = [*nest(), *pynn()]
    return [_row(check.name, check.ok, check.detail, check.remedy) for check in checks]


def _row(name: str, ok: bool, detail: str, remedy: str = "") -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "remedy": remedy}
