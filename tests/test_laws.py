"""Laws that no import shows."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from catalog_models.tables import Base

ROOT = Path(__file__).parent.parent
PACKAGES = ("catalog_models", "orchestration", "tasks", "flows", "serving", "deployments")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TREES = {module: ast.parse(module.read_text()) for module in MODULES}
MODELS = {mapper.class_.__name__ for mapper in Base.registry.mappers}
WRITING = {"insert", "update", "delete"}


def test_modules_stay_readable() -> None:
    lengths = {
        str(module.relative_to(ROOT)): len(module.read_text(encoding="utf-8").splitlines())
        for module in MODULES
    }
    assert {module: length for module, length in lengths.items() if length > 400} == {}


WRITERS_OF_FILES = {"file_claims", "file_updates", "media_files"}
"""`media_files` is written by concern; every other table is written by one module."""


def test_each_table_is_written_by_the_modules_of_one_room() -> None:
    """Find statements: calls of `insert(Model)`, `update(Model)` and `delete(Model)`."""
    writers: dict[str, set[str]] = {}
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in WRITING
                and node.args
            ):
                target = node.args[0].value if isinstance(node.args[0], ast.Attribute) else node.args[0]
                if isinstance(target, ast.Name) and target.id in MODELS:
                    writers.setdefault(target.id, set()).add(str(module.relative_to(ROOT)))
    assert writers.keys() >= {"MediaFile", "Content", "StageFailure"}
    for model, modules in writers.items():
        assert {Path(module).parent for module in modules} == {Path("catalog_models/writes")}
        names = {Path(module).stem for module in modules}
        assert len(names) == 1 or names == WRITERS_OF_FILES, f"{model} is written in {names}"


def test_the_room_of_statements_defines_no_value_types() -> None:
    """Value types of rows are in `catalog_models/tables`; errors of statements stay with them."""
    for module, tree in TREES.items():
        if module.is_relative_to(ROOT / "catalog_models" / "writes"):
            classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
            assert [name for name in classes if not name.endswith("Error")] == [], module


def test_a_class_name_occurs_once_among_the_models() -> None:
    names = [
        node.name
        for module, tree in TREES.items()
        if module.is_relative_to(ROOT / "catalog_models")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert sorted(names) == sorted(set(names))


EDGES = {"orchestration/transactions.py", "serving/kernel/transaction.py"}
"""The modules that commit."""


def test_only_the_edge_commits() -> None:
    """Law 2. `begin_nested` opens a savepoint, which its own module releases."""
    committing = {
        str(module.relative_to(ROOT))
        for module, tree in TREES.items()
        if "commit" in (called := _methods_called(tree)) and "begin_nested" not in called
    }
    beginning = {
        str(module.relative_to(ROOT))
        for module, tree in TREES.items()
        if module.is_relative_to(ROOT / "serving") and "begin" in _methods_called(tree)
    }
    assert committing | beginning <= EDGES


def _methods_called(tree: ast.AST) -> set[str]:
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        # `self.begin()` of `SignIns` calls the edge.
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "self")
    }


NAMED = {"cte": 0, "subquery": 0, "lateral": 0, "alias": 0, "render_derived": 0, "aliased": 1}
"""What gets a name in a FROM clause, and how many arguments stand before the name."""


def test_what_stands_in_a_from_clause_has_a_name_of_its_own() -> None:
    """SQLAlchemy makes the names of the others from `id()`, and two of one statement may collide."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                named = any(keyword.arg == "name" for keyword in node.keywords)
                assert called not in NAMED or named or len(node.args) > NAMED[called], (
                    f"{module.relative_to(ROOT)}, line {node.lineno}: {called} without a name"
                )


def test_only_one_module_reads_the_channels_of_pyav() -> None:
    """PyAV 17.1 to 18.1 frees a layout twice, unless it is read as in `tasks.media.sound`."""
    for module in MODULES:
        tree = ast.parse(module.read_text())
        imported = {
            name
            for node in ast.walk(tree)
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        }
        if module.name == "sound.py" or not any(name.split(".")[0] == "av" for name in imported):
            continue
        read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert read.isdisjoint({"layout", "channels", "nb_channels"}), module.relative_to(ROOT)


def test_locks_name_no_host_and_hash_everything() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert text.count("==") <= text.count("--hash=sha256:"), lock.name


def test_whoever_installs_the_program_alone_has_all_that_it_imports() -> None:
    """The developers' lock holds more than the users': what only that one brings must not be imported."""
    code = (
        "import gc, importlib, pkgutil, sys, importlib.metadata as metadata\n"
        "gc.disable()\n"
        f"for package in {PACKAGES!r}:\n"
        "    for module in pkgutil.walk_packages([package], package + '.'):\n"
        "        if '.migrations.' not in module.name: importlib.import_module(module.name)\n"
        "names = metadata.packages_distributions()\n"
        "print(*{found for top in {name.partition('.')[0] for name in sys.modules} for found in names.get(top, ())})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    locked = {
        line.partition("==")[0]
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line
    }
    imported = {name.lower().replace("_", "-") for name in done.stdout.split()} - {
        "wsoptv",
        "pip",
        "setuptools",
    }
    assert imported - locked == set()
