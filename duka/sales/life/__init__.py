"""A sale after it was made: paid up, given back, corrected, reviewed, locked; each step from a state that allows it."""
