"""Proofs of what a shop relies on."""
