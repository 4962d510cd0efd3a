"""The house rules that no other tool checks: sizes, names, who commits, who reads the clock, who imports tables."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from duka import migrations
from duka.platform.tables import Base

ROOT: Final = Path(__file__).parent.parent
DUKA: Final = ROOT / "duka"
MODULES: Final = sorted(path for path in DUKA.rglob("*.py") if "versions" not in path.parts)

MODULE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 70
VAGUE: Final = {"utils", "helpers", "managers", "services", "base", "common", "misc"}

MAY_COMMIT: Final = {
    "platform/edge.py", "platform/events.py", "platform/jobs.py", "platform/messages.py",
    "migrations/__init__.py",
    "shops/auth/notices.py", "shops/auth/upkeep.py",
}  # fmt: skip
"""The edge, the relay and what runs as a job (besides every `jobs.py` and `..._jobs.py`)."""
PROGRAMS: Final = {"demo", "demo.py", "replay", "verify", "cli.py", "installation.py", "migrations", "main.py"}

FLOORS: Final = {"api": 4, "jobs": 4, "actions": 3, "queries": 2, "models": 1, "schemas": 1, "events": 1, "rules": 1}
"""Inside a domain a module imports nothing from a higher floor than its own."""

TABLE_READERS: Final = PROGRAMS | {"routes.py"}
"""Programs that make or check a whole installation may use every domain's tables."""


def place(path: Path) -> str:
    """Name a module by its path below the package."""
    return path.relative_to(DUKA).as_posix()


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Parse every module of the product, once."""
    return tuple((place(path), ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES)


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {place(p): n for p in MODULES if (n := len(p.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX}
    assert long == {}


def test_a_function_fits_a_screen() -> None:
    long = {
        f"{module}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [place(path) for path in MODULES if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [module for module, tree in trees() if tree.body and ast.get_docstring(tree) is None]
    assert silent == []


def test_only_the_edge_and_the_jobs_commit() -> None:
    commits = {
        module
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    strangers = {m for m in commits - MAY_COMMIT if m.split("/")[0] not in PROGRAMS and not m.endswith("jobs.py")}
    assert strangers == set()


def test_business_code_takes_the_time_from_its_context() -> None:
    readers = {
        module
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    }
    strangers = {
        m
        for m in readers - MAY_COMMIT
        if not m.startswith("platform/") and m.split("/")[0] not in PROGRAMS and not m.endswith("jobs.py")
    }
    assert strangers == set()


def test_tables_are_used_in_their_own_domain_only() -> None:
    strangers = [
        (module, name)
        for module, tree in trees()
        for name in imported(tree)
        if name.startswith("duka.")
        and name.endswith(".models")
        and name != "duka.platform.models"
        and module.split("/")[0] not in TABLE_READERS
        and not name.startswith(f"duka.{module.split('/')[0]}.")
    ]
    assert strangers == []


@pytest.mark.parametrize("domain", sorted({m.split("/")[0] for m, _ in trees() if "/" in m} - PROGRAMS - {"platform"}))
def test_a_domain_imports_within_itself_downwards_only(domain: str) -> None:
    upwards = [
        (module, name)
        for module, tree in trees()
        for name in imported(tree)
        if module.startswith(f"{domain}/") and name.startswith(f"duka.{domain}.")
        if (own := floor(module.removesuffix(".py").split("/"))) is not None
        and (other := floor(name.split("."))) is not None
        and other > own
    ]
    assert upwards == []


def floor(names: list[str]) -> int | None:
    """Tell on which floor of its domain a module stands, by the last of its names that says so."""
    return next((FLOORS[name] for name in reversed(names) if name in FLOORS), None)


def test_no_relationship_ties_tables_together() -> None:
    tied = [m for m, tree in trees() for name in called(tree) if name == "relationship"]
    assert tied == []


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_every_table_is_known_to_the_migrations(name: str) -> None:
    assert name in migrations.METADATA.tables


def imported(tree: ast.Module) -> Iterator[str]:
    """Name the modules a module imports, `from duka.x import models` as `duka.x.models`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def called(tree: ast.Module) -> Iterator[str]:
    """Name the functions a module calls by their bare name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
