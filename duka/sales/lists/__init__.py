"""Looking back at sales: lists as far as a role reaches, one sale with its history, the receipt to print again."""
