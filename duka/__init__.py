"""Duka: the system a small shop runs on: till, invoices, stock, cash and books."""

__version__ = "0.1.0"
