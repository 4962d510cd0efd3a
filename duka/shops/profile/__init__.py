"""The shop itself: its name, address and tax number, and everything its owner decides (`shops.settings`).

Promises: the currency never changes, because every amount in the books is in it; each change says which version it was
made from and stands in the audit trail, old and new.
"""
