"""The vectors of the repository, and the splits in which they are tried."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Iterator

FOLDER = Path(__file__).parents[3] / "vectors"


def files() -> dict[str, dict[str, Any]]:
    """The contents of every file, by name."""
    paths = sorted(path for path in FOLDER.glob("*.json") if path.name != "schema.json")
    return {path.stem: json.loads(path.read_text()) for path in paths}


def splits(length: int) -> Iterator[list[int]]:
    """Places to cut: none, all, each one, each two of a short input, and random ones with empty chunks."""
    yield []
    yield list(range(1, length))
    for cut in range(0, length + 1, max(1, length // 400)):
        yield [cut]
    if length <= 40:
        for one in range(length + 1):
            for other in range(one, length + 1):
                yield [one, other]
    chance = random.Random(length)
    for _ in range(20):
        yield sorted(chance.randrange(length + 1) for _ in range(chance.randrange(1, 13)))


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    """The chunks between these places."""
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]
