"""Commands that run simulators: run, compare, verify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from . import options as o
from .files import write_comparison, write_run
from .output import note, only_json, print_json, progress, say, table

On = Annotated[str, typer.Option("--on", help="Simulators, e.g. brian2,nest,reference.")]


def run(
    network: o.Network,
    out: o.Folder,
    on: Annotated[str, typer.Option("--on", help="The simulator.")] = "brian2",
    duration: o.Duration = None,
    dt: o.Step = None,
    seed: o.Seed = None,
    scheme: o.Scheme = "auto",
    settings: o.Settings = None,
    variant: o.Variant = None,
    native: o.Native = False,
    option: o.Choices = None,
    frozen_noise: o.Frozen = False,
    final_state: o.Keep = False,
    initial_state: o.GoOn = None,
    neo: o.Neo = "pickle",
    json: o.Json = False,
) -> int:
    """Run a network on one simulator; write columns, manifest, Neo file and translated source."""
    from ..api import simulate

    suffix, state = o.neo_suffix(neo), o.state_of(initial_state)
    o.check_folder(out)
    parameters = o.parameters_of(settings, variant, native)
    chosen = o.options_of(option, [on])[on]
    with only_json(json), progress(f"{network} on {on}", quiet=json) as bar:
        found = simulate(
            network,
            on,
            duration=duration,
            dt=dt,
            seed=seed,
            scheme=scheme,
            frozen_noise=frozen_noise,
            final_state=final_state,
            initial_state=state,
            progress=bar,
            options=chosen,
            parameters=parameters,
        )
        files = write_run(found, out, on, suffix)
    _warn(found.manifest)
    columns = found.columns
    counts = {name: len(spikes) for name, spikes in columns.spikes.items()}
    if json:
        print_json({"simulator": on, "spikes": counts, "manifest": found.manifest, "files": files})
        return 0
    for name, spikes in columns.spikes.items():
        rate = len(spikes) / max(spikes.size, 1) / (columns.duration / 1000.0)
        say(f"{name}: {len(spikes)} spikes of {spikes.size} neurons, {rate:.2f} Hz")
    _say_synapses(columns)
    say(_seconds(found.manifest.get("seconds", {})))
    for file in files:
        say(file)
    return 0


def _say_synapses(columns: Any) -> None:
    """The mean of every recorded state of synapses, in the first and the last sample."""
    for name in columns.projections:
        for trace in columns.traces[name]:
            if trace.values.size:
                first, last = trace.values[0].mean(), trace.values[-1].mean()
                count = f"{len(trace.units)} synapses"
                say(f"{name}.{trace.variable}: mean of {count} from {first:.4g} to {last:.4g}")


def compare(
    network: o.Network,
    out: o.Folder,
    on: On = "brian2,nest",
    base: Annotated[str | None, typer.Option(help="Compare the others with this one.")] = None,
    duration: o.Duration = None,
    dt: o.Step = None,
    seed: o.Seed = None,
    scheme: o.Scheme = "auto",
    settings: o.Settings = None,
    variant: o.Variant = None,
    native: o.Native = False,
    option: o.Choices = None,
    frozen_noise: o.Frozen = False,
    dts: o.Steps = None,
    seeds: o.Seeds = 0,
    overlay: o.Overlay = None,
    theory: o.Theory = False,
    neo: o.Neo = "pickle",
    json: o.Json = False,
) -> int:
    """Run a network on several simulators and say with numbers whether they agree.

    Writes report.html, verdict.json, one file of columns per simulator, and a Neo file of the
    first. Leaves with 0 if they agree, with 1 if they differ.
    """
    from ..api import compare as compared
    from ..api import description_of, network_of
    from .evidence import gather, wanted

    simulators, suffix, asked = o.names_of(on), o.neo_suffix(neo), wanted(dts, seeds)
    o.check_folder(out)
    chosen = o.options_of(option, simulators)
    common: dict[str, Any] = {
        "duration": duration,
        "dt": dt,
        "seed": seed,
        "scheme": scheme,
        "frozen_noise": frozen_noise,
    }
    with only_json(json):
        definition = network_of(network, **o.parameters_of(settings, variant, native))
        given = o.parameters_of(settings, None)
        described = None if overlay is None else description_of(overlay, given)
        told = _predicted(definition) if theory else None
        with progress(f"{network} on {on}", quiet=json) as bar:
            found = compared(
                definition,
                simulators,
                base=base,
                options=chosen,
                progress=bar,
                overlay=described,
                **common,
            )
        found = gather(found, definition, simulators, asked, chosen, common, quiet=json)
        found = found if told is None else _with_theory(found, told)
        files = write_comparison(found, out, suffix)
    for columns in found.runs.values():
        _warn(columns.manifest)
    if json:
        print_json({**found.to_json(), "files": files})
    else:
        _print_comparison(found, files)
    return 0 if found.verdict.agrees else 1


def _predicted(definition: Any) -> Any:
    """What theory says of the network, before anything runs."""
    from ..theory.summary import summary

    return summary(definition)


def _with_theory(found: Any, told: Any) -> Any:
    """The comparison with the prediction over each result."""
    from ..theory.against import against

    return found.with_theory({n: against(told, run) for n, run in found.runs.items()})


def _print_comparison(found: Any, files: list[str]) -> None:
    say(str(found.verdict))
    if found.overlay:
        say(str(found.overlay))
    for name, columns in found.runs.items():
        say(f"{name}: {_seconds(columns.manifest.get('seconds', {}))}")
    for file in files:
        say(file)


def verify(
    pattern: Annotated[
        str | None, typer.Argument(help="Only cases like this, e.g. 'neurons/adex rk4'.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Cases at a time; all processors.")] = None,
    json: o.Json = False,
) -> int:
    """Run every model with every scheme on every simulator and check that they agree.

    Leaves with 1 if one does not.
    """
    from ..verify import verify as verified

    with only_json(json), progress("verify", quiet=json) as bar:
        rows = verified(pattern, progress=bar, jobs=jobs)
    failed = [row for row in rows if not row.passed]
    if json:
        print_json({"rows": [vars(row) for row in rows], "failed": len(failed)})
    else:
        _print_rows(rows)
        say(f"{len(rows) - len(failed)} of {len(rows)} agree")
    return 1 if failed else 0


def _print_rows(rows: Any) -> None:
    head = ["model", "scheme", "on", "dt", "spikes", "differing", "max relative", "verdict", "s"]
    table(
        [*head, "note"],
        [
            [
                row.model,
                row.scheme,
                ",".join(row.on),
                f"{row.dt:g}",
                str(row.spikes),
                str(row.differing),
                f"{row.max_relative:.1e}",
                row.verdict if row.passed else f"{row.verdict} (FAILED)",
                f"{row.seconds:.1f}",
                row.note,
            ]
            for row in rows
        ],
    )


def _warn(manifest: Mapping[str, Any]) -> None:
    for warning in manifest.get("warnings", ()):
        note(f"warning: {warning}")


def _seconds(seconds: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{stage} {value:.2f} s" for stage, value in seconds.items())
    return shown or "no timings"
