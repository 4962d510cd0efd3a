"""Counting what is there while sales go on."""
