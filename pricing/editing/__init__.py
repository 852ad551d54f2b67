"""Editing a scenario: what may be said and in what words, and what an edit does."""
