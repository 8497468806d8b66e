"""The NESTML toolchain on the real compiler, NESTML and NEST."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pynestml")

from spikebridge.errors import SimulationFailed, SimulatorMissing
from spikebridge.simulators.nest import cache, machine
from spikebridge.simulators.nest.toolchain import Module, build, build_each, doctor

LIF = """
model {name}:
    state:
        V real = 0
        I_exc real = 0
        I_inh real = 0
        refr_count integer = 0
    parameters:
        P_VV real = 0.99
        P_Ve real = 0.0
        P_Vi real = 0.0
        P_V0 real = 0.0
        P_ee real = 0.9
        P_ii real = 0.9
        V_th real = -50
        V_reset real = -60
        refr_steps integer = 50
    input:
        exc <- spike
        inh <- spike
    output:
        spike
    update:
        if refr_count > 0:
            refr_count -= 1
        if refr_count > 0:
            I_exc = P_ee * I_exc
            I_inh = P_ii * I_inh
        else:
            V = P_VV * V + P_Ve * I_exc + P_Vi * I_inh + P_V0
            I_exc = P_ee * I_exc
            I_inh = P_ii * I_inh
    onReceive(exc):
        I_exc += exc * 1 s
    onReceive(inh):
        I_inh += inh * 1 s
    onCondition(refr_count == 0 and V >= V_th):
        V = V_reset
        refr_count = refr_steps + 1
        emit_spike()
"""
COUNTER = """
model {name}:
    state:
        x real = 0
    parameters:
        dx real = 1
    update:
        x = x + dx
"""
EVENTS = """
model {name}:
    state:
        arrivals real = 0
    input:
        spikes <- spike
    output:
        spike
    onReceive(spikes):
        arrivals = arrivals + 1
"""


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPIKEBRIDGE_CACHE", str(tmp_path))
    return tmp_path / "nestml"


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPIKEBRIDGE_CACHE", str(folder))
        yield folder / "nestml"


@pytest.fixture(scope="module")
def modules(shared_cache: Path) -> list[Module]:
    texts = {"sbt_lif": LIF, "sbt_counter": COUNTER, "sbt_events": EVENTS}
    return build_each({name: text.format(name=name) for name, text in texts.items()})


def _child(code: str, *arguments: object, folder: Path) -> str:
    """Run NEST in a process of its own, so that tests share no kernel."""
    environment = {**os.environ, "SPIKEBRIDGE_CACHE": str(folder.parent), "PYNEST_QUIET": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, timeout=300, env=environment, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


PRELUDE = """
import json, sys, numpy as np
from pathlib import Path
from spikebridge.simulators.nest.toolchain import Module, install
import nest
nest.verbosity = nest.VerbosityLevel.ERROR
modules = [Module(Path(p).stem, Path(p), (m,), "", 0.0, True)
           for p, m in (a.split("=") for a in sys.argv[1:])]
"""


def _arguments(modules: list[Module]) -> list[str]:
    return [f"{module.path}={module.models[0]}" for module in modules]


def test_doctor_finds_all_without_importing_a_simulator() -> None:
    code = (
        "import sys; from spikebridge.simulators.nest.toolchain import doctor\n"
        "assert all(c.ok for c in doctor()), doctor()\n"
        "assert not {'nest', 'pynestml'} & set(sys.modules)"
    )
    _child(code, folder=cache.root())


def test_modules_are_complete_and_alone_in_the_cache(
    modules: list[Module], shared_cache: Path
) -> None:
    for module in modules:
        assert module.path.is_absolute() and module.path.is_file()
        assert module.path.stem == module.name and module.name.endswith("module")
        names = {p.name for p in module.path.parent.iterdir()}
        assert names == {module.path.name, "module.json", f"{module.models[0]}.nestml"}
    visible = {p.name for p in shared_cache.iterdir() if not p.name.startswith(".")}
    assert visible == {module.key for module in modules}


def test_second_build_comes_from_the_cache(modules: list[Module]) -> None:
    text = {"sbt_lif": LIF.format(name="sbt_lif")}
    start = time.perf_counter()
    again = build(text)
    assert time.perf_counter() - start < 0.5
    assert again.cached and again.path == modules[0].path
    assert again.seconds == pytest.approx(modules[0].seconds)


def test_install_is_idempotent_survives_reset_and_is_silent(
    modules: list[Module], shared_cache: Path
) -> None:
    code = (
        PRELUDE
        + """
for _ in range(2):
    for module in modules: install(module); install(module)
    assert {m.models[0] for m in modules} <= set(nest.node_models)
    nest.Create("sbt_counter")
    install(modules[0])
    nest.ResetKernel()
"""
    )
    assert _child(code, *_arguments(modules), folder=shared_cache) == ""


def test_install_after_nodes_and_of_broken_files_names_the_cause(
    modules: list[Module], shared_cache: Path, tmp_path: Path
) -> None:
    source = tmp_path / "brokenmodule.cpp"
    source.write_text("void nowhere(); struct M { M() { nowhere(); } } brokenmodule_LTX_module;")
    broken = tmp_path / "brokenmodule.so"
    flags = ["-shared", "-fPIC", "-Wl,-z,now", str(source), "-o", str(broken)]
    subprocess.run([*machine.compiler().command, *flags], check=True)
    code = (
        PRELUDE
        + """
from spikebridge.errors import SimulationFailed
lif, broken = modules
try: install(broken)
except SimulationFailed as error: print(error)
nest.Create("iaf_psc_exp")
try: install(lif)
except SimulationFailed as error: print(error)
"""
    )
    arguments = [*_arguments(modules[:1]), f"{broken}=x"]
    first, second = _child(code, *arguments, folder=shared_cache).splitlines()
    assert "undefined symbol" in first and "nowhere" in first
    assert "already has nodes" in second


CUBA = (
    PRELUDE
    + """
def run(model):
    nest.ResetKernel()
    for module in modules: install(module)
    nest.resolution, h, n = 0.1, 0.1, 400
    p = dict(tau_m=20., C_m=200., E_L=-49., V_th=-50., V_reset=-60., t_ref=5.,
             tau_syn_ex=5., tau_syn_in=10.)
    rest = "V_m"
    if model != "iaf_psc_exp":
        def propagator(tau):
            return (np.exp(-h / tau) - np.exp(-h / 20.)) / (200. * (1 / 20. - 1 / tau))
        k = np.exp(-h / 20.)
        p = dict(P_VV=k, P_Ve=propagator(5.), P_Vi=propagator(10.), P_V0=(1 - k) * -49.,
                 P_ee=np.exp(-h / 5.), P_ii=np.exp(-h / 10.), refr_steps=50)
        rest = "V"
    cells = nest.Create(model, n, params=p)
    cells.set({rest: np.random.default_rng(1).uniform(-60, -50, n)})
    pre, post = np.nonzero(np.random.default_rng(2).random((n, n)) < 0.2)
    for port, (chosen, weight) in enumerate(((pre < 320, 16.2), (pre >= 320, -90.)), 1):
        k = int(chosen.sum())
        syn = dict(weight=np.full(k, weight), delay=np.full(k, 0.1), synapse_model="static_synapse")
        if rest == "V": syn["receptor_type"] = port
        nest.Connect(pre[chosen] + 1, post[chosen] + 1, "one_to_one", syn)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(300.)
    events = recorder.events
    steps = np.rint(events["times"] / h).astype(int)
    return sorted(zip(steps.tolist(), events["senders"].tolist()))
built_in, ours = run("iaf_psc_exp"), run("sbt_lif")
print(len(built_in), built_in == ours)
"""
)


def test_explicit_lif_fires_as_the_built_in(modules: list[Module], shared_cache: Path) -> None:
    count, equal = _child(CUBA, *_arguments(modules[:1]), folder=shared_cache).split()
    assert int(count) > 300 and equal == "True"


def test_events_of_weight_zero_and_cancelling_events_still_arrive(
    modules: list[Module], shared_cache: Path
) -> None:
    code = (
        PRELUDE
        + """
for module in modules: install(module)
cell = nest.Create("sbt_events")
source = nest.Create("spike_generator", params=dict(spike_times=[1.0, 2.0, 5.0]))
parrots = nest.Create("parrot_neuron", 2)
nest.Connect(source, parrots)
for parrot, weight in zip(parrots, (3.0, -3.0)):
    nest.Connect(parrot, cell, syn_spec=dict(weight=weight, delay=1.0))
nest.Connect(parrots[0], cell, syn_spec=dict(weight=0.0, delay=2.0))
nest.Simulate(20.0)
print(cell.arrivals)
"""
    )
    # At 3, 4 and 7 ms a pair cancels; at 4, 5 and 8 ms a weight of zero arrives.
    assert float(_child(code, *_arguments(modules[2:]), folder=shared_cache)) == 5


def test_nestml_errors_are_told_and_nothing_is_kept(empty_cache: Path) -> None:
    wrong = COUNTER.format(name="sbt_wrong").replace("x + dx", "x + nonsense")
    with pytest.raises(SimulationFailed, match="nonsense") as caught:
        build({"sbt_wrong": wrong})
    assert caught.value.model == "sbt_wrong"
    _assert_nothing_half_written(empty_cache)


def test_one_faulty_model_of_two_is_not_left_out_silently(empty_cache: Path) -> None:
    wrong = COUNTER.format(name="sbt_wrong").replace("x + dx", "x + ")
    with pytest.raises(SimulationFailed):
        build({"sbt_wrong": wrong, "sbt_good": COUNTER.format(name="sbt_good")})
    _assert_nothing_half_written(empty_cache)


def test_compiler_errors_are_told_and_logged(empty_cache: Path) -> None:
    with pytest.raises(SimulationFailed, match="nonsense") as caught:
        build({"sbt_x": COUNTER.format(name="sbt_x")}, flags=["-fnonsense"])
    log = Path((caught.value.remedy or "").removeprefix("whole output: "))
    assert "nonsense" in log.read_text()
    _assert_nothing_half_written(empty_cache)


def test_the_users_flags_come_last_and_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikebridge.simulators.nest.modules import compile_command

    monkeypatch.setenv("CXXFLAGS", "-O1 -DNAME='a b'")
    command = compile_command(["-Dlast"])
    assert command[-3:] == ["-O1", "-DNAME=a b", "-Dlast"]
    assert command.index("-O3") < command.index("-O1")


def test_missing_gsl_is_told(empty_cache: Path) -> None:
    if machine.gsl_headers():
        pytest.skip("GSL is installed here")
    text = """
model sbt_native:
    state:
        x real = 1
    equations:
        x' = -x * x / (1 ms)
    update:
        integrate_odes()
"""
    with pytest.raises(SimulatorMissing, match="libgsl-dev"):
        build({"sbt_native": text})
    _assert_nothing_half_written(empty_cache)


def test_missing_compiler_is_told(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(SimulatorMissing, match=r"no-such-compiler.*apt install g\+\+"):
        build({"sbt_x": COUNTER.format(name="sbt_x")})
    row = next(check for check in doctor() if check.name == "C++ compiler")
    assert not row.ok and "CXX" in row.remedy
    assert not empty_cache.exists()


BUILD = """
import sys
from spikebridge.simulators.nest.toolchain import build
print(build({"sbt_race": sys.argv[1]}).cached)
"""


def test_processes_that_want_one_model_build_it_once_even_if_one_is_killed(
    empty_cache: Path,
) -> None:
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", BUILD, COUNTER.format(name="sbt_race")],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    killed = start()
    while not list(empty_cache.glob(".*.build-*/work/cpp/unit.cc")):
        assert killed.poll() is None
        time.sleep(0.02)
    racers = [start() for _ in range(3)]
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert sorted(racer.communicate(timeout=300)[0].strip() for racer in racers) == [
        "False", "True", "True",
    ]  # fmt: skip
    _assert_nothing_half_written(empty_cache, modules=1)


def _assert_nothing_half_written(folder: Path, modules: int = 0) -> None:
    assert not list(folder.glob(".*.build-*"))
    whole = [p for p in folder.glob("[0-9a-f]*") if p.is_dir() and p.name != "failed"]
    assert len(whole) == modules
    assert all(list(p.glob("*module.so")) for p in whole)
