"""Sweeps: from a plan over batches and parts to results that are read when they are needed."""
