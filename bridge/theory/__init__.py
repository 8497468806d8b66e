"""What networks do by theory: from the same definitions, without a simulator.

    from spikebridge import theory
    theory.stability("networks/wilson_cowan").points
    theory.working_point("networks/brunel2000").rates

Every function is imported when it is first used. Where a function has the name of its module, the
name is the function; ``from spikebridge.theory.stability import ...`` still reaches the module.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_HOMES = {
    "models": ("field_of",),
    "stability": ("stability",),
    "plane": ("plane",),
    "spectrum": ("connectivity", "spectrum"),
    "cycles": ("cycle",),
    "continuation": ("branches", "curves", "cycle_branch"),
    "binary": ("binary",),
    "binary_rates": ("balanced_threshold", "binary_rates"),
    "chain": ("chain",),
    "attractors": ("attractors",),
    "lif.circuit": ("circuit_of",),
    "lif.working_point": ("working_point",),
    "lif.external": ("external_rates",),
    "lif.linear": ("linear", "spectral_bound", "static_coupling"),
    "lif.pairs": ("pair_coupling", "pair_covariances"),
    "lif.critical": ("boxcar", "modes", "sensitivity"),
    "lif.richardson": ("Escape", "responses", "stationary"),
    "lif.siegert": ("Lif",),
    "meanfield": ("classify", "mean_field", "populations", "transient"),
    "plasticity.drift": ("balance", "drift", "fixed_point_form", "fixed_points"),
    "plasticity.release": ("release",),
    "plasticity.shot_noise": ("shot_noise",),
    "summary": ("summary",),
    "against": ("against",),
    "figures": ("figure",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


class _Face(ModuleType):
    """Keeps a function's name for it where a submodule has the same name.

    Importing the submodule would bind it over the function; the setter drops that binding.
    """

    def __getattr__(self, name: str) -> Any:
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{home}", __name__), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOME_OF:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *_HOME_OF})


sys.modules[__name__].__class__ = _Face
