"""Invoices and their paper: canonical bytes, number and chain, and what is printed of them.

They are issued once and never change.
"""
