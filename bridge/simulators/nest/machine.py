"""What this machine offers for building NEST extension modules: compiler, headers, ABI.

Nothing here imports NEST. Every finding is cached for the life of the process.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ...errors import SimulatorMissing
from ...installed import version_of
from ...records import dataclass

INSTALL = 'pip install "spikebridge[nest]"'
COMPILER_REMEDY = "install a C++20 compiler (Debian: apt install g++), or set CXX to one"
_OWN_HEADERS = Path(__file__).with_name("include")


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler: the command, and the first line of its ``--version``."""

    command: tuple[str, ...]
    version: str


def distribution(name: str) -> str:
    """The installed version of a distribution; ``SimulatorMissing`` if there is none."""
    found = version_of(name)
    if found is None:
        raise SimulatorMissing(f"{name} is not installed", remedy=INSTALL)
    return found


@lru_cache(maxsize=1)
def nest_folder() -> Path:
    """The folder of the package ``nest``, found without importing it."""
    spec = find_spec("nest")
    if spec is None or spec.origin is None:
        raise SimulatorMissing("NEST is not installed", remedy=INSTALL)
    return Path(spec.origin).parent


@lru_cache(maxsize=1)
def kernel_library() -> Path:
    """NEST's compiled kernel, which extension modules take their symbols from."""
    for path in sorted(nest_folder().glob("nestkernel_api*.so")):
        return path
    raise SimulatorMissing(f"no nestkernel_api*.so in {nest_folder()}", remedy=INSTALL)


@lru_cache(maxsize=1)
def nest_headers() -> Path:
    """The folder of NEST's C++ headers: inside the wheel, or under a prefix."""
    inside = nest_folder() / "include" / "nest"
    for folder in (inside, Path(sys.prefix) / "include" / "nest"):
        if (folder / "nest_extension_interface.h").is_file():
            return folder
    raise SimulatorMissing(f"NEST's C++ headers are not in {inside}", remedy=INSTALL)


def compiler() -> Compiler:
    """The C++ compiler: ``CXX`` if set, else the first of c++, g++, clang++."""
    return _compiler(os.environ.get("CXX", ""), os.environ.get("PATH", ""))


@lru_cache(maxsize=8)
def _compiler(chosen: str, path: str) -> Compiler:
    commands = [chosen.split()] if chosen.strip() else [["c++"], ["g++"], ["clang++"]]
    for first, *rest in commands:
        if found := shutil.which(first, path=path):
            run = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
            if run.returncode == 0:
                return Compiler((found, *rest), run.stdout.splitlines()[0])
    tried = ", ".join(" ".join(command) for command in commands)
    raise SimulatorMissing(f"no working C++ compiler (tried: {tried})", remedy=COMPILER_REMEDY)


@lru_cache(maxsize=1)
def boost_headers() -> Path:
    """The include folder with Boost: from the package ``libboost-headers``, else the system."""
    spec = find_spec("libboost_headers")
    packages = (spec.submodule_search_locations or ()) if spec else ()
    for folder in [*(Path(p) / "include" for p in packages), *_system_folders()]:
        if (folder / "boost" / "type_index.hpp").is_file():
            return folder
    raise SimulatorMissing("the Boost headers are missing", remedy=INSTALL)


def gsl_headers() -> Path | None:
    """The include folder with GSL, or ``None``. Only NESTML's own ODE solver needs it."""
    for folder in _system_folders():
        if (folder / "gsl" / "gsl_odeiv2.h").is_file():
            return folder
    return None


def _system_folders() -> list[Path]:
    named = os.environ.get("CPLUS_INCLUDE_PATH", "").split(os.pathsep)
    usual = [str(Path(sys.prefix) / "include"), "/usr/include", "/usr/local/include"]
    return [Path(p) for p in [*named, *usual, "/opt/homebrew/include"] if p]


@lru_cache(maxsize=1)
def abi_flags() -> tuple[str, ...]:
    """The flag that makes our ``std::string`` the one of NEST's kernel.

    Read from the kernel's symbols: nest::'s functions take ``Ss`` (the old libstdc++ ABI, which
    the wheel for Linux has) or ``NSt7__cxx11...``, or libc++'s ``NSt3__1`` (no flag needed).
    """
    with (
        kernel_library().open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        if re.search(rb"_ZNK?4nest\w*NSt3__1", text):
            return ()
        if re.search(rb"_ZNK?4nest\w*NSt7__cxx1112basic_string", text):
            return ("-D_GLIBCXX_USE_CXX11_ABI=1",)
        if re.search(rb"_ZNK?4nest\w*E(?:RK|R|S0_|)Ss", text):
            return ("-D_GLIBCXX_USE_CXX11_ABI=0",)
    raise SimulatorMissing(
        f"cannot tell which C++ ABI {kernel_library()} was built with", remedy=INSTALL
    )


@lru_cache(maxsize=1)
def kernel_fingerprint() -> str:
    """Tells two builds of the same NEST version apart (wheel or source, with or without MPI)."""
    config = (nest_headers() / "config.h").read_bytes()
    return hashlib.sha256(config + str(kernel_library().stat().st_size).encode()).hexdigest()[:16]


def own_headers() -> Path:
    """The folder of spikebridge's own C++ headers."""
    return _OWN_HEADERS


def include_flags() -> list[str]:
    """Compiler arguments for every header an extension module needs."""
    folders = [own_headers(), nest_headers(), boost_headers(), gsl_headers()]
    # Naming /usr/include moves it ahead of the compiler's own folders and breaks #include_next.
    named = [f"-I{folder}" for folder in folders if folder not in (None, Path("/usr/include"))]
    return [*named, "-idirafter", str(own_headers() / "fallback")]
