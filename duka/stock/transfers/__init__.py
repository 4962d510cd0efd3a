"""Goods on their way from one place of the shop to another."""
