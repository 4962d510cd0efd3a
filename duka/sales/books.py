"""What selling does to the books: everything goes through the customers' account (receivable), paid or not."""

from collections.abc import Sequence

from duka.ledger import chart
from duka.ledger.actions import Entry
from duka.payments.actions import Money
from duka.sales.pricing import Priced
from duka.sales.rules import Bill


def sold(priced: Priced, money: Sequence[Money]) -> list[Entry]:
    """Give the postings of a completed sale: what is owed, its taxes, what was paid, what the goods cost."""
    return [*owed(priced.bill, priced.cost_minor), *paid(money)]


def owed(bill: Bill, cost_minor: int) -> list[Entry]:
    """Give the postings of an invoice without its payments."""
    taxes = [Entry(chart.RECEIVABLE, chart.TAX_PAYABLE, tax.tax_minor) for tax in bill.taxes]
    return [
        Entry(chart.RECEIVABLE, chart.SALES, bill.net_minor),
        *taxes,
        Entry(chart.RECEIVABLE, chart.ROUNDING, bill.rounding_minor),
        Entry(chart.COST_OF_GOODS, chart.STOCK, cost_minor),
    ]


def credited(bill: Bill, cost_back_minor: int) -> list[Entry]:
    """Give the postings of a credit note: an invoice's, the other way round. `cost_back_minor` is the cost of the
    goods that came back."""
    return [Entry(entry.credit, entry.debit, entry.amount_minor) for entry in owed(bill, cost_back_minor)]


def paid(money: Sequence[Money]) -> list[Entry]:
    """Give the postings of payments toward an invoice."""
    return [Entry(chart.TENDER[each.method], chart.RECEIVABLE, each.amount_minor) for each in money]


def refunded(money: Sequence[Money]) -> list[Entry]:
    """Give the postings of money given back against a credit note."""
    return [Entry(chart.RECEIVABLE, chart.TENDER[each.method], each.amount_minor) for each in money]


def deposited(money: Sequence[Money]) -> list[Entry]:
    """Give the postings of money taken for a sale that has no invoice yet."""
    return [Entry(chart.TENDER[each.method], chart.CUSTOMER_DEPOSITS, each.amount_minor) for each in money]


def deposits_used(amount_minor: int) -> list[Entry]:
    """Give the posting that turns deposits into payment when the sale completes."""
    return [Entry(chart.CUSTOMER_DEPOSITS, chart.RECEIVABLE, amount_minor)]


def deposits_returned(money: Sequence[Money]) -> list[Entry]:
    """Give the postings of deposits handed back when an incomplete sale is cancelled."""
    return [Entry(chart.CUSTOMER_DEPOSITS, chart.TENDER[each.method], each.amount_minor) for each in money]
