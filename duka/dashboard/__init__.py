"""The dashboard: how the shop stands right now, each person as far as their role reaches.

It owns no table and changes nothing. Figures come from the totals of the days, which every sale keeps up in its own
transaction, and from short indexed looks at today; all of them are asked in one statement. Whoever is bound to a
branch sees that branch.
"""
