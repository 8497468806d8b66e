"""Rounds of the solver as `Activity`, in the units of simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .gaussian import variance
from .result import Activity

if TYPE_CHECKING:
    from .rounds import Round
    from .solver import Solver


def activities(solver: Solver, kept: list[Round]) -> dict[str, Activity]:
    """Averages over the rounds ``kept``, by label."""
    plan, errors = solver.plan, solver.error_of(kept)
    frequencies = np.asarray(np.arange(solver.L // 2 + 1) * 1e3 / (solver.L * plan.dt), float)
    found = {}
    for i, output in enumerate(plan.outputs):
        rows = [r.estimates[i] for r in kept]
        continuous = plan.programs[output.population].program.currents
        per = {p: 1.0 if p in continuous else plan.dt for p in rows[0].chi}
        given = {p: solver.input_of(plan.twins[output.population], p) for p in per}
        scale = 1e3 / plan.dt if output.spiking else 1.0  # of means and responses
        density = 1e3 / plan.dt if output.spiking else plan.dt  # of spectra
        found[output.label] = Activity(
            output=output,
            size=plan.populations[output.population].size,
            mean=scale * float(solver.means[i]),
            error=scale * float(errors[i]),
            cv=float(np.mean([e.cv for e in rows])),
            frequencies=frequencies,
            spectrum=density * np.mean([e.spectrum for e in rows], axis=0),
            chi={p: c * scale * np.mean([e.chi[p] for e in rows], axis=0) for p, c in per.items()},
            variance_response={
                p: c * scale * np.mean([e.variance_response[p] for e in rows], axis=0)
                for p, c in per.items()
                if p in rows[0].variance_response
            },
            sent_response={
                (p, other.label): per[p]
                * scale
                * np.mean([e.sent_response[p, solver.twins[b]] for e in rows], axis=0)
                for b, other in enumerate(plan.outputs)
                for p in per
                if all((p, solver.twins[b]) in e.sent_response for e in rows)
            },
            inputs={p: (x.mean / per[p], variance(x.spectrum) / per[p]) for p, x in given.items()},
            two_valued=all(e.two_valued for e in rows),
            spike_ports=frozenset(per) - frozenset(continuous),
            dt=plan.dt,
        )
    return found
