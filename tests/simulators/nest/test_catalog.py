"""The catalogue against NEST itself: names, defaults, and trajectories of every entry."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("nest")

from spikebridge.definition.draw import draw
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.passes.catalog import Entry
from spikebridge.simulators.base import Options, get
from spikebridge.simulators.nest.matching import catalogue

ENTRIES = {f"{e.name} {e.form}".strip(): e for e in catalogue()}
# largest difference of V from the contract's trajectory in mV, outside of action potentials
TOLERANCE = {"native": 1e-3, "exact": 1e-11, "euler": 1e-9}


def test_names_and_defaults_are_nests() -> None:
    names = sorted({e.name for e in ENTRIES.values()})
    program = (
        "import json, sys, nest\n"
        f"found = {{m: nest.GetDefaults(m) for m in {names!r}}}\n"
        "json.dump({m: {k: v if isinstance(v, (int, float)) else str(v)\n"
        "  for k, v in d.items()} for m, d in found.items()}, sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    defaults = json.loads(done.stderr[done.stderr.index("{") :])
    for entry in ENTRIES.values():
        there = defaults[entry.name]
        for name, value in entry.neuron.parameters.items():
            assert there[name] == pytest.approx(value.number, abs=1e-12), name  # type: ignore[union-attr]
        assert {*entry.settable, *entry.fixed, *entry.copies} <= set(there)
        for recordable in entry.recordables.values():
            assert all(r.strip() in there["recordables"] for r in recordable.split("+"))


def driven(entry: Entry) -> Network:
    """Every port gets spikes of the sign it takes, too weak for a threshold, and a current."""
    stimuli, projections = {}, {}
    for number, (port, receptor) in enumerate(entry.receptors.items()):
        unit = entry.neuron.ports[port].unit
        size = {"mV": 0.2, "nS": 0.5}.get(unit, 10.0) * (receptor.sign or 1)
        times = np.round(np.random.default_rng(number).uniform(1, 90, 60), 1)
        stimuli[f"s{number}"] = Stimulus(f"s{number}", "spikes", trains=(np.unique(times),))
        projections[f"p{number}"] = Projection(
            f"p{number}", f"s{number}", "P", port, "all_to_all", f"{size} {unit}", "1 ms"
        )
    current = "0.5 pA" if entry.name == "izhikevich" else "20 pA"
    stimuli["I"] = Stimulus("I", "current", population="P", port="I", amplitude=current)
    start = "-70 mV" if "Act_m" not in entry.neuron.states else "-65 mV"
    initial = {"V_m": start}
    if "Act_m" in entry.neuron.states:
        initial |= {"Act_m": "0.02", "Inact_h": "0.7", "Act_n": "0.2"}
    return Network(
        populations={"P": Population("P", entry.neuron, 1, initial=initial)},
        projections=projections,
        stimuli=stimuli,
        recordings={"r": Recording("r", "P", ("V_m",))},
        duration="100 ms",
        dt="0.01 ms" if entry.rule == "peak" else "0.05 ms",
    )


CASES = [
    pytest.param(e, id=n, marks=pytest.mark.slow if e.rule == "peak" else ())
    for n, e in ENTRIES.items()
]


@pytest.mark.parametrize("entry", CASES)
def test_every_entry_moves_as_its_equations_say(entry: Entry) -> None:
    (scheme,) = entry.schemes
    drawn = draw(driven(entry))
    traces = {}
    for simulator, chosen in (("nest", scheme), ("reference", scheme.replace("native", "rk4"))):
        there = get(simulator)
        prepared = there.prepare(replace(drawn, scheme=chosen), Options(scheme=chosen))
        if simulator == "nest":
            assert prepared.matches[0]["model"] == entry.name, prepared.matches[0]
        columns = there.run(prepared)
        assert len(columns.spikes["P"].times) == 0 or entry.name.startswith("hh")
        traces[simulator] = np.ravel(columns.traces["P"][0].values)
    assert np.ptp(traces["nest"]) > 0.1
    quiet = traces["reference"] < -40.0
    tolerance = 2e-2 if entry.rule == "peak" else TOLERANCE[scheme]
    np.testing.assert_allclose(
        traces["nest"][quiet], traces["reference"][quiet], rtol=0, atol=tolerance
    )
