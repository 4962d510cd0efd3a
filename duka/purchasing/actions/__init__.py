"""What changes in buying, one verb a file: suppliers, orders and their steps, receipts, bills, payments, returns."""
