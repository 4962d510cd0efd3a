"""Finding a customer at the till, and what they bought."""
