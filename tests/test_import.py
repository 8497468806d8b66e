"""`import spikebridge` is cheap and loads no simulator; the public names are there on use."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys

import pytest

HEAVY = ("brian2", "nest", "pynestml", "sympy", "scipy", "neo", "matplotlib", "elephant", "pandas")


def cpu_seconds(code: str) -> float:
    """Processor time of a child Python: unlike the wall clock it holds on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_takes_less_than_a_fifth_of_a_second() -> None:
    cpu_seconds("import spikebridge")  # writes the byte code
    ours = statistics.median(cpu_seconds("import spikebridge") for _ in range(5))
    bare = statistics.median(cpu_seconds("pass") for _ in range(5))
    assert ours - bare < 0.2


@pytest.mark.parametrize(
    "code", ["import spikebridge", "import spikebridge; spikebridge.SpikebridgeError"]
)
def test_import_loads_nothing_heavy(code: str) -> None:
    loaded = {name.partition(".")[0] for name in modules_after(code)}
    assert not loaded & set(HEAVY)


def test_public_names_resolve() -> None:
    import spikebridge

    for name in spikebridge.__all__:
        assert getattr(spikebridge, name) is not None
    assert set(spikebridge.__all__) <= set(dir(spikebridge))


def test_definitions_load_no_simulator() -> None:
    loaded = {name.partition(".")[0] for name in modules_after("from spikebridge import Network")}
    assert not loaded & {"brian2", "nest", "pynestml", "pyNN"}


def test_unknown_name_is_an_attribute_error() -> None:
    import spikebridge

    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = spikebridge.nonsense


def test_compare_stays_the_function_beside_the_subpackage() -> None:
    modules = (
        "import spikebridge.compare.align, spikebridge.compare as first, spikebridge as sb\n"
        "from spikebridge import compare\n"
        "assert callable(sb.compare) and callable(compare), sb.compare"
    )
    assert "spikebridge.compare.align" in modules_after(modules)


def test_a_known_network_needs_no_slow_modules() -> None:
    """What nothing in a run of built-ins needs is not imported: each costs milliseconds."""
    run = (
        "import spikebridge as sb\n"
        "from spikebridge import api\n"
        "net = sb.load('networks/brunel2000', order=10, native=True)\n"
        "api.prepare(net, 'nest', duration='1 ms')\n"
    )
    modules_after(run)  # derives and keeps what is not known yet
    slow = {"inspect", "dataclasses", "fractions", "numpy.ma", "platformdirs", "importlib.metadata"}
    assert not modules_after(run) & (slow - modules_after("import numpy"))
