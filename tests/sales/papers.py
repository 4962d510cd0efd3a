"""Papers of two shops, as a till would print them: a phone shop in Mysuru under GST, a general store in Kampala."""

import base64
import struct
import zlib

from duka.platform.money import divide_half_up
from duka.sales.invoices.view import (
    BuyerBlock,
    Detail,
    HsnRow,
    InvoiceView,
    LineView,
    PaymentView,
    ShopBlock,
    TaxAmount,
    TaxTotal,
)


def png(width: int = 24, height: int = 16, colour: tuple[int, int, int] = (15, 118, 110)) -> bytes:
    """Draw a small picture of one colour, as a shop's logo."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# 12 x 8 pixels.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7"
    "gYKBTmCNl4x9lnN+gXz/wAALCAAIAAwBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oA"
    "CAEBAAA/AJB//9k="
)

MYSURU = ShopBlock(
    name="Chamundi Mobiles",
    address=("14, Devaraja Urs Road", "Mysuru 570001"),
    state="Karnataka (29)",
    phone="+91 98450 12345",
    email="sales@chamundi.example",
    tax_ids=(Detail(label="GSTIN", value="29ABCDE1234F1Z5"),),
)

KAMPALA = ShopBlock(
    name="Nakasero General Store",
    address=("Plot 7, Market Street", "Kampala"),
    phone="+256 772 123456",
    tax_ids=(Detail(label="TIN", value="1000123456"),),
)


def gst_line(
    description: str, hsn: str, quantity: int, price_minor: int, rate_percent: int, note: str = ""
) -> LineView:
    """A line taxed half by the centre and half by the state; `price_minor` without tax."""
    net_minor = quantity * price_minor
    half_minor = divide_half_up(net_minor * rate_percent, 200)
    half = f"{rate_percent / 2:g}%"
    return LineView(
        description=description,
        note=note,
        hsn=hsn,
        quantity=str(quantity),
        unit="pc",
        price_minor=price_minor,
        net_minor=net_minor,
        taxes=(
            TaxAmount(code="CGST", rate=half, amount_minor=half_minor),
            TaxAmount(code="SGST", rate=half, amount_minor=half_minor),
        ),
        total_minor=net_minor + 2 * half_minor,
    )


def tax_invoice(lines: tuple[LineView, ...] | None = None) -> InvoiceView:
    """A GST tax invoice to a registered buyer of the same state."""
    lines = lines or (
        gst_line(
            "Samsung Galaxy A16 5G, 8 GB / 128 GB, Blue Black",
            "85171300",
            1,
            1_567_797,
            18,
            note="IMEI 356938035643809",
        ),
        gst_line("USB-C cable 1 m, braided", "85444299", 3, 21_186, 18),
        gst_line("Tempered glass, fitted", "70071900", 2, 12_712, 18),
        gst_line("Umbrella, 3-fold", "66019900", 1, 40_000, 12),
    )
    net_minor = sum(line.net_minor for line in lines)
    by_rate: dict[tuple[str, str], list[int]] = {}
    by_hsn: dict[str, list[LineView]] = {}
    for line in lines:
        by_hsn.setdefault(line.hsn, []).append(line)
        for tax in line.taxes:
            sums = by_rate.setdefault((tax.code, tax.rate), [0, 0])
            sums[0] += line.net_minor
            sums[1] += tax.amount_minor
    exact_minor = sum(line.total_minor for line in lines)
    total_minor = divide_half_up(exact_minor, 100) * 100
    return InvoiceView(
        kind="tax_invoice",
        regime="gst",
        number="T2/2627/000123",
        issued_at="14 Nov 2026, 18:42",
        currency="INR",
        shop=MYSURU,
        branch="Devaraja Market",
        register="T2",
        cashier="Asha R.",
        buyer=BuyerBlock(
            name="Kaveri Electricals",
            address=("22, Sayyaji Rao Road", "Mysuru 570021"),
            phone="+91 99000 54321",
            state="Karnataka (29)",
            tax_ids=(Detail(label="GSTIN", value="29PQRSX9876K1Z2"),),
        ),
        place_of_supply="Karnataka (29)",
        lines=lines,
        subtotal_minor=net_minor,
        net_minor=net_minor,
        tax_totals=tuple(
            TaxTotal(code=code, rate=rate, net_minor=net, amount_minor=amount)
            for (code, rate), (net, amount) in sorted(by_rate.items())
        ),
        hsn_rows=tuple(
            HsnRow(
                hsn=hsn,
                net_minor=sum(line.net_minor for line in same),
                taxes=tuple(
                    TaxAmount(
                        code=tax.code,
                        rate=tax.rate,
                        amount_minor=sum(line.taxes[at].amount_minor for line in same),
                    )
                    for at, tax in enumerate(same[0].taxes)
                ),
            )
            for hsn, same in by_hsn.items()
        ),
        rounding_minor=total_minor - exact_minor,
        total_minor=total_minor,
        payments=(PaymentView(method="UPI", reference="431522098761", amount_minor=total_minor),),
        verification="9f3a 27c1 e08b 5d44",
        qr="upi://pay?pa=chamundi@okbank&pn=Chamundi%20Mobiles&am=19838.00&cu=INR&tr=T2-2627-000123",
        qr_label="Scan to pay by UPI",
        footer="Goods once sold are exchanged within 7 days with this invoice.\nThank you, please visit again.",
    )


def vat_invoice(lines: tuple[LineView, ...] | None = None) -> InvoiceView:
    """A Ugandan sale whose prices include 18 % VAT, part paid in cash with change."""
    lines = lines or (
        vat_line("Blue Band margarine 500 g", 2, 9_500),
        vat_line("Nomi washing powder 1 kg", 1, 11_000),
        vat_line("Kakira sugar", 5, 4_800, unit="kg"),
        vat_line("Bread, sliced, 1 kg", 1, 6_500, note="Zero-rated", taxed=False),
    )
    total_minor = sum(line.total_minor for line in lines)
    tax_minor = sum(tax.amount_minor for line in lines for tax in line.taxes)
    taxed_minor = sum(line.net_minor for line in lines if line.taxes)
    return InvoiceView(
        kind="tax_invoice",
        regime="vat",
        layout="80mm",
        number="K1/2627/004711",
        issued_at="14 Nov 2026, 09:05",
        currency="UGX",
        shop=KAMPALA,
        register="K1",
        cashier="Namusoke J.",
        prices_include_tax=True,
        lines=lines,
        subtotal_minor=total_minor,
        net_minor=total_minor - tax_minor,
        tax_totals=(TaxTotal(code="VAT", rate="18%", net_minor=taxed_minor, amount_minor=tax_minor),),
        total_minor=total_minor,
        payments=(PaymentView(method="Cash", amount_minor=total_minor + 3_500),),
        change_minor=3_500,
        verification="77ab 10c2 9d3e f001",
        qr="https://duka.example/v/K1-2627-004711",
        qr_label="Check this receipt",
        footer="Webale nnyo! Asante!\nGoods sold are not returnable without this receipt.",
    )


def vat_line(
    description: str, quantity: int, price_minor: int, unit: str = "pc", note: str = "", taxed: bool = True
) -> LineView:
    """A line whose price includes 18 % VAT, or one without tax."""
    total_minor = quantity * price_minor
    tax_minor = divide_half_up(total_minor * 1800, 11800) if taxed else 0
    return LineView(
        description=description,
        note=note,
        quantity=str(quantity),
        unit=unit,
        price_minor=price_minor,
        net_minor=total_minor - tax_minor,
        taxes=(TaxAmount(code="VAT", rate="18%", amount_minor=tax_minor),) if taxed else (),
        total_minor=total_minor,
    )
