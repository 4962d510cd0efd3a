"""The numbers of a till: which documents came, which are still awaited."""
