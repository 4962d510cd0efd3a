"""Purchasing: whom the shop buys from, what is on order, what came in, and what is owed for it.

Owns suppliers with what they supply, purchase orders, goods receipts, supplier bills, payments to suppliers and returns
to them.

What always holds:
- An order takes listed steps only (`rules.STEPS`); each leaves a row in its history and in the audit trail.
- A receipt is written once, whole: its lines, the goods' movements, the new costs, the books, the order's progress.
- What an order line has received is the sum of its receipts, and no more than was ordered plus the shop's tolerance.
- Stock is booked at what the movements of a receipt are worth; the rest of its rounding is a price difference.
- Goods received, not invoiced = what receipts brought, less what bills and returns took out of it again.
- A bill never bills more of a receipt's line than came in and was kept.
- What a supplier is owed = bills - payments - debit notes.
- All amounts are in the shop's own currency, prices are without recoverable tax.
"""
