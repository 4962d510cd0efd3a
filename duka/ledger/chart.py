"""The default chart of accounts. Nobody needs to know accounting to run the shop; these work from the first sale."""

from typing import Final

CASH: Final = "1000"
MOBILE_MONEY: Final = "1010"
BANK: Final = "1020"
CARD: Final = "1030"
OTHER_TENDER: Final = "1090"
RECEIVABLE: Final = "1100"
STOCK: Final = "1200"
TAX_ON_PURCHASES: Final = "1300"
PAYABLE: Final = "2000"
RECEIVED_NOT_INVOICED: Final = "2100"
LANDED_COSTS: Final = "2110"
TAX_PAYABLE: Final = "2200"
CUSTOMER_DEPOSITS: Final = "2300"
OPENING_EQUITY: Final = "3000"
SALES: Final = "4000"
ROUNDING: Final = "4900"
COST_OF_GOODS: Final = "5000"
STOCK_LOSS: Final = "5100"
PRICE_VARIANCE: Final = "5200"
CASH_DIFFERENCE: Final = "5900"
DRAWER_OTHER: Final = "5910"

ACCOUNTS: Final[tuple[tuple[str, str, str], ...]] = (
    (CASH, "Cash in drawers", "asset"),
    (MOBILE_MONEY, "Mobile money", "asset"),
    (BANK, "Bank", "asset"),
    (CARD, "Card payments on the way", "asset"),
    (OTHER_TENDER, "Other means of payment", "asset"),
    (RECEIVABLE, "Owed by customers", "asset"),
    (STOCK, "Stock", "asset"),
    (TAX_ON_PURCHASES, "Tax on purchases", "asset"),
    (PAYABLE, "Owed to suppliers", "liability"),
    (RECEIVED_NOT_INVOICED, "Goods received, not invoiced", "liability"),
    (LANDED_COSTS, "Freight and duty, not invoiced", "liability"),
    (TAX_PAYABLE, "Tax on sales", "liability"),
    (CUSTOMER_DEPOSITS, "Customer deposits", "liability"),
    (OPENING_EQUITY, "Opening balances", "equity"),
    (SALES, "Sales", "income"),
    (ROUNDING, "Cash rounding", "income"),
    (COST_OF_GOODS, "Cost of goods sold", "expense"),
    (STOCK_LOSS, "Stock differences", "expense"),
    (PRICE_VARIANCE, "Purchase price differences", "expense"),
    (CASH_DIFFERENCE, "Cash differences", "expense"),
    (DRAWER_OTHER, "Cash put in and taken out", "expense"),
)

TENDER: Final[dict[str, str]] = {
    "cash": CASH, "mtn_momo": MOBILE_MONEY, "airtel_money": MOBILE_MONEY, "upi": BANK, "card": CARD,
    "bank_transfer": BANK, "other": OTHER_TENDER,
}  # fmt: skip
"""Where the money of each payment method lies."""
