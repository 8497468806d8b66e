"""A smooth stretch of one neuron: adaptive steps, dense output, the root of the event function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import SimulationFailed

if TYPE_CHECKING:
    from .unit import Unit

Floats = NDArray[np.float64]
_POINTS = 16  # where a hump of the event function inside a step is looked for


class Stretch:
    """Integrates ``unit`` from its time to ``stop``.

    The solver's clock starts at 0 at ``origin``, and starts again where a step becomes too small
    for the clock: so a solution that runs off to infinity (adex) can be followed to any height.
    """

    def __init__(self, unit: Unit, stop: float) -> None:
        self.unit, self.stop = unit, stop
        self.state = self.earlier = unit.state
        self.origin = self.before = self.time = unit.time
        self.solver = self._solver()
        self._dense: Any = None

    def _solver(self, first_step: float | None = None) -> Any:
        import scipy.integrate

        unit, settings, origin = self.unit, self.unit.settings, self.origin
        method = getattr(scipy.integrate, settings.method)
        return method(
            lambda t, y: unit.rates(origin + t, y),
            0.0,
            self.state,
            self.stop - origin,
            rtol=settings.rtol,
            atol=settings.atol,
            max_step=settings.max_step,
            first_step=first_step,
        )

    def step(self) -> None:
        """One step of the solver; ``before`` and ``time`` are its ends."""
        self.before, self.earlier, self._dense = self.time, self.state, None
        self._advance()
        while self._overshoots():
            length = self.solver.t - self.solver.t_old
            self._start_again(self.solver.t_old, 0.1 * length)
            self._advance()

    def _advance(self) -> None:
        self.solver.step()
        if self.solver.status == "failed":  # the step is too small for the solver's clock
            self._start_again(self.solver.t, None)
            self.solver.step()
            if self.solver.status == "failed":
                raise SimulationFailed(
                    f"no step is small enough at {self.time:.9g} ms",
                    model=self.unit.label,
                    remedy="give the spike condition a lower peak, or loosen rtol",
                )
        self.state = self.solver.y
        finished = self.solver.status == "finished"
        self.time = self.stop if finished else self.origin + self.solver.t

    def _overshoots(self) -> bool:
        """Whether the step went further past the condition's border than it came from before it.

        The solver's tolerance is relative to the state at the end of its step: where that has run
        off, the step says nothing about the state at the border.
        """
        if self.unit.equations.event is None or self.unit.resting:
            return False
        past = self.unit.event(self.state)
        return past > 1e-6 and past > -self.unit.event(self.earlier) > 0.0

    def _start_again(self, local: float, first_step: float | None) -> None:
        """A new solver from the start of the last step, ``local`` on the old one's clock."""
        self.state = self.earlier
        self.origin += local
        self.before = self.time = self.origin
        self.solver = self._solver(first_step)

    def at(self, time: float) -> Floats:
        """The state at ``time`` within the last step."""
        return self._at(time - self.origin)

    def _at(self, local: float) -> Floats:
        if self._dense is None:
            self._dense = self.solver.dense_output()
        state: Floats = self._dense(local)
        return state

    def _event(self, local: float) -> float:
        return self.unit.event(self._at(local))

    def crossing(self) -> tuple[float, Floats] | None:
        """Time and state where, within the last step, the spike condition starts to hold."""
        if self.unit.equations.event is None:
            return None
        upper = self.solver.t
        if self.unit.event(self.state) < 0.0:
            hump = self._hump()
            if hump is None:
                return None
            upper = hump
        local = self._root(self.solver.t_old, upper)
        return min(max(self.origin + local, self.before), self.time), self._at(local)

    def _root(self, low: float, high: float) -> float:
        from scipy.optimize import brentq

        if self._event(low) >= 0.0:
            return low
        if self._event(high) < 0.0:  # dense output and step differ in the last digits
            return high
        return float(brentq(self._event, low, high, xtol=1e-20, rtol=1e-14))

    def _hump(self) -> float | None:
        """A local time inside the step where the condition holds though it does at neither end."""
        if not self._rises(self.before, self.earlier) or self._rises(self.time, self.state):
            return None
        times = np.linspace(self.solver.t_old, self.solver.t, _POINTS)
        values = [self._event(float(t)) for t in times]
        best = int(np.argmax(values))
        if values[best] >= 0.0:
            return float(times[best])
        return self._peak(float(times[max(best - 1, 0)]), float(times[min(best + 1, _POINTS - 1)]))

    def _peak(self, low: float, high: float) -> float | None:
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda t: -self._event(float(t)), bounds=(low, high), method="bounded"
        )
        return float(found.x) if -found.fun >= 0.0 else None

    def _rises(self, time: float, state: Floats) -> bool:
        """Whether the event function grows along the solution through ``state``."""
        ahead = state + 1e-7 * np.asarray(self.unit.rates(time, state))
        return self.unit.event(ahead) > self.unit.event(state)
