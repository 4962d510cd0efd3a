"""Pictures are known by their content and measured before they are unpacked."""

import pytest

from duka.platform import pictures
from tests.sales import papers


@pytest.mark.parametrize(
    ("file", "kind", "size"),
    [
        (papers.png(24, 16), "image/png", (24, 16)),
        (papers.png(2_000, 2_000), "image/png", (2_000, 2_000)),
        (papers.JPEG, "image/jpeg", (12, 8)),
    ],
)
def test_a_whole_picture_is_taken_whatever_it_is_called(file: bytes, kind: str, size: tuple[int, int]) -> None:
    assert (pictures.media_type(file), pictures.printable_size(file), pictures.fault(file)) == (kind, size, None)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "PNG or JPEG"),
        (b"GIF89a" + b"\0" * 50, "PNG or JPEG"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "PNG or JPEG"),
        (papers.png()[:20], "damaged"),
        (papers.png()[:-30], "damaged"),
        (papers.png(0, 5), "damaged"),
        (papers.JPEG[:60], "damaged"),
        (papers.JPEG[:-60], "damaged"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10" + b"\x01" * 40, "damaged"),
        (papers.png() + b"\0" * pictures.BYTES_MAX, "at most 512 kB"),
        (papers.png(2_001, 2_000), "at most 4,000,000 pixels"),
    ],
)
def test_what_cannot_be_printed_is_told_why(file: bytes, why: str) -> None:
    assert why in (pictures.fault(file) or "")
