"""Stock: how much of every variant stands where, and why.

Owns the movements, the balances, the adjustments by hand and the requests for large ones, transfers, counts, the
sums of what stock was worth on each day, and what closing the costs changed.

What always holds:
- A movement is written once and never changed; each names the document and the line that caused it.
- A balance is the sum of its variant's movements at its location. It is written in the same statement as they are.
- Nothing goes below zero unless the shop allows it or the goods have left already. The check is made on the locked
  balance, never on a number read before.
- Balances are locked in the order of their variants, so that crossing documents wait and never deadlock.
- Who falls to the warning level emits `stock.low` once for each crossing.
- What leaves by a transfer is in no balance until it is received: in transit is what was dispatched and not received.
- A count's variance is against the balance at the moment of its last entry; what moves later does not disturb it.
- What a movement is worth is what its document said and what closings corrected since. Closing the costs depends on the
  days on which things happened alone, never on the order in which documents arrived, and adds rows only.
- What an adjustment is worth moves in the books with it, against the account its reason names.
"""
