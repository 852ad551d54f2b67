"""Tidy tables, short text reports, charts and exports of solved scenarios."""
