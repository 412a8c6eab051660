"""The conduct of the house: small files that say what they are, plain names, exact money, aware clocks (design.md)."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "qbo_milestones"
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 60
# Words that name nothing (design.md, Words).
EMPTY_WORDS = frozenset(
    {"util", "utils", "core", "common", "manager", "handler", "processor", "helper", "helpers", "misc"}
)
DOCUMENTED = ("model", "pipeline", "run", "ports.py", "config.py", "errors.py")
EXACT = ("model", "pipeline")
CLOCKS = frozenset({("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def shown(path: Path, node: ast.AST | None = None) -> str:
    """Where it is, as a person finds it."""
    line = getattr(node, "lineno", None)
    return f"{path.relative_to(ROOT)}" + (f":{line}" if line else "")


def within(*rooms: str) -> list[Path]:
    """The modules of some rooms of the package."""
    return [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in rooms]


def words(name: str) -> set[str]:
    """`FooBar`, `foo_bar` -> foo, bar."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_there_is_a_house() -> None:
    """These tests look at all of it."""
    assert len(MODULES) > 100
    assert {"model", "pipeline", "run", "adapters", "entrypoints", "simulator"} <= {p.name for p in PACKAGE.iterdir()}


def test_each_module_begins_by_saying_what_it_is() -> None:
    """design.md, The house: a docstring is the first thing in every file; no two say the same."""
    silent = [shown(path) for path in MODULES if not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))]
    assert silent == []
    first = sorted((ast.get_docstring(tree) or "").split("\n")[0] for tree in TREES.values())
    assert [one for one, other in pairwise(first) if one == other] == []


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    """At most 400 lines."""
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """At most 60 lines. A migration is a list of tables, not a course of action."""
    long = [
        f"{shown(path, node)} {node.name}"
        for path, tree in TREES.items()
        if "migrations" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_no_name_says_nothing() -> None:
    """design.md, Words: utils, core, common, manager, handler and processor name nothing."""
    files = [shown(path) for path in PACKAGE.rglob("*") if words(path.stem) & EMPTY_WORDS]
    classes = [
        f"{shown(path, node)} {node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and words(node.name) & EMPTY_WORDS
    ]
    assert files + classes == []


def test_money_is_never_a_float() -> None:
    """design.md, Accounting; ruling 21: no call of float, no float as a type and no number with a point."""
    found = [
        shown(path, node)
        for path in within(*EXACT)
        for node in ast.walk(TREES[path])
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert found == []


def test_every_clock_knows_its_zone() -> None:
    """Ruling 21: instants are UTC; a naive now is the machine's zone, which is nobody's."""
    found = [
        shown(path, call)
        for path, tree in TREES.items()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in CLOCKS
        and not (call.func.attr == "now" and (call.args or call.keywords))
    ]
    assert found == []


def test_decisions_have_no_clock() -> None:
    """design.md, The house: model and pipeline are pure: they are told what time it is, and never print."""
    impure = {"now", "today", "utcnow", "monotonic", "sleep", "getenv", "print", "urandom"}
    found = [
        shown(path, call)
        for path in within(*EXACT)
        for call in calls(TREES[path])
        if (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in impure
    ]
    assert found == []


def undocumented(path: Path) -> Iterator[str]:
    """Public classes, functions and methods without a docstring; a method that Python names needs none."""

    def look(body: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in body:
            if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    yield f"{shown(path, node)} {prefix}{node.name}"
                if isinstance(node, ast.ClassDef):
                    yield from look(node.body, f"{node.name}.")

    return look(TREES[path].body, "")


@pytest.mark.parametrize("room", DOCUMENTED)
def test_what_others_call_says_what_it_does(room: str) -> None:
    """design.md: contracts stand in docstrings."""
    modules = within(room)
    assert modules
    assert [found for path in modules for found in undocumented(path)] == []
