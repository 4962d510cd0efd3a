"""Shops: who the tenant is, who works in it, where, and at which till.

Owns accounts and their sessions (`auth`), the shop and its settings (`profile`, `settings`), branches and locations,
registers with their codes and series, staff, roles and permissions, API keys, and reading the audit trail. How a
request gets into a shop at all is `entry`.

It promises: a shop sees itself only; each request is judged by what the caller's role allows now; nobody gives away
more than they have; there is always an owner who can manage the shop; a code in a document's number is never used
twice; passwords, keys and links are kept as hashes only.
"""
