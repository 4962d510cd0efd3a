"""Carts somebody put aside, to be taken up by whoever serves next, and the goods that are kept for them."""
