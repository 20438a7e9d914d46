"""Read the text of each page of a PDF that Chromium printed. No project code, no library."""

from __future__ import annotations

import re
import zlib

_REF = rb"(\d+) 0 R"


def pages(data: bytes) -> list[str]:
    """Return the words of every page, white space removed (a line may break anywhere)."""
    objects = {
        int(m[1]): m[2] for m in re.finditer(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)\s*endobj", data, re.S)
    }
    found = []
    for body in objects.values():
        if re.search(rb"/Type /Page\b(?!s)", body):
            fonts = dict(re.findall(rb"/(F\d+) " + _REF, body))
            maps = {name: _to_unicode(objects, int(number)) for name, number in fonts.items()}
            content = re.search(rb"/Contents " + _REF, body)
            assert content is not None
            found.append(_words(_stream(objects[int(content[1])]), maps))
    return found


def _stream(body: bytes) -> bytes:
    raw = re.split(rb"stream\r?\n", body, maxsplit=1)[1].rsplit(b"endstream", 1)[0]
    return zlib.decompress(raw) if b"/FlateDecode" in body else raw


def _to_unicode(objects: dict[int, bytes], font: int) -> dict[int, str]:
    ref = re.search(rb"/ToUnicode " + _REF, objects[font])
    if ref is None:
        return {}
    text, known = _stream(objects[int(ref[1])]), {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.S):
        for code, sign in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            known[int(code, 16)] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.S):
        for low, high, sign in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for code in range(int(low, 16), int(high, 16) + 1):
                known[code] = chr(int(sign, 16) + code - int(low, 16))
    return known


def _words(content: bytes, maps: dict[bytes, dict[int, str]]) -> str:
    font: dict[int, str] = {}
    signs = []
    for name, glyphs in re.findall(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj", content):
        if name:
            font = maps[name]
        else:
            codes = re.findall(rb"....", glyphs)
            signs += [font.get(int(code, 16), "?") for code in codes]
    return re.sub(r"\s+", "", "".join(signs))
