"""Syllables as classes of sound, one code point each, so that text can be searched by ear.

A speech engine that mishears writes another character of the same or nearly the same sound. Tones are left out, and the
usual confusions of southern and careless speech are one class: zh/z, ch/c, sh/s, n/l, f/h, and the endings an/ang,
en/eng, in/ing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_FIRST_CODE = 0xE000
"""Start of the Unicode private use area: a code never equals a character of the text."""
_DIGITS = "零一二三四五六七八九"
_COMMON_READINGS = {"着": "zhe", "地": "de", "得": "de", "都": "dou", "还": "hai", "谁": "shei", "长": "chang"}
"""Where the dictionary's first reading is not the one mostly spoken."""
_H_FOR_F = (
    (re.compile("^f(a|an|ang)$"), r"hu\1"),
    (re.compile("^fe(i)$"), r"hu\1"),
    (re.compile("^fe(n)$"), r"hu\1"),
    (re.compile("^feng$"), "hong"),
    (re.compile("^fou$"), "hou"),
    (re.compile("^f(o|u)"), r"hu"),
)


def sound_class(syllable: str) -> str:
    """The class of a toneless pinyin syllable; syllables of one class are easily taken for one another.

    >>> sound_class("zhang") == sound_class("zan"), sound_class("nin") == sound_class("ling")
    (True, True)
    >>> sound_class("fei") == sound_class("hui"), sound_class("ba") == sound_class("pa")
    (True, False)
    """
    for spelling, replacement in _H_FOR_F:
        syllable = spelling.sub(replacement, syllable)
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    if syllable[0] == "n":
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


@cache
def _readings() -> dict[str, str]:
    """Toneless syllable by character, one each; digits as they are read."""
    from pypinyin.pinyin_dict import pinyin_dict

    readings = {
        chr(code): _COMMON_READINGS.get(chr(code)) or _toneless(marked.split(",")[0])
        for code, marked in pinyin_dict.items()
        if 0x4E00 <= code <= 0x9FFF
    }
    readings |= {str(value): readings[char] for value, char in enumerate(_DIGITS)}
    return {char: syllable for char, syllable in readings.items() if syllable}


@cache
def _codes() -> dict[int, str]:
    """Code by character, for `str.translate`; classes are numbered in alphabetical order."""
    classes = {ord(char): sound_class(syllable) for char, syllable in _readings().items()}
    number = {name: chr(_FIRST_CODE + at) for at, name in enumerate(sorted(set(classes.values())))}
    return {code: number[name] for code, name in classes.items()}


def _toneless(marked: str) -> str:
    """A pinyin syllable without its tone mark; ü is written v, as on keyboards."""
    plain = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    return "".join(char for char in plain if "a" <= char <= "z")


def sound_codes(text: str) -> str:
    """The text by ear: one code point for each character, digits as they are read, letters as they are.

    Expects simplified script (`normalize.fold`). The length never changes, so positions hold.

    >>> sound_codes("沙比") == sound_codes("傻逼"), len(sound_codes("沙比a"))
    (True, 3)
    """
    return text.translate(_codes())


def is_spoken(text: str) -> bool:
    """Whether every character is one with a known Chinese syllable."""
    return all(_FIRST_CODE <= ord(code) < 0xF8FF for code in sound_codes(text))


def same_syllables(one: str, other: str) -> bool:
    """Whether two texts of one length have the same toneless syllables, without any confusion of sounds.

    >>> same_syllables("不要脸", "不要连"), same_syllables("不要脸", "不要念")
    (True, False)
    """
    readings = _readings()
    return len(one) == len(other) and all(
        a == b or readings.get(a, a) == readings.get(b, b) for a, b in zip(one, other, strict=True)
    )
