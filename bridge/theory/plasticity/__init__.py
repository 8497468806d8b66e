"""Plasticity and noise: drifts, fixed points, steady states and moments, from definitions."""
