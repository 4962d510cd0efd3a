"""Selling: from the cart to the invoice, and everything that can happen to a sale afterwards.

Owns carts, sales with their lines and steps, invoices with credit and debit notes, the daily totals, and what recorded
documents disagree with. What holds always:

- A sale is complete exactly when it has an invoice; stock, books and number happen in that one transaction.
- Lines, steps, invoices and payments are written once; what is true now stands on the sale's own row.
- Every price, discount and tax is computed here (`rules.bill`); a total that came with the sale is only compared.
- Numbers of a series have no gap and every document carries the hash of the one before it.
- A sale's id makes it the same sale however often it is sent; other content under the same id is a conflict.
- What is credited is never more than what was sold, what is paid never more than what is due.
"""
