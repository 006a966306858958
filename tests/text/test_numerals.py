from __future__ import annotations

import pytest

from callaudit.text.normalize import fold
from callaudit.text.numerals import number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("四十五块", "45块"),
        ("四十五块", "４５块"),
        ("一百零五块", "105块"),
        ("两百块", "200块"),
        ("两百五十块", "两百五块"),
        ("一千两百块", "1200块"),
        ("一万二", "12000"),
        ("三万五千元", "35000元"),
        ("四五", "45"),
        ("一二三四五热线", "12345热线"),
        ("一三八零零幺三八", "13800138"),
        ("二零二六年", "2026年"),
        ("仨电话", "三个电话"),
        ("仨个电话", "3个电话"),
        ("十五个", "15个"),
        ("45.5元", "四十五点五元"),
    ],
)
def test_numerals_said_alike_fold_alike(one: str, other: str) -> None:
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("四十五块", "四百五块"),
        ("一百零五", "一百五"),
        ("一万零二", "一万二"),
        ("四十，五块", "四十五块"),
        ("老幺", "老一"),
    ],
)
def test_numerals_said_differently_stay_apart(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


@pytest.mark.parametrize("spoken", ["万一", "千万", "百", "三四十", "十百", "二零十", "一千千", "", "万"])
def test_what_is_no_number_has_no_value(spoken: str) -> None:
    assert number(spoken) is None


def _spoken(value: int) -> str:
    """A number below 100,000 in standard numerals, built digit by digit."""
    if value >= 10_000:
        rest = value % 10_000
        return _spoken(value // 10_000) + "万" + ("零" if 0 < rest < 1000 else "") + (_spoken(rest) if rest else "")
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return text


@pytest.mark.parametrize("value", [*range(1, 120), *range(120, 99_999, 997)])
def test_every_numeral_reads_back_as_its_value(value: int) -> None:
    spoken = _spoken(value)
    expected = fold(str(value)).text
    assert fold(spoken).text == expected
