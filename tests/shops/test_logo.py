"""The shop's logo: set and removed by who decides for the whole shop, known to every till, on every paper."""

from typing import Any

import httpx2
import pytest

from duka.platform.edge import House
from duka.sales.invoices import paper
from duka.sales.invoices import queries as invoice_queries
from tests.sales import papers
from tests.sales.till import sold
from tests.world import Person, Shop, hire, open_a_shop, stock_up

PATH = "/api/settings/logo"


async def _send(client: httpx2.AsyncClient, who: Person, file: bytes, name: str = "logo.png") -> httpx2.Response:
    return await client.put(PATH, files={"file": (name, file)}, headers=who.headers)


async def _set(client: httpx2.AsyncClient, shop: Shop, file: bytes) -> str:
    answer = await _send(client, shop.owner, file)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["logo"])


async def _told(client: httpx2.AsyncClient, shop: Shop) -> list[Any]:
    """What each place that tells settings says of the logo."""
    told = [await client.get(path, headers=shop.owner.headers) for path in ("/api/settings", "/api/settings/till")]
    pulled = await client.get("/api/sync/changes", headers=shop.owner.headers)
    (row,) = next(part["rows"] for part in pulled.json()["data"]["changes"] if part["kind"] == "settings")
    return [*(answer.json()["data"]["logo"] for answer in told), row["logo"]]


async def test_a_shop_begins_without_a_logo(client: httpx2.AsyncClient, shop: Shop) -> None:
    assert await _told(client, shop) == [None, None, None]
    none = await client.get(PATH, headers=shop.owner.headers)
    assert (none.status_code, none.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_it_is_kept_as_it_was_sent_and_named_by_its_content(client: httpx2.AsyncClient, shop: Shop) -> None:
    first = await _set(client, shop, papers.png())
    second = await _set(client, shop, papers.JPEG)
    assert first != second
    assert await _told(client, shop) == [second, second, second]
    kept = await client.get(PATH, headers=shop.owner.headers)
    assert (kept.content, kept.headers["content-type"]) == (papers.JPEG, "image/jpeg")
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in kept.headers["content-security-policy"]


async def test_it_is_sent_again_only_when_it_is_another_one(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _set(client, shop, papers.png())
    tag = (await client.get(PATH, headers=shop.owner.headers)).headers["etag"]
    known = {**shop.owner.headers, "If-None-Match": tag}
    assert (await client.get(PATH, headers=known)).status_code == 304
    await _set(client, shop, papers.png(48, 16))
    assert (await client.get(PATH, headers=known)).status_code == 200


async def test_a_picture_is_known_by_its_content_not_by_its_name(client: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await client.put(
        PATH, files={"file": ("page.html", papers.JPEG, "text/html")}, headers=shop.owner.headers
    )
    assert answer.status_code == 200, answer.text
    assert (await client.get(PATH, headers=shop.owner.headers)).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG or JPEG"),
        (papers.png()[:-30], "damaged"),
        (papers.png() + b"\0" * 512 * 1024, "512 kB"),
        (papers.png(3_000, 3_000), "4,000,000 pixels"),
    ],
)
async def test_what_cannot_be_printed_is_refused_and_the_old_one_stays(
    client: httpx2.AsyncClient, shop: Shop, file: bytes, why: str
) -> None:
    stands = await _set(client, shop, papers.png())
    refused = await _send(client, shop.owner, file)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert why in refused.json()["error"]["details"]["file"][0]
    assert await _told(client, shop) == [stands, stands, stands]


async def test_a_form_holds_the_file_and_nothing_else(client: httpx2.AsyncClient, shop: Shop) -> None:
    empty = await client.put(PATH, files={"picture": ("logo.png", papers.png())}, headers=shop.owner.headers)
    more = await client.put(
        PATH, files={"file": ("logo.png", papers.png())}, data={"colour": "red"}, headers=shop.owner.headers
    )
    assert [list(answer.json()["error"]["details"]) for answer in (empty, more)] == [["file"], ["colour"]]


async def test_it_is_removed_and_removing_it_again_changes_nothing(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _set(client, shop, papers.png())
    for _ in range(2):
        gone = await client.delete(PATH, headers=shop.owner.headers)
        assert (gone.status_code, gone.json()["data"]) == (200, {"logo": None})
    assert await _told(client, shop) == [None, None, None]


async def test_each_change_stands_in_the_audit_trail_once(client: httpx2.AsyncClient, shop: Shop) -> None:
    first = await _set(client, shop, papers.png())
    assert await _set(client, shop, papers.png()) == first
    second = await _set(client, shop, papers.JPEG)
    await client.delete(PATH, headers=shop.owner.headers)
    trail = await client.get("/api/audit-logs?entity=shop&action=update", headers=shop.owner.headers)
    entries = [
        await client.get(f"/api/audit-logs/{row['id']}", headers=shop.owner.headers) for row in trail.json()["data"]
    ]
    assert [entry.json()["data"]["changes"] for entry in entries] == [
        [{"field": "logo", "before": before, "after": after}]
        for before, after in ((second, None), (first, second), (None, first))
    ]


async def test_who_decides_for_the_whole_shop_sets_it_and_everybody_sees_it(
    client: httpx2.AsyncClient, shop: Shop, house: House
) -> None:
    await _set(client, shop, papers.png())
    cashier, supervisor = await hire(shop, "staff"), await hire(shop, "supervisor")
    bound = await hire(shop, "owner", branch_id=shop.branch_id)
    for person in (cashier, supervisor, bound):
        assert (await client.get(PATH, headers=person.headers)).content == papers.png()
        refused = [await _send(client, person, papers.JPEG), await client.delete(PATH, headers=person.headers)]
        assert [answer.status_code for answer in refused] == [403, 403]
    other = await open_a_shop(house)
    assert (await client.get(PATH, headers=other.owner.headers)).status_code == 404
    assert (await client.delete(PATH, headers=other.owner.headers)).status_code == 200
    assert (await client.get(PATH, headers=shop.owner.headers)).content == papers.png()


async def test_papers_carry_the_logo_of_today(client: httpx2.AsyncClient, shop: Shop) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    pending = await sold(client, shop, (cable, 2), paid=500)
    pdfs = (
        f"/api/sales/receipt/{sale['id']}", f"/api/invoices/{sale['invoice']['id']}/pdf",
        f"/api/sales/receipt/{pending['id']}?layout=58mm",
    )  # fmt: skip

    async def pictures() -> list[int]:
        answers = [await client.get(path, headers=shop.owner.headers) for path in pdfs]
        return [answer.content.count(b"/Subtype/Image") for answer in answers]

    assert await pictures() == [0, 0, 0]
    await _set(client, shop, papers.png())
    assert await pictures() == [1, 1, 1]
    async with shop.asking() as ctx:
        found = await invoice_queries.paper_of_sale(ctx, sale["id"])
    assert paper.set_down(found, "a4", copy=True).shop.logo == papers.png()
