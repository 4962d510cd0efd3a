"""Making goods out of others and taking them apart again."""
