"""Goods that are kept for somebody until a moment."""
