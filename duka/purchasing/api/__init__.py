"""The doors to buying, a file a subject."""

from typing import Final

from duka.purchasing.api.bills import bills, payments, returns
from duka.purchasing.api.order_links import links, sending
from duka.purchasing.api.orders import orders
from duka.purchasing.api.receipts import receipts
from duka.purchasing.api.suggestions import suggested
from duka.purchasing.api.suppliers import prices, ratings, suppliers

ROUTERS: Final = (suppliers, prices, ratings, orders, sending, links, receipts, bills, payments, returns, suggested)
