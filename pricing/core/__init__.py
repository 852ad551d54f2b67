"""Foundations: declared objects, units, sources, safe files."""
