"""Questions that take many solves to answer."""
