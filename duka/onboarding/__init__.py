"""A new shop from nothing: the one place that knows what every domain puts into it.

Signing up makes the account, the shop, its owner's place, a first branch with its stock locations, a till, the role
presets, groups, tax classes and the chart of accounts in one transaction, so a shop is there whole or not at all.
Promises: the phone was proven by a code; an account that stands already is only told to who holds its phone; a shop's
web name is unique; its currency, time zone and financial year fit its country.
"""
