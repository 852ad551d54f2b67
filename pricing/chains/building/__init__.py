"""From raw figures and rules to the balanced base year of a chain."""
