"""Single pieces and batches: serial numbers, IMEIs, expiry days, and where each piece has been."""
