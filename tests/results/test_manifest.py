from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest

from spikebridge.results.columns import Columns, ColumnsError
from spikebridge.results.manifest import Timings, build_manifest, to_plain


def test_the_manifest_is_strict_json_and_complete(columns: Columns) -> None:
    again = json.loads(json.dumps(columns.manifest, allow_nan=False))
    assert again == columns.manifest
    assert again["parameters"] == {"tau": 10.0, "ceiling": "inf", "v": [0, 1, 2]}
    assert again["timings"] == {"build": 0.1, "run": 0.2, "collect": 0.3}
    assert again["versions"]["numpy"] == version("numpy")
    assert again["host"]["cpu_count"] >= 1
    assert {"definition_hash", "title", "seed", "dt", "scheme", "matches", "date"} <= again.keys()


def test_a_value_that_is_not_json_is_named() -> None:
    with pytest.raises(ColumnsError, match=r"at `manifest\.a\[1\]`"):
        to_plain({"a": [1, object()]})
    with pytest.raises(ColumnsError, match="not a text"):
        to_plain({1: 2})


def test_numpy_values_become_plain_ones() -> None:
    plain = to_plain({"b": np.bool_(True), "i": np.int32(3), "f": np.float32(0.5), "s": {"y", "x"}})
    assert plain == {"b": True, "i": 3, "f": 0.5, "s": ["x", "y"]}
    assert type(plain["i"]) is int


def test_extra_keys_are_added_but_replace_none() -> None:
    def made(**extra: object) -> dict[str, object]:
        return build_manifest(
            definition_hash="a", title="t", simulator="nest", parameters={}, seed=None, dt=0.1,
            duration=1.0, scheme="exact", matches={}, timings=Timings(0, 0, 0), extra=extra,
        )  # fmt: skip

    assert made(mpi_ranks=4)["mpi_ranks"] == 4
    with pytest.raises(ColumnsError, match="seed"):
        made(seed=1)


def test_asking_for_versions_imports_no_simulator() -> None:
    code = (
        "import sys; from spikebridge.results.manifest import versions; versions();"
        "print([m for m in ('brian2', 'nest', 'pynestml', 'neo', 'pyNN') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
