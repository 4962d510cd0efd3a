"""Credit and debit notes: how much can still be credited of a line, what is paid out, which pieces come back."""
