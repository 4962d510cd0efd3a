"""The audit trail as people read it: who changed what, when, from where.

Entries are written by `platform.audit` in the transaction of the change and never change or vanish; here they are only
read. Personal values and secrets are not in them.
"""
