"""API keys: how other programs work with the shop.

Promises: a key is shown once and kept as a hash; it never may do more than who made it, neither when it is made nor
later; it ends when it is revoked, when it expires, and when who made it leaves.
"""
