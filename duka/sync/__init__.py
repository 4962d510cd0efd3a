"""What a device keeps of its shop, so that it can sell without a network.

A device first takes everything its person may see, page by page, and from then on only what changed. Both are one
question, `GET /api/sync/changes`, and one cursor. The cursor counts events of the shop's outbox by their position,
never by a time: a transaction that commits late has a later position, so nothing is skipped. What holds:

- Each change that shows in a row has an event that leads to the row; rows are read as they stand when asked.
- A first load is pinned to the position at its start: whatever changes while it runs is told again after it.
- A page holds nothing its person may not read. When what they may read changes, their cursor ends.

This domain owns no table. It reads the tables of all others, and writes none.
"""
