"""The model library: one TOML file per model, found and read by `spikebridge.definition`."""
