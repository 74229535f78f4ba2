"""The examples of the READMEs and of the docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
READMES = ["README.md", "README.es.md"]


def blocks(readme: str) -> list[str]:
    """The blocks of Python."""
    return re.findall(r"^```python\n(.*?)^```", (FOLDER / readme).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("readme", READMES)
def test_blocks_of_a_readme_run(readme: str) -> None:
    found = blocks(readme)
    assert len(found) == 6
    names: dict[str, object] = {}
    for block in found:
        exec(compile(block, readme, "exec"), names)


def test_both_readmes_have_the_same_code() -> None:
    def code(block: str) -> list[str]:
        """Without comments and docstrings, which are translated."""
        lines = (re.sub(r"\s*(#|\"\"\").*", "", line) for line in block.splitlines())
        return [line for line in lines if line]

    english, spanish = (list(map(code, blocks(readme))) for readme in READMES)
    assert english == spanish


@pytest.mark.parametrize("module", ["anysplit", "anysplit.sockets"])
def test_examples_of_docstrings_run(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted > 3 and found.failed == 0
