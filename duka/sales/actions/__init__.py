"""What a shop does with sales, one verb a file."""
