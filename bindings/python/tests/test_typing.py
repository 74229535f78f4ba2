"""The stubs: they agree with the module, and with the code that uses them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import anysplit
from anysplit import _anysplit

PACKAGE = Path(anysplit.__file__).parent
HERE = Path(__file__).parent


def run(*command: str) -> None:
    # Outside the sources, so that the installed package is checked.
    done = subprocess.run([sys.executable, "-m", *command], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_package_and_tests_are_typed() -> None:
    run("mypy", "--strict", "--package", "anysplit")
    run("mypy", "--strict", *map(str, sorted(HERE.glob("*.py"))))


def test_stubs_agree_with_the_module() -> None:
    run("mypy.stubtest", "anysplit._anysplit")


def test_wrong_types_are_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import anysplit\n"
        'message: str = next(anysplit.Decoder("line"))\n'
        'anysplit.Decoder("line", recovery="none")\n'
        'anysplit.encode("line", "text")\n'
    )
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(wrong)], capture_output=True, text=True)
    assert done.stdout.count("error:") == 3, done.stdout


def docs(tree: ast.AST, prefix: str = "") -> dict[str, str]:
    """The docstrings of the stub, by name."""
    found = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            if doc := ast.get_docstring(node):
                found[prefix + node.name] = doc
            found |= docs(node, f"{prefix}{node.name}.")
    return found


def test_docstrings_of_the_stub_are_those_of_the_module() -> None:
    stub = docs(ast.parse((PACKAGE / "_anysplit.pyi").read_text()))
    assert len(stub) > 25
    for name, doc in stub.items():
        found: object = _anysplit
        for part in name.split("."):
            found = getattr(found, part)
        if not name.endswith("__next__"):
            assert found.__doc__ == doc, name
