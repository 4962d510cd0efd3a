"""Payments: money taken and given back, and the drawer it lies in.

Owns the payments toward documents, the register sessions, and the cash put into or taken out of a drawer.

What always holds:
- A payment is written once, in the statement of the document it is for; giving money back is a payment out.
- Only cash gives change: what counts is never more than what is due.
- A register has one open session; its business date is fixed when it opens and never altered.
- What a drawer should hold is its float, plus cash taken and put in, less cash given back and taken out. It is summed
  when the session closes, while nobody can add to it; the difference to the count is posted then.
- Cash that becomes known after the close amends what was expected, and takes as much from the difference posted.
- A payment that comes before the opening of its drawer lies in it from the moment the opening is known.
- Recorded documents happened: they are stored whether a session is open, closed, or opened twice.
"""
