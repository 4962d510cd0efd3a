"""From the facts of a document to the texts on its paper: what is said, in which order, in the reader's language.

The templates only place these texts. `set_out` gives plain JSON values; every one of them is safe to print.
"""

from collections.abc import Sequence
from typing import Any, Final

from duka.platform import printing
from duka.platform.i18n import LANGUAGES, gettext
from duka.platform.printing import clean
from duka.sales.invoices.view import Detail, InvoiceView, LineView, TaxAmount
from duka.sales.invoices.words import amount_in_words

Paper = dict[str, Any]
"""What a template reads: texts ready to print, under the names the templates use."""

_GST_HEADS: Final = ("CGST", "SGST", "UTGST", "IGST", "CESS")


def set_out(view: InvoiceView) -> Paper:
    """Say everything the paper says. Pure; KeyError for a currency Duka does not know."""
    assert view.language in LANGUAGES
    codes = _tax_columns(view)
    return {
        "language": view.language,
        "gst": view.regime == "gst",
        "narrow": view.layout == "58mm",
        "title": _title(view),
        "mark": _mark(view),
        "copy": _say(view, "COPY") if view.copy else "",
        "number": clean(view.number),
        "seller": clean(view.shop.name),
        "shop": _shop(view),
        "buyer": _buyer(view),
        "facts": [_pair(view, label, value) for label, value in _facts(view) if value],
        "notices": [_text(view, notice) for notice in _notices(view)],
        "header": _text(view, view.header),
        "footer": _text(view, view.footer),
        "codes": [clean(code) for code in codes],
        "columns": _columns(view),
        "lines": [_line(view, number, line, codes) for number, line in enumerate(view.lines, start=1)],
        "sums": _sums(view),
        "summary": _hsn_summary(view, codes) if view.regime == "gst" and view.hsn_rows else _tax_summary(view),
        "payments": _payments(view),
        "words": amount_in_words(view.total_minor, view.currency, view.language),
        "words_label": _say(view, "Amount in words"),
        "page_of": _say(view, "Page {page} of {pages}"),
        "signed_for": _say(view, "For {shop}").replace("{shop}", _text(view, view.shop.name)),
        "signatory": _say(view, "Authorised signatory"),
        "verification": _pair(view, _say(view, "Verification"), view.verification),
        "qr": "",
        "qr_label": _text(view, view.qr_label),
        "logo": "",
        "logo_ratio": 1,
    }


def _say(view: InvoiceView, text: str) -> str:
    return gettext(text, view.language)


def _text(view: InvoiceView, text: str) -> str:
    return printing.typed(text, view.language)


def _figure(view: InvoiceView, amount_minor: int) -> str:
    return printing.figure(amount_minor, view.currency, view.language)


def _priced(view: InvoiceView, amount_minor: int) -> str:
    return printing.priced(amount_minor, view.currency, view.language)


def _pair(view: InvoiceView, label: str, value: str) -> Paper:
    return {"label": clean(label), "value": _text(view, value)}


def _details(view: InvoiceView, details: Sequence[Detail]) -> list[Paper]:
    return [_pair(view, detail.label, detail.value) for detail in details]


def _texts(view: InvoiceView, texts: Sequence[str]) -> list[str]:
    return [kept for kept in (_text(view, text) for text in texts) if kept]


def _title(view: InvoiceView) -> str:
    titles = {
        "tax_invoice": _say(view, "Tax invoice"),
        "invoice": _say(view, "Invoice"),
        "bill_of_supply": _say(view, "Bill of supply"),
        "credit_note": _say(view, "Credit note"),
        "debit_note": _say(view, "Debit note"),
        "payment_receipt": _say(view, "Payment receipt"),
        "quotation": _say(view, "Quotation"),
    }
    return titles[view.kind]


def _mark(view: InvoiceView) -> str:
    """Name the copy: CGST Rule 48 wants the buyer's one marked so; a reprint says that it is one."""
    if view.copy:
        return _say(view, "COPY")
    return _say(view, "Original for recipient") if view.regime == "gst" and view.kind == "tax_invoice" else ""


def _notices(view: InvoiceView) -> tuple[str, ...]:
    if view.kind in ("payment_receipt", "quotation"):
        return (_say(view, "This is not an invoice."), *view.notices)
    return view.notices


def _shop(view: InvoiceView) -> Paper:
    shop = view.shop
    state = f"{_say(view, 'State')}: {shop.state}" if shop.state else ""
    return {
        "name": _text(view, shop.name),
        "lines": _texts(view, [*shop.address, state, shop.phone, shop.email]),
        "tax_ids": _details(view, shop.tax_ids),
    }


def _buyer(view: InvoiceView) -> Paper | None:
    buyer = view.buyer
    if buyer is None:
        return None
    state = f"{_say(view, 'State')}: {buyer.state}" if buyer.state else ""
    return {
        "label": _say(view, "Bill to"),
        "name": _text(view, buyer.name),
        "lines": _texts(view, [*buyer.address, state, buyer.phone]),
        "tax_ids": _details(view, buyer.tax_ids),
        "delivery_label": _say(view, "Deliver to"),
        "delivery": _texts(view, buyer.delivery_address),
    }


def _facts(view: InvoiceView) -> list[tuple[str, str]]:
    """Give the head's facts in order; those without a value are left out."""
    invoice = view.kind in ("tax_invoice", "invoice")
    taxed = view.regime == "gst" and view.kind in ("tax_invoice", "credit_note", "debit_note")
    yes_no = _say(view, "Yes") if view.reverse_charge else _say(view, "No")
    return [
        (_say(view, "Invoice no.") if invoice else _say(view, "Number"), view.number),
        (_say(view, "Date"), view.issued_at),
        (_say(view, "Business day"), view.business_date),
        (_say(view, "For invoice"), view.original_number),
        (_say(view, "Invoice date"), view.original_date),
        (_say(view, "Place of supply"), view.place_of_supply),
        (_say(view, "Reverse charge"), yes_no if taxed else ""),
        *((detail.label, detail.value) for detail in view.details),
        (_say(view, "Branch"), view.branch),
        (_say(view, "Till"), view.register),
        (_say(view, "Served by"), view.cashier),
    ]


def _tax_columns(view: InvoiceView) -> list[str]:
    """Name the tax columns of a GST document, in the order the law names the heads."""
    if view.regime != "gst":
        return []
    rows = [line.taxes for line in view.lines] + [row.taxes for row in view.hsn_rows]
    used = {tax.code for taxes in rows for tax in taxes}
    return [code for code in _GST_HEADS if code in used] + sorted(used.difference(_GST_HEADS))


def _columns(view: InvoiceView) -> Paper:
    """Name the columns; those nobody needs are empty and not drawn."""
    gst = view.regime == "gst"
    price = _say(view, "Price incl. tax") if gst and view.prices_include_tax else _say(view, "Price")
    discounted = any(line.discount_minor for line in view.lines)
    taxed = any(line.taxes for line in view.lines)
    return {
        "description": _say(view, "Description"),
        "hsn": _say(view, "HSN/SAC") if any(line.hsn for line in view.lines) else "",
        "quantity": _say(view, "Qty"),
        "price": price,
        "discount": _say(view, "Discount") if discounted else "",
        "net": _say(view, "Taxable value") if gst and taxed else "",
        "rate": _say(view, "Tax") if view.regime == "vat" and taxed else "",
        "amount": _say(view, "Amount"),
    }


def _line(view: InvoiceView, number: int, line: LineView, codes: list[str]) -> Paper:
    with_tax = view.prices_include_tax or view.regime == "gst"
    return {
        "number": str(number),
        "description": _text(view, line.description),
        "note": _text(view, line.note),
        "hsn": _text(view, line.hsn),
        "quantity": _text(view, f"{line.quantity} {line.unit}"),
        "price": _figure(view, line.price_minor),
        "discount": _figure(view, -line.discount_minor) if line.discount_minor else "",
        "net": _figure(view, line.net_minor),
        "taxes": _by_code(view, line.taxes, codes),
        "rate": _text(view, ", ".join(f"{tax.code} {tax.rate}" for tax in line.taxes)),
        "amount": _figure(view, line.total_minor if with_tax else line.net_minor),
    }


def _by_code(view: InvoiceView, taxes: Sequence[TaxAmount], codes: list[str]) -> list[Paper]:
    """Put a row's taxes under their columns (two of one code together); one it has no tax for shows a dash."""
    cells = []
    for code in codes:
        mine = [tax for tax in taxes if tax.code == code]
        amount = _figure(view, sum(tax.amount_minor for tax in mine)) if mine else "–"
        cells.append({"rate": _text(view, " + ".join(tax.rate for tax in mine)), "amount": amount})
    return cells


def _sums(view: InvoiceView) -> list[Paper]:
    """Give the column of sums so that it adds up as read: with prices that include tax, taxes stay below it."""
    rows: list[tuple[str, int]] = []
    apart = bool(view.tax_totals) and (view.regime == "gst" or not view.prices_include_tax)
    if not (apart and view.prices_include_tax):
        rows.append((_say(view, "Subtotal"), view.subtotal_minor))
        if view.discount_minor:
            rows.append((_say(view, "Discount"), -view.discount_minor))
    if apart and (view.discount_minor or view.prices_include_tax):
        rows.append((_say(view, "Taxable value"), view.net_minor))
    if apart:
        rows.extend((f"{tax.code} {tax.rate}", tax.amount_minor) for tax in view.tax_totals)
    if view.rounding_minor:
        rows.append((_say(view, "Rounding"), view.rounding_minor))
    sums = [{"label": clean(label), "value": _figure(view, amount_minor)} for label, amount_minor in rows]
    return [*sums, {"label": _say(view, "Total"), "value": _priced(view, view.total_minor)}]


def _hsn_summary(view: InvoiceView, codes: list[str]) -> Paper:
    """Give taxable value and taxes by HSN code, as GST returns and many buyers ask for."""
    head = [_say(view, "HSN/SAC"), _say(view, "Taxable value"), *map(clean, codes), _say(view, "Total tax")]
    rows = []
    for row in view.hsn_rows:
        cells = _by_code(view, row.taxes, codes)
        taxes = [f"{cell['rate']} · {cell['amount']}" if cell["rate"] else cell["amount"] for cell in cells]
        total = _figure(view, sum(tax.amount_minor for tax in row.taxes))
        rows.append([_text(view, row.hsn), _figure(view, row.net_minor), *taxes, total])
    return {"head": head, "rows": rows}


def _tax_summary(view: InvoiceView) -> Paper:
    """Give net, tax and gross by rate, as VAT invoices show them; nothing where no taxes are shown."""
    head = [_say(view, "Tax"), _say(view, "Net"), _say(view, "Tax amount"), _say(view, "Gross")]
    rows = [
        [
            clean(f"{tax.code} {tax.rate}"),
            _figure(view, tax.net_minor),
            _figure(view, tax.amount_minor),
            _figure(view, tax.net_minor + tax.amount_minor),
        ]
        for tax in (view.tax_totals if view.regime == "vat" else ())
    ]
    return {"head": head, "rows": rows}


def _payments(view: InvoiceView) -> list[Paper]:
    """Give the payments, the change and what is still owed."""
    rows = [
        {
            "label": _text(view, payment.method),
            "note": _text(view, payment.reference),
            "value": _figure(view, payment.amount_minor),
            "strong": False,
        }
        for payment in view.payments
    ]
    if view.change_minor:
        change = _figure(view, view.change_minor)
        rows.append({"label": _say(view, "Change"), "note": "", "value": change, "strong": False})
    if view.balance_minor:
        owed = _priced(view, view.balance_minor)
        rows.append({"label": _say(view, "Balance due"), "note": "", "value": owed, "strong": True})
    return rows
