"""Draws of uncertain numbers, and what they say about results."""
