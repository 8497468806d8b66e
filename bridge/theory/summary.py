"""What theory says of a model, in one object: the parts that apply to it, for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..definition.library import load
from ..definition.model import Neuron, Synapse
from ..definition.network import Network
from ..errors import DefinitionError
from . import moments
from .attractors import attractors
from .binary import Binary, binary
from .chain import LARGEST, chain
from .continuation.summary import Varied, continued
from .continuation.summary import lines as continuation_lines
from .cycles import cycle
from .lif.summary import rates_lines, rates_summary
from .models import field_of
from .plasticity.summary import synapse_lines, synapse_summary
from .stability import FixedPoint, stability

SHOWN = 6  # units up to which the probability of each state is given
FOLLOWED = 12  # states up to which a limit cycle is looked for


def summary(
    model: Any,
    *,
    box: Mapping[str, Sequence[float]] | None = None,
    inputs: Mapping[str, Any] | None = None,
    vary: Varied = (),
    cycles: bool = False,
    **parameters: Any,
) -> dict[str, Any]:
    """Plain data: fixed points and limit cycle; the exact chain and the attractors of a binary
    network; the rates of a spiking one.

    Where ``vary`` names a parameter and its limits, branches, with those of ``cycles`` too where
    asked for; where it names two, curves of folds and Hopf points.

    Raises:
        DefinitionError: no part of theory applies; the error says why and what to ask for.
    """
    found = load(model, **parameters)
    _check_varied(found.label, vary, cycles)
    if isinstance(found, Network) and _iterated(found):
        if vary or box or inputs:
            raise DefinitionError(
                "a binary network has no vector field to vary, to bound or to drive",
                model=found.label,
                remedy="set its parameters instead",
            )
        return _binary(binary(found))
    if isinstance(found, Network) and _spiking(found) and not (vary or box or inputs):
        return rates_summary(found)
    if isinstance(found, Synapse) and not (vary or box or inputs):
        return synapse_summary(found)
    told = _continuous(found, box, inputs)
    return told | (continued(found, vary, box, cycles) if vary else {})


def _check_varied(label: str, vary: Varied, cycles: bool) -> None:
    if len(vary) > 2:
        raise DefinitionError(
            f"{len(vary)} parameters vary at once",
            model=label,
            symbol="vary",
            remedy="give one for branches, two for curves of folds and Hopf points",
        )
    if cycles and len(vary) != 1:
        raise DefinitionError(
            "cycles are followed against one parameter",
            model=label,
            symbol="cycles",
            remedy="give one parameter with its limits, e.g. --vary I_E=-4:2 --cycles",
        )


def _iterated(network: Network) -> bool:
    """Whether all units are maps."""
    return all(p.neuron.of_kind("map") for p in network.whole.populations.values())


def _spiking(network: Network) -> bool:
    """Whether some projection passes spikes on."""
    return any(not p.synapse.is_graded for p in network.whole.projections.values())


def _continuous(found: Any, box: Any, inputs: Any) -> dict[str, Any]:
    field = field_of(found, inputs=inputs)
    rest = stability(field, box=box)
    told: dict[str, Any] = {
        "model": rest.label,
        "kind": "vector field",
        "fixed_points": [_point(p) for p in rest.points],
        "complete": rest.complete,
        "notes": list(rest.notes),
    }
    resting = any(p.stable for p in rest.points)
    if not resting and not isinstance(found, Neuron) and field.dimension <= FOLLOWED:
        orbit = cycle(field)
        told["cycle"] = orbit and {
            "period": orbit.period,
            "frequency": orbit.frequency,
            "band": orbit.band,
            "stable": orbit.stable,
            "lowest": dict(zip(field.names, orbit.states.min(axis=0).tolist(), strict=True)),
            "highest": dict(zip(field.names, orbit.states.max(axis=0).tolist(), strict=True)),
        }
    return told


def _point(p: FixedPoint) -> dict[str, Any]:
    values = [[float(v.real), float(v.imag)] for v in p.eigenvalues]
    return {
        "state": dict(p.state),
        "kind": p.kind,
        "stable": p.stable,
        "eigenvalues": values,
        "frequency": p.frequency,
        "band": p.band,
    }


def _binary(network: Binary) -> dict[str, Any]:
    told: dict[str, Any] = {
        "model": network.label,
        "kind": "binary network",
        "units": network.size,
        "groups": {n: len(u) for n, u in network.groups.items()},
    }
    noisy = bool((network.sigma > 0).all())
    if noisy or network.size > LARGEST:
        exact = chain(network)
        told |= {
            "mean_A": moments.mean_A(exact).tolist(),
            "mean_V": moments.mean_V(exact).tolist(),
            "cov_A": moments.cov_A(exact).tolist(),
            "cov_V": moments.cov_V(exact).tolist(),
            "entropy": moments.entropy(exact),
            "second_eigenvalue": exact.second,
        }
        if network.size <= SHOWN:
            told["P"] = exact.P.tolist()
    told["attractors"] = [{"cycle": list(a.cycle), "basin": a.basin} for a in attractors(network)]
    return told


def lines(told: Mapping[str, Any]) -> list[str]:
    """The summary as text."""
    by_kind = {"spiking network": rates_lines, "synapse": synapse_lines}
    if told["kind"] in by_kind:
        return by_kind[told["kind"]](told)
    return _binary_lines(told) if "units" in told else _field_lines(told)


def _field_lines(told: Mapping[str, Any]) -> list[str]:
    points = told["fixed_points"]
    proof = "no other one exists" if told["complete"] else "there may be others"
    shown = [f"{told['model']}: {len(points)} fixed point(s), {proof}"]
    for p in points:
        first, second = p["eigenvalues"][0]
        wave = f", {p['frequency']:.6g} Hz ({p['band']})" if p["frequency"] else ""
        shown.append(f"  {p['kind']}: {_states(p['state'])}")
        shown.append(f"    leading eigenvalue {first:.8g} {second:+.8g}i per ms{wave}")
    if told.get("cycle"):
        c = told["cycle"]
        kind = "stable" if c["stable"] else "unstable"
        shown.append(f"  {kind} limit cycle: {c['period']:.9g} ms, {c['frequency']:.6g} Hz "
                     f"({c['band']})")  # fmt: skip
    shown += continuation_lines(told)
    return [*shown, *(f"  {n}" for n in told["notes"])]


def _states(state: Mapping[str, float], most: int = 8) -> str:
    pairs = [f"{n} = {v:.8g}" for n, v in list(state.items())[:most]]
    more = len(state) - most
    return ", ".join(pairs) + (f", and {more} more" if more > 0 else "")


def _binary_lines(told: Mapping[str, Any]) -> list[str]:
    shown = [f"{told['model']}: {told['units']} binary units"]
    named = [n for n in ("P", "mean_A", "mean_V") if n in told]
    shown += [f"  {n:7} " + " ".join(f"{v:.8f}" for v in told[n]) for n in named]
    if "entropy" in told:
        shown.append(f"  entropy {told['entropy']:.8f} bit, |lambda_2| "
                     f"{told['second_eigenvalue']:.8f}")  # fmt: skip
    shown.append("  without noise:")
    for a in told["attractors"][:20]:
        what = "stationary" if len(a["cycle"]) == 1 else f"cycle of {len(a['cycle'])}"
        cycle_shown = " -> ".join(map(str, a["cycle"][:16]))
        shown.append(f"    {what}: {cycle_shown}, basin {a['basin']}")
    return shown
