"""``python -m spikebridge``: the command line."""

from .cli import main

main()
