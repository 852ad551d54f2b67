"""The equilibrium: unknowns, their conditions, the solver, and the solution."""
