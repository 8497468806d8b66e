"""Names that NESTML and NEST accept: what collides with theirs gets ``_x``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_KEYWORDS = """integer real string boolean void function inline return if elif else for while in
step inf and or not recordable kernel model state parameters internals update equations input
output continuous onReceive onCondition spike inhibitory excitatory true false True False TRUE
FALSE"""
_PREDEFINED = """e E pi t print println info warning resolution timestep steps emit_spike exp ln
log10 cos sin tan cosh sinh tanh erf erfc random_normal random_poisson random_uniform expm1 clip
pow max min abs ceil floor round delta integrate_odes convolve lambda"""
# Status keys of every node that keeps spikes for plasticity, and of every node.
_STATUS = """Ca archiver_length available beta_Ca capacity element_type elementsize frozen global_id
instantiations local model_id node_uses_wfr post_trace recordables receptor_types
synaptic_elements t_spike tau_Ca tau_minus tau_minus_triplet thread thread_local_id type_id vp
weight delay gsl_abs_error_tol gsl_rel_error_tol receptor_type synapse_model supports_precise_spikes
"""
# What C++ or NEST's headers define: keywords, and macros of math.h and the platform.
_C = """alignas auto bool break case catch char class const continue default delete do double enum
explicit export extern float friend goto int long mutable namespace new operator private protected
public register short signed sizeof static struct switch template this throw try typedef typeid
typename union unsigned using virtual volatile NAN INFINITY M_PI M_E NULL EOF errno linux unix
main std nest origin lag from to B_ P_ S_ V_ DEBUG logger_ calibrate init handle get_status
set_status pre_run_hook node"""
# Units that our own statements write; other units' names (V, h, m, n ...) serve as variables.
_UNITS = "s ms"
_AWKWARD = re.compile(r"^_|__|_$")
RESERVED = frozenset(f"{_KEYWORDS} {_PREDEFINED} {_STATUS} {_C} {_UNITS}".split())
OWN = frozenset({"refr_count", "refr_steps", "step_count", "t_now"})


def rename(names: Iterable[str], taken: Iterable[str] = ()) -> Mapping[str, str]:
    """Each name -> a name NESTML and C++ accept; different names stay different."""
    used = {*RESERVED, *OWN, *taken}
    wanted = list(names)
    result = {n: n for n in wanted if n not in used and not _AWKWARD.search(n)}
    used.update(result)
    for name in wanted:
        new = result.get(name) or re.sub(r"_+", "_", name).strip("_") or "x"
        while name not in result and new in used:
            new += "_x"
        used.add(new)
        result[name] = new
    return result


def port_names(names: Iterable[str], taken: Iterable[str]) -> Mapping[str, str]:
    """As `rename`, but different in upper case too, in which NESTML writes the names of ports."""
    used = {name.upper() for name in (*taken, *OWN)}
    result: dict[str, str] = {}
    for name, new in rename(names, taken).items():
        while new.upper() in used:
            new += "_in"
        used.add(new.upper())
        result[name] = new
    return result
