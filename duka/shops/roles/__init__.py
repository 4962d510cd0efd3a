"""Roles: what a kind of staff may do in the shop.

A shop starts with the preset roles and may add its own. Promises: nobody can make, change or give away a role that may
do more than they may themselves; the owner's role always has every permission; a role that somebody has, or had,
stays. What a permission means in words is said here once, for every screen.
"""
