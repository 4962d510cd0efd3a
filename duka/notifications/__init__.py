"""Notifications: what people of the shop are told without asking.

A notification is one row for one event, addressed to everybody who holds a permission (in one branch, where the thing
belongs to one), not to persons: somebody hired tomorrow sees what is on the list today. It is written by a reader of
the outbox, in the transaction that moves the reader's place, and is unique for its event and kind; so a crash loses
none and a repeated job doubles none. It holds ids and amounts, never a personal value. Reading never changes one.
"""
