"""NEST: built-in models, or NESTML text compiled once into an extension module."""
