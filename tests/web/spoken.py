"""What the program says in Korean, found in its source: every text of the templates, and every sentence of the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import FileSystemLoader, nodes

from web.catalogue import HANGUL, plain
from web.pages import HERE
from web.translation import EnglishEnvironment

ROOT = HERE.parent
LETTERS_ONLY = 6  # shorter texts of the code are headings of tables, units and other data
# Files whose texts become rows, documents, mails or file names: these stay as the office writes them.
ANSWERS = ("activation", "again")  # these return words: why nothing is sent, or not again
WARNS = ("trial",)  # yields them
REFUSING = ("again", "delegations")  # of the notifications: what these refuse is said on a page
DATA = ("budget_table", "calendar_feed", "document_words", "posts", "rule_sentences", "search", "typed_days")


def of_templates() -> dict[str, list[str]]:
    """Each message with the templates that say it."""
    found: dict[str, list[str]] = {}
    for template in sorted((HERE / "templates").glob("*.html")):

        def note(msgid: str, name: str = template.name) -> str:
            found.setdefault(msgid, []).append(name)
            return ""

        reader = EnglishEnvironment(loader=FileSystemLoader(HERE / "templates"), trim_blocks=True, lstrip_blocks=True)
        reader.find = note
        reader.parse(template.read_text(encoding="utf-8"))
    return found


def left_over(template: Path) -> list[str]:
    """Korean of a template that would stand on the English page, were every message translated."""
    reader = EnglishEnvironment(loader=FileSystemLoader(HERE / "templates"), trim_blocks=True, lstrip_blocks=True)
    reader.find = lambda _msgid: "x"
    tree = reader.parse(template.read_text(encoding="utf-8"))
    texts = [node.data for node in tree.find_all(nodes.TemplateData)]
    texts += [node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)]
    return [text for text in texts if HANGUL.search(text)]


def of_code() -> set[str]:
    """The sentences of the pages' code, and the refusals of the rules below them; values numbered."""
    found: set[str] = set()
    for path in sorted((ROOT / "web").glob("*.py")):
        if path.stem not in DATA:
            found |= set(_sentences(ast.parse(path.read_text(encoding="utf-8")), docstrings=False))
    for path in sorted([*(ROOT / "schedules").glob("*.py"), *(ROOT / "notifications").glob("*.py")]):
        refuses = path.parent.name == "schedules" or path.stem in REFUSING
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                (isinstance(node, ast.Raise) and refuses)
                or (isinstance(node, ast.Return) and path.stem in ANSWERS)
                or (isinstance(node, ast.Yield) and path.stem in WARNS)
            ):
                found |= set(_sentences(node, docstrings=True))
    return found


# What the rooms below say in finished sentences, by domain: whole files, and in others what is given to these.
SPEAKERS = {"Change", "Check", "DocumentError", "Doubt", "Dropped", "FindingRow", "RefusedCell", "Verdict", "mismatch"}
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "document": (("documents/difference.py", "documents/findings.py"), ("documents/**/*.py",)),
    "doctor": (("worker/doctor.py", "worker/watch.py"), ()),
    "reorganisation": (("schedules/reorganisation_words.py",), ()),
    "why": ((), ("notifications/*.py",)),
}
A_PATTERN = re.compile(r"\\[dsSw(\[]|\(\?|\|.*\||\[가|\[\^")


def of_room(domain: str) -> set[str]:
    """Every text with Korean in it that a domain's catalogue has to know, values numbered, however short."""
    whole, given = ROOMS[domain]
    found: set[str] = set()
    for path in whole:
        found |= set(_sentences(ast.parse((ROOT / path).read_text(encoding="utf-8")), docstrings=False, least=1))
    for pattern in given:
        for path in (ROOT / pattern.partition("*")[0]).glob(pattern.partition("/")[2]):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                said = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS
                if said or (isinstance(node, ast.Raise) and domain == "document"):
                    found |= set(_sentences(node, docstrings=True, least=1))
    return {text for text in found if not A_PATTERN.search(text)}


def _sentences(tree: ast.AST, *, docstrings: bool, least: int = LETTERS_ONLY + 1) -> Iterator[str]:
    skipped = set() if docstrings else {id(one.body[0].value) for one in ast.walk(tree) if _has_docstring(one)}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in skipped or id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for child in node.values for part in ast.walk(child)}
            text = _numbered(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if len(HANGUL.findall(text)) >= least:
            yield plain(text)


def _numbered(node: ast.JoinedStr) -> str:
    text, number = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            number += 1
            text += f"{{{number}}}"
    return text


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and bool(
        node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
        and isinstance(node.body[0].value.value, str)
    )
