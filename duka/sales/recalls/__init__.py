"""Who took a numbered piece or some of a batch, for a warranty or a recall."""
