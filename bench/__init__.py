"""Duka measured against the floor: the same work done by the database alone, in the same run.

`./dev bench sale | users | lookup | growth`. No product code imports this; nothing here is asserted in tests.
"""
