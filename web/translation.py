"""The pages in English: templates are written in Korean, and their texts exchanged by the catalogue when they are read.

A message is what stands between two tags of a page, with the inline tags in it: the way gettext takes HTML. Values in
it are numbered, `{1}`, inline tags too, `<1>…</1>`; the English may order them anew, and choose by a number:
`{1} {1|item|items}`. Texts in expressions and in attributes that are read aloud are messages of their own.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from web.catalogue import HANGUL, plain

Find = Callable[[str], str]

BESIDE = re.compile(r"\s*<(span|p)\b[^<>]*\blang=\"en\"[^<>]*>.*?</\1>", re.DOTALL)
INLINE = ("a", "abbr", "b", "br", "code", "em", "q", "small", "span", "strong", "time")
SPOKEN = re.compile(r'(?<=\s)(alt|aria-label|content|data-[a-z-]+|placeholder|title|value)="([^"]*)"')
SLOTS = 0xE000  # a value in the text of a template, as one private character
TOKEN = re.compile(r"\{(\d+)(?:\|([^|{}]*)\|([^|{}]*))?\}|<(/?)(\d+)>")


class Piece(NamedTuple):
    text: str
    is_tag: bool = False

    @property
    def name(self) -> str:
        found = re.match(r"</?([a-z0-9]+)", self.text)
        return found[1] if found else ""

    @property
    def opens(self) -> bool:
        return self.is_tag and not self.text.startswith("</") and self.name != "br"

    @property
    def closes(self) -> bool:
        return self.text.startswith("</") and self.is_tag


class Message(NamedTuple):
    """A text of a template in numbered form, and what its numbers stand for."""

    msgid: str
    slots: list[str]
    tags: dict[str, str]


class Translator(NodeTransformer):
    """Exchanges every text with Korean in it for what `find` gives; the Korean stays where that is nothing."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.in_tag = False

    def visit_Const(self, node: nodes.Const) -> nodes.Const:  # noqa: N802  (jinja2's)
        if isinstance(node.value, str) and HANGUL.search(node.value):
            return nodes.Const(self.find(plain(node.value)) or node.value, lineno=node.lineno)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802  (jinja2's)
        values: list[nodes.Expr] = []
        source = ""
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                source += part.data
            else:
                source += chr(SLOTS + len(values))
                values.append(self.visit(part))
        made: list[nodes.Expr] = []
        for text in self._translated(BESIDE.sub("", source)):
            made += _parts(text, values, node.lineno)
        return nodes.Output(made, lineno=node.lineno)

    def _translated(self, source: str) -> list[str]:
        pieces, self.in_tag = _pieces(source, in_tag=self.in_tag)
        found: list[str] = []
        run: list[Piece] = []
        for piece in [*pieces, Piece("", is_tag=True)]:
            if piece.is_tag and piece.name not in INLINE:
                found += [self._spoken(one) if one.is_tag else one.text for one in self._run(run)]
                found.append(self._spoken(piece))
                run = []
            else:
                run.append(piece)
        return found

    def _run(self, run: list[Piece]) -> list[Piece]:
        """The run with its text exchanged; tags around all of it stay outside the message."""
        before, inner, after = _peeled(run)
        if not any(HANGUL.search(piece.text) for piece in inner if not piece.is_tag):
            return run
        message = _message(inner)
        english = self.find(message.msgid)
        if not english:
            return run
        text = "".join(piece.text for piece in inner)
        left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return [*before, Piece(left + _filled(english, message) + right), *after]

    def _spoken(self, tag: Piece) -> str:
        def exchanged(attribute: re.Match[str]) -> str:
            if not HANGUL.search(attribute[2]):
                return attribute[0]
            message = _message([Piece(attribute[2])])
            english = self.find(message.msgid)
            return f'{attribute[1]}="{_filled(english, message)}"' if english else attribute[0]

        return SPOKEN.sub(exchanged, tag.text)


class EnglishEnvironment(Environment):
    """Reads the Korean templates in English; set `find` before the first template is read."""

    find: Find = staticmethod(lambda _msgid: "")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = Translator(self.find).visit(super()._parse(source, name, filename))
        tree.set_environment(self)
        return tree


def _pieces(source: str, *, in_tag: bool) -> tuple[list[Piece], bool]:
    """Texts and tags in turn; a tag may begin in the text before a `{% if %}` and end behind it."""
    found: list[Piece] = []
    while source:
        mark = ">" if in_tag else "<"
        head, met, source = source.partition(mark)
        if in_tag:
            found.append(Piece(head + met, is_tag=True))
            in_tag = not met
        else:
            found.append(Piece(head))
            source, in_tag = met + source, bool(met)
    return found, in_tag


def _peeled(run: list[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Tags that hold the whole text, or whose other half lies elsewhere, in front and behind."""
    start, end = 0, len(run)

    def is_outer(piece: Piece) -> bool:
        return (piece.is_tag or not piece.text.strip()) and not HANGUL.search(piece.text)

    partners = _partners(run)
    while start < end and is_outer(run[start]) and partners.get(start, end) >= _last(run, start, end):
        start += 1
    while end > start and is_outer(run[end - 1]) and partners.get(end - 1, -1) < start:
        end -= 1
    return run[:start], run[start:end], run[end:]


def _last(run: list[Piece], start: int, end: int) -> int:
    """Where the last text of the run lies: a tag closed at or behind it holds all that is left."""
    texts = [at for at in range(start, end) if not run[at].is_tag and run[at].text.strip()]
    return texts[-1] if texts else start


def _partners(run: list[Piece]) -> dict[int, int]:
    """For each opening tag the place of the one that closes it, and the other way."""
    found: dict[int, int] = {}
    open_at: list[int] = []
    for at, piece in enumerate(run):
        if piece.opens:
            open_at.append(at)
        elif piece.closes and open_at:
            found[at] = open_at.pop()
            found[found[at]] = at
    return found


def _message(inner: list[Piece]) -> Message:
    slots: list[str] = []
    tags: dict[str, str] = {}
    partners = _partners(inner)
    numbers: dict[int, int] = {}
    text = ""
    for at, piece in enumerate(inner):
        if piece.is_tag:
            number = numbers[partners[at]] if piece.closes and at in partners else len(set(numbers.values())) + 1
            numbers[at] = number
            token = f"<{'/' if piece.closes else ''}{number}>"
            tags[token] = piece.text
            text += token
        else:
            for character in piece.text:
                if SLOTS <= ord(character) < SLOTS + 500:
                    slots.append(character)
                    text += f"{{{len(slots)}}}"
                else:
                    text += character
    return Message(plain(text), slots, tags)


def _filled(english: str, message: Message) -> str:
    """The English with the values and tags of this place; a choice by number is left to be made when shown."""

    def put(token: re.Match[str]) -> str:
        if token[5]:
            return message.tags[token[0]]
        slot = message.slots[int(token[1]) - 1]
        return f"{slot}\x00{token[2]}\x00{token[3]}\x00" if token[2] is not None else slot

    return TOKEN.sub(put, english)


def _parts(text: str, values: list[nodes.Expr], line: int) -> list[nodes.Expr]:
    made: list[nodes.Expr] = []
    for part in re.split(f"([{chr(SLOTS)}-{chr(SLOTS + 499)}](?:\x00[^\x00]*\x00[^\x00]*\x00)?)", text):
        if part and SLOTS <= ord(part[0]) < SLOTS + 500:
            value = values[ord(part[0]) - SLOTS]
            if len(part) > 1:
                one, many = part[2:-1].split("\x00")
                chosen = [value, nodes.Const(one), nodes.Const(many)]
                value = nodes.Call(nodes.Name("by_number", "load"), chosen, [], None, None, lineno=line)
            made.append(value)
        elif part:
            made.append(nodes.TemplateData(part, lineno=line))
    return made
