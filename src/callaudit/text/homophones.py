"""Syllables as code points, so that text can be searched by ear.

A speech engine that mishears writes another character of the same or nearly the same sound. There are two scales:

* `sound_codes` leaves tones out, and makes the usual confusions of southern and careless speech one class: zh/z, ch/c,
  sh/s, n/l, f/h, and the endings an/ang, en/eng, in/ing. For phrases long enough to stand that.
* `tone_codes` keeps syllable and tone as they are. For short phrases.

Each character counts with the one reading it is mostly spoken with: a rare reading would only add false matches.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_FIRST_CODE, _LAST_CODE = "\ue000", "\uf8ff"
"""The Unicode private use area: a code never equals a character of the text."""
_DIGITS = "零一二三四五六七八九"
_COMMON_READINGS = {"着": "zhe", "地": "de", "得": "de", "都": "dōu", "还": "hái", "谁": "shéi", "长": "cháng"}
"""Where the dictionary's first reading is not the one mostly spoken."""
_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_NEUTRAL = "5"
_SPOKEN = re.compile(f"[{_FIRST_CODE}-{_LAST_CODE}]*")
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


def sound_codes(text: str) -> str:
    """The text by ear: one code point for each character, digits as they are read, letters as they are.

    Expects simplified script (`normalize.fold`). The length never changes, so positions hold.

    >>> sound_codes("沙比") == sound_codes("傻逼"), len(sound_codes("沙比a"))
    (True, 3)
    """
    return _coded(text, _sound_table())


def tone_codes(text: str) -> str:
    """The same with every syllable and tone for itself.

    >>> tone_codes("见人") == tone_codes("贱人"), tone_codes("沙笔") == tone_codes("傻逼")
    (True, False)
    """
    return _coded(text, _tone_table())


def is_all_codes(codes: str) -> bool:
    """Whether every character of the coded text was one with a known Chinese syllable.

    >>> is_all_codes(sound_codes("傻逼45")), is_all_codes(sound_codes("傻x"))
    (True, False)
    """
    return _SPOKEN.fullmatch(codes) is not None


def same_syllables(one: str, other: str) -> bool:
    """Whether two texts of one length have the same toneless syllables, without any confusion of sounds.

    >>> same_syllables("不要脸", "不要连"), same_syllables("不要脸", "不要念")
    (True, False)
    """
    readings = _readings()
    return len(one) == len(other) and all(
        a == b or readings.get(a, a)[:-1] == readings.get(b, b)[:-1] for a, b in zip(one, other, strict=True)
    )


@cache
def _readings() -> dict[str, str]:
    """Syllable with the figure of its tone by character, one each; digits as they are read."""
    readings = {
        chr(code): _syllable(_COMMON_READINGS.get(chr(code)) or marked.partition(",")[0])
        for code, marked in _pinyin_by_code_point().items()
        if 0x4E00 <= code <= 0x9FFF
    }
    readings |= {str(value): readings[char] for value, char in enumerate(_DIGITS)}
    return {char: syllable for char, syllable in readings.items() if syllable[:-1]}


def _pinyin_by_code_point() -> dict[int, str]:
    """Readings by pypinyin, straight from their module: the package reads 50,000 phrases first (0.5 s)."""
    package = importlib.util.find_spec("pypinyin")
    if package is not None and package.origin:
        place = Path(package.origin).with_name("pinyin_dict.py")
        spec = importlib.util.spec_from_file_location("callaudit_pinyin_dict", place) if place.is_file() else None
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return dict(module.pinyin_dict)
    from pypinyin.pinyin_dict import pinyin_dict

    return dict(pinyin_dict)


@cache
def _syllable(marked: str) -> str:
    """A pinyin syllable with its tone as a figure behind it; ü is written v, as on keyboards.

    >>> _syllable("lǜ"), _syllable("de")
    ('lv4', 'de5')
    """
    decomposed = unicodedata.normalize("NFD", marked)
    tone = next((figure for mark, figure in _TONE_MARKS.items() if mark in decomposed), _NEUTRAL)
    return "".join(char for char in decomposed.replace("u\u0308", "v") if "a" <= char <= "z") + tone


@cache
def _sound_table() -> np.ndarray:
    """Code by code point, up to the last Chinese character; others stand for themselves."""
    class_of = {syllable: sound_class(syllable[:-1]) for syllable in set(_readings().values())}
    return _table({char: class_of[syllable] for char, syllable in _readings().items()})


@cache
def _tone_table() -> np.ndarray:
    return _table(_readings())


def _table(class_by_char: dict[str, str]) -> np.ndarray:
    """A code for each class, numbered in alphabetical order."""
    import numpy as np

    number = {name: ord(_FIRST_CODE) + at for at, name in enumerate(sorted(set(class_by_char.values())))}
    table = np.arange(0x110000, dtype=np.uint32)
    for char, name in class_by_char.items():
        table[ord(char)] = number[name]
    return table


def _coded(text: str, table: np.ndarray) -> str:
    """`str.translate` with a table of numbers: fifty times as fast on Chinese."""
    import numpy as np

    code_points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return table[code_points].tobytes().decode("utf-32-le", "surrogatepass")
