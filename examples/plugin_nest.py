"""I have a PyNEST script and want my own equations in it.

    python examples/plugin_nest.py

`spikebridge.nest.install` makes a model known to the running kernel: the built-in where one has the
same steps, else a compiled module from the cache. ResetKernel forgets it, so it is called again.
"""

import nest

import spikebridge.nest as bridge


def once(model: str, match: bool) -> int:
    """The number of spikes of 100 cells between the user's own generator and recorder."""
    nest.ResetKernel()
    nest.set(resolution=0.1, rng_seed=1)
    lif = bridge.install(model, dt=0.1, match=match)
    cells = nest.Create(lif.name, 100, params=lif.parameters_for(V_rest="-55 mV", t_ref="2 ms"))

    noise = nest.Create("poisson_generator", params={"rate": 8000.0})
    recorder = nest.Create("spike_recorder")
    synapse = {
        "weight": 25.0 * lif.weight_factors["exc"],  # pA, as the definition's port takes it
        "delay": 1.0,
        "receptor_type": lif.receptor_types["exc"],
    }
    nest.Connect(noise, cells, "all_to_all", synapse)
    nest.Connect(cells, recorder)
    nest.Simulate(500.0)
    kind = "built-in" if lif.builtin else "compiled"
    print(f"{lif.name} ({kind}): {recorder.n_events} spikes of 100 cells in 500 ms")
    return int(recorder.n_events)


def main() -> None:
    nest.verbosity = nest.VerbosityLevel.ERROR
    builtin = once("neurons/lif_current", match=True)
    compiled = once("neurons/lif_current", match=False)
    print("same spikes" if builtin == compiled else "different spikes")


if __name__ == "__main__":
    main()
