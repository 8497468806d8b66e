"""Models by name, file or dictionary; TOML text of a definition, lossless both ways."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import DefinitionError
from ..records import names_of, needed, replace
from .areas import Area
from .model import Neuron, Synapse
from .network import Network, Phase, Population, Projection, Recording, Stimulus
from .parts import table, unknown

Definition = Neuron | Synapse | Network
Chain = tuple[Path, ...]

_META = ("name", "title", "description", "source")
_NEURON = ("equations", "parameters", "ports", "spike", "initial", "scheme", "variants", *_META)
_SYNAPSE = (
    *("equations", "parameters", "unit", "on_pre", "on_post", "deliver", "coupling"),
    *("on_step", "initial", "delay_at", "coincident", "events", "variants", *_META),
)
_NETWORK = (
    *("populations", "projections", "stimuli", "recordings", "phases", "parameters", "variants"),
    *("include", "run", *_META),
)
_ITEMS: dict[str, Any] = {
    "populations": Population,
    "projections": Projection,
    "stimuli": Stimulus,
    "recordings": Recording,
    "include": Area,
}


@cache
def names() -> tuple[str, ...]:
    """Every model that comes with spikebridge: ``"neurons/lif_current"``, ..."""
    files = sorted(_models().glob("*/*.toml"))
    return tuple(f"{file.parent.name}/{file.stem}" for file in files)


def _models() -> Path:
    """The folder of the package with the models."""
    return Path(import_module("spikebridge.models").__path__[0])


def load(model: str | Path | Mapping[str, Any] | Definition, **parameters: Any) -> Any:
    """A definition from its library name, the path of a TOML file, or a dictionary.

    ``variant=`` chooses one of its named sets of parameters, other ``parameters`` replace single
    ones; of a network ``native=True`` lets each simulator draw connections and Poisson trains
    itself.

    Raises:
        DefinitionError: no such model (with the nearest names), TOML syntax, or a wrong content.
    """
    definition = _load(model, ())
    if (variant := parameters.pop("variant", None)) is not None:
        definition = definition.variant(variant)
    if isinstance(definition, Network):
        native = parameters.pop("native", False)
        definition = definition.native() if native else definition
        return definition.with_parameters(**parameters) if parameters else definition
    return _with_parameters(definition, parameters) if parameters else definition


def _with_parameters(definition: Neuron | Synapse, parameters: Mapping[str, Any]) -> Any:
    known = (*definition.parameters, *(e.name for e in definition.of_kind("parameter")))
    left = {n: v for n, v in parameters.items() if n not in known}
    unknown(left, "the parameters", known, definition.label)
    return replace(definition, parameters={**definition.parameters, **parameters})


def _load(model: Any, chain: Chain) -> Definition:
    """``chain``: the networks that are being read, each of which includes the next one."""
    if isinstance(model, Neuron | Synapse | Network):
        return model
    if isinstance(model, Mapping):
        return _from_dict(model, None, chain)
    if not isinstance(model, str | Path):
        raise DefinitionError(
            f"{model!r} is no model", symbol=str(model), remedy="name one, or give its table"
        )
    path = Path(model)
    if path.suffix == ".toml":
        return _read(path, str(path.with_suffix("")), path.parent, chain)
    if str(model) in names():
        folder, _, name = str(model).partition("/")
        return _read(_models() / folder / f"{name}.toml", str(model), None, chain)
    import difflib

    near = difflib.get_close_matches(str(model), names(), n=3, cutoff=0.4)
    near = near or [n for n in names() if n.endswith(f"/{model}")]
    raise DefinitionError(
        f"there is no model {str(model)!r}",
        symbol=str(model),
        remedy=f"did you mean {', '.join(near)}?" if near else "spikebridge list shows all",
    )


def _read(file: Path, name: str, folder: Path | None, chain: Chain) -> Definition:
    if file.resolve() in chain:
        through = "" if chain[-1] == file.resolve() else f" through {chain[-1].stem}"
        raise DefinitionError(
            f"{name} includes itself{through}",
            model=chain[0].stem,
            symbol=name,
            remedy="a network cannot be a part of itself: take one of the includes out",
        )
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DefinitionError(
            f"cannot read {file}: {error.strerror or error}", model=name, remedy="check the path"
        ) from None
    return _from_dict(_parsed(text, name), folder, (*chain, file.resolve()))


def loads(text: str, *, name: str = "", folder: Path | None = None) -> Definition:
    """A definition from TOML text; names of other TOML files are looked up in ``folder``."""
    return _from_dict(_parsed(text, name), folder, ())


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return {"name": name, **tomllib.loads(text)}
    except tomllib.TOMLDecodeError as error:
        twice = "; the name of an area or a population is used once" * ("twice" in str(error))
        raise DefinitionError(
            f"TOML syntax: {error}",
            model=name or "text",
            remedy=f"mend the file at that place{twice}",
        ) from None


def from_dict(content: Mapping[str, Any], *, folder: Path | None = None) -> Definition:
    """A definition from the dictionary that TOML holds."""
    return _from_dict(content, folder, ())


def _from_dict(content: Mapping[str, Any], folder: Path | None, chain: Chain) -> Definition:
    entries = dict(content)
    kind = entries.pop("kind", None)
    label = str(entries.get("name") or entries.get("title") or "model")
    if kind not in ("neuron", "synapse", "network"):
        raise DefinitionError(
            f"the kind is {kind!r}",
            model=label,
            symbol="kind",
            remedy='write kind = "neuron", kind = "synapse" or kind = "network"',
        )
    if kind == "network":
        return _network(entries, label, folder, chain)
    return _neuron(entries, label) if kind == "neuron" else _synapse(entries, label)


def _neuron(entries: dict[str, Any], label: str) -> Neuron:
    unknown({k: v for k, v in entries.items() if k not in _NEURON}, "the neuron", _NEURON, label)
    return Neuron(**entries)


def _synapse(entries: dict[str, Any], label: str) -> Synapse:
    entries |= {f"on_{key}": value for key, value in entries.pop("on", {}).items()}
    unknown({k: v for k, v in entries.items() if k not in _SYNAPSE}, "the synapse", _SYNAPSE, label)
    return Synapse(**entries)


def _part(model: Any, folder: Path | None, chain: Chain) -> Any:
    """An inline table, a library name, or a file beside the network's."""
    if isinstance(model, str) and folder is not None and model not in names():
        near = folder / model
        return _load(near if near.suffix == ".toml" else near.with_suffix(".toml"), chain)
    if isinstance(model, Mapping):
        return _from_dict(model, folder, chain)
    return _load(model, chain)


def _network(entries: dict[str, Any], label: str, folder: Path | None, chain: Chain) -> Network:
    unknown({k: v for k, v in entries.items() if k not in _NETWORK}, "the network", _NETWORK, label)
    run = table(entries.pop("run", {}), "[run]", '{dt = "0.1 ms"}', label)
    left = {k: v for k, v in run.items() if k not in ("dt", "duration", "seed", "scheme")}
    unknown(left, "[run]", ("dt", "duration", "seed", "scheme"), label)
    for key, kind in _ITEMS.items():
        tables = table(entries.pop(key, {}), f"[{key}]", f"[{key}.name]", label)
        entries[key] = {n: _item(kind, n, e, label, folder, chain) for n, e in tables.items()}
    entries["phases"] = tuple(
        _item(Phase, None, e, label, folder, chain) for e in entries.get("phases", ())
    )
    return Network(**entries, **run)


def _item(
    kind: Any, name: str | None, content: Any, label: str, folder: Path | None, chain: Chain
) -> Any:
    known = tuple(f for f in names_of(kind) if f != "name")
    where = f"{kind.__name__.lower()} {name or ''}".strip()
    entries = table(content, where, "{" + f"{known[0]} = ..." + "}", label)
    unknown({k: v for k, v in entries.items() if k not in known}, where, known, label)
    for key in needed(kind):
        if key in known and key not in entries:
            raise DefinitionError(
                f"{where} has no {key}", model=label, symbol=key, remedy=f"add {key} = ..."
            )
    given = dict(entries) if name is None else {"name": name, **entries}
    try:
        for part in ("neuron", "synapse", "network"):
            if part in given:
                given[part] = _part(given[part], folder, chain)
        return kind(**given)
    except DefinitionError as error:
        if error.model == name:
            error.model = None
        raise error.at(model=f"{label}.{name}" if name else label) from None
