"""Branches: the places where the shop's people work, and the locations inside them where stock stands.

Promises: a new branch can sell at once (it has a showroom and a back-office till); each branch has one active
showroom, which its tills sell from; a branch with history is deactivated and never deleted; the shop always has one
active branch.
"""
