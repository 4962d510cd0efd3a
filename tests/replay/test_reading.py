"""The files as they are: doubled names, missing descriptions, two times, rows that are no lines."""

import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from duka.replay import online_retail
from duka.replay.bodies import made_id
from duka.replay.online_retail import FileNotReadable
from duka.replay.plan import Step, plan
from tests.replay.past import FILES, FOLDER, documents


def _steps() -> dict[str, Step]:
    return {step.document.ref: step for step in plan(documents()[0])}


def test_a_document_with_two_times_happened_at_the_first() -> None:
    first = documents()[0][0]
    assert first.ref == "600001"
    assert first.at == datetime(2010, 12, 1, 8, 26, tzinfo=online_retail.ZONE)
    assert first.customer_ref == "17850"


def test_the_order_of_the_files_does_not_matter() -> None:
    assert documents()[0] == documents(FILES[::-1])[0]


def test_a_code_has_its_most_frequent_description_and_else_its_own_name() -> None:
    named = online_retail.names(online_retail.read(FILES))
    assert named["85123A"] == "RED LANTERN"
    assert named["85123a"] == "RED LANTERN small"
    assert named["22001"] == "22001"
    assert named["22002"] == 'MUG "TEA, 1 PINT"'


def test_a_code_has_its_most_frequent_price_above_nothing() -> None:
    priced = online_retail.prices(online_retail.read(FILES))
    assert priced["85123A"] == 255
    assert priced["22002"] == 410


def test_rows_that_are_no_lines_say_why() -> None:
    told = {line.row: line.problem for line in online_retail.read([FILES[1]]) if line.problem}
    assert told == {
        5: "the price is finer than a penny",
        7: "the price is negative: a correction of the accounts, not a sale",
        10: "Quantity is not a whole number other than 0",
        11: "Quantity is not a whole number other than 0",
        12: "UnitPrice is not a number",
        13: "the amount or quantity is too large",
        14: "StockCode is empty",
        15: "InvoiceDate is not a time like 2010-12-01 08:26:00",
        16: "InvoiceNo is empty",
    }


def test_rows_without_a_document_are_not_lost() -> None:
    assert [line.row for line in documents()[1]] == [16, 15]


def test_amounts_finer_than_a_penny_are_exact() -> None:
    fine = next(line for line in online_retail.read([FILES[1]]) if line.row == 5)
    assert fine.amount_minor == Decimal("10.0")


def test_a_return_belongs_to_the_latest_line_with_enough_left() -> None:
    back = _steps()["C600007"].returned
    originals = [each.sold and (each.sold.document.ref, each.sold.place) for each in back]
    # Ten were sold on 600002: four and six of them come back. The last line has another price than was paid.
    assert originals == [("600002", 0), ("600002", 0), ("600001", 1), None]


def test_what_is_left_goes_back_to_the_sale_before() -> None:
    back = _steps()["C600020"].returned
    assert [each.sold and each.sold.document.ref for each in back] == ["600001", None]


def test_a_walk_ins_return_has_no_receipt() -> None:
    assert _steps()["C600009"].returned[0].sold is None


def test_lines_that_fit_no_document_are_refused_beside_those_that_do() -> None:
    steps = _steps()
    assert [each.why for each in steps["600021"].refused] == ["the price is finer than a penny"]
    assert len(steps["600021"].sold) == 1
    assert "letter" in steps["A600022"].refused[0].why
    assert "not a return" in steps["600024"].refused[0].why
    assert "less than nothing" in steps["C600025"].refused[0].why


def test_ids_are_version_7_and_the_same_each_time() -> None:
    at = datetime(2010, 12, 1, 8, 26, tzinfo=online_retail.ZONE)
    made = made_id(at, "sale", "600001")
    assert made == made_id(at, "sale", "600001")
    assert made != made_id(at, "sale", "600002")
    assert made.version == 7
    assert made.variant == UUID(int=0x2 << 62).variant
    assert made.int >> 80 == int(at.timestamp() * 1000)


def test_gzipped_files_and_old_encodings_are_read(tmp_path: Path) -> None:
    text = (FOLDER / "past-1.csv").read_text().replace("POSTAGE", "POSTAGE £")
    zipped, old = tmp_path / "a.csv.gz", tmp_path / "b.csv"
    zipped.write_bytes(gzip.compress(text.encode()))
    old.write_bytes(text.encode("cp1252"))
    for file in (zipped, old):
        assert online_retail.names(online_retail.read([file]))["POST"] == "POSTAGE £"


@pytest.mark.parametrize("content", [b"", b"Number,Item\n1,2\n", b"\x1f\x8bnot really"])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(FileNotReadable) as refused:
        list(online_retail.read([file]))
    assert refused.value.file == "other.csv"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotReadable, match="No such file"):
        list(online_retail.read([tmp_path / "gone.csv"]))
