"""What goods are called and found by, without a database."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.catalog import codes, sheet, tree
from duka.platform.ids import new_id

ID = UUID("0190a0a0-0000-7000-8000-00000000002a")
TEXTS = st.text(min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_choices_survive_a_cell(choices: dict[str, str]) -> None:
    assert sheet.read_choices(sheet.choices_text(choices)) == choices


@pytest.mark.parametrize("text", ["size", "size: S: M", "size S; colour: red"])
def test_choices_that_are_no_pairs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="size: S"):
        sheet.read_choices(text)


def test_skus_are_made_of_the_name_and_never_twice() -> None:
    base = codes.sku_base("Café crème", ID)
    assert base == "CAF-AAAAAABK"
    assert codes.sku_base("शर्ट", ID) == "ITEM-AAAAAABK"
    choices = [{"colour": colour} for colour in ("Midnight Blue", "नीला", "काला", "midnight-blue")]
    assert codes.variant_skus("T", choices) == ["T-MIDNIGHTBLUE", "T", "T-2", "T-MIDNIGHTBLUE-2"]
    assert codes.variant_skus("T", [{}], {"T", "T-2"}) == ["T-3"]
    long = codes.variant_skus("T", [{"a": "X" * 60}, {"a": "X" * 61}])
    assert [len(sku) for sku in long] == [60, 62]


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_word_of_a_name_finds_it(name: str, brand: str) -> None:
    text = codes.search_text(name, "SKU-1", None, brand)
    assert all(word in text for word in codes.search_words(name))


def test_only_latin_accents_are_taken_off() -> None:
    assert codes.search_text("Crème ÉCLAIR", "A", None, "") == "creme eclair a"
    assert codes.search_words("किताब") == codes.search_text("किताब", "", None, "").split()
    assert codes.like_pattern(r"50%_\x") == r"%50\%\_\\x%"


def test_the_tree_knows_depth_and_height() -> None:
    top, middle, low, alone = (new_id() for _ in range(4))
    parents = {top: None, middle: top, low: middle, alone: None}
    assert [tree.depth(parents, each) for each in (None, top, low)] == [0, 1, 3]
    assert [tree.height(parents, each) for each in (top, middle, low, alone)] == [3, 2, 1, 1]
    assert tree.is_within(parents, low, top)
    assert not tree.is_within(parents, top, low)
