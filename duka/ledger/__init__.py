"""The ledger: the shop's books, kept by what the shop does and readable without knowing accounting.

Owns the chart of accounts and the postings.

What always holds:
- A posting moves an amount above 0 from one account (credit) to another (debit), in one row: an entry that does not
  balance cannot be written, and the trial balance is 0 whatever happens.
- A posting is written once and never changed or deleted; what was wrong is countered by new postings.
- Each posting names the document that caused it and is written in that document's own statement.
- `business_date` is the day it happened; `posted_on` the day it counts in the books.
- Amounts are in minor units of the shop's currency.
"""
