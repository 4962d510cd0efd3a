"""Registers: the tills, and the codes under which they number documents.

Promises: a code stands for one register for ever, closed or not; a register's credential is shown once, kept as a hash
and delivers that register's documents and nothing else; closing a register closes its series, and numbers that are
still awaited are declared as a hole that the server signs.
"""
