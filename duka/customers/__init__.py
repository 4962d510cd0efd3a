"""The people and businesses a shop knows by name: its registered customers.

Owns the table `customers` and nothing of what they bought; purchases are told by `sales`, which stands above.

- A phone belongs to one customer of a shop, in E.164; a customer may have none. So does a reference of another system.
- Customers are shared by all branches of the shop; another shop may know the same phone.
- Personal values live here and in the buyer's snapshot on a sale, never in the audit trail, events or logs.
- A customer whom any document names cannot be deleted (the foreign keys refuse it), only deactivated.
- `search` always holds the folded name, phone and e-mail of the same row.
- Selling on credit is decided by `credit_limit_minor`, which only those with `customers:credit` set.
"""
