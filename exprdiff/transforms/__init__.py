"""Passes over graphs: differentiation, rewriting, contraction planning, and their order."""
