"""Proof that the records are right: reads everything a shop has written and names each row that cannot be.

Each invariant is a question to the database whose answer must be empty. It only reads, in one unmoving snapshot a
shop, as the app's own role, so it may run while shops sell. `invariants` says what one is, `registry` lists them by
number, `runner` runs them; the other files hold the questions, a file a subject.

What nothing else repeats cannot be proven: the unit, list price and tax class of a line, what was handed over, the
reference of a payment, the fingerprint of a request, fractions of a millisecond. Everything else of an issued
document is found when it is flipped, swapped, deleted or cut off. Whoever may change every table at once, and works
the chain out anew, is found only by a copy kept elsewhere: a backup, a customer's receipt.
"""
