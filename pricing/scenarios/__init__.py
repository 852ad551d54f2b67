"""Scenarios: what they may say, how they are read, patched, hashed and saved."""
