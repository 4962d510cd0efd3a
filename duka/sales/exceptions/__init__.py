"""What waits to be settled: where recorded documents disagree with the shop, and papers that were set aside."""
