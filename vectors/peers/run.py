"""Runs the vectors on other libraries, in all splits, and writes what came out to vectors/RESULTS.md.

    python vectors/peers/run.py

It needs Twisted, Node with npm, and Cargo.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from python_peers import PEERS, Outcome

HERE = Path(__file__).parent
VECTORS = HERE.parent
#: Where the packages of Node and the program over tokio-util are built.
BUILT = Path(os.environ.get("CARGO_TARGET_DIR", VECTORS.parent / "target")) / "peers"

#: A name, its version, and what returns the outcomes of a framing and an input in these splits, or nothing.
Library = tuple[str, str, Callable[[str, bytes, list[list[int]]], list[Outcome] | None]]


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]


def in_this_process() -> Iterator[Library]:
    for name, (version, make) in PEERS.items():

        def ask(spec: str, data: bytes, splits: list[list[int]], make: Any = make) -> list[Outcome] | None:
            peer = make(spec)
            return peer and [peer(chunks(data, cuts)) for cuts in splits]

        yield name, version, ask


def in_another(*command: str) -> Iterator[Library]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    for name, version in json.loads(process.stdout.readline()):

        def ask(spec: str, data: bytes, splits: list[list[int]], name: str = name) -> list[Outcome] | None:
            assert process.stdin and process.stdout
            request = {"library": name, "framing": spec, "input": data.hex(), "splits": splits}
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())["outcomes"]

        yield name, version, ask


def libraries() -> Iterator[Library]:
    yield from in_this_process()
    manifest = str(HERE / "tokio/Cargo.toml")
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", str(BUILT)], check=True
    )
    yield from in_another(str(BUILT / "debug/anysplit-vectors-tokio"))
    node = BUILT / "node"
    node.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "peers.mjs"):
        (node / file).write_bytes((HERE / "node" / file).read_bytes())
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(node)], check=True)
    yield from in_another("node", "--no-deprecation", str(node / "peers.mjs"))


def splits(length: int) -> list[list[int]]:
    """In one piece, byte by byte, and cut at each place."""
    return [[], list(range(1, length)), *([cut] for cut in range(length + 1))]


def shown(outcome: Outcome) -> str:
    messages = ", ".join(f"`{bytes.fromhex(message)!r}`".replace("`b", "`") for message in outcome["messages"])
    return f"{messages or 'no message'}; {outcome['end']}"


def differences(vector: dict[str, Any], cuts: list[list[int]], outcomes: list[Outcome]) -> str | None:
    """What is not as the vector says, in words."""
    sent = [event["message"] for event in vector["events"]]
    end = {"clean": "clean"}.get(vector["end"]["end"], "error")
    expected: Outcome = {"messages": sent, "end": end}
    if all(outcome == expected for outcome in outcomes):
        return None
    if any(outcome != outcomes[0] for outcome in outcomes):
        other = next(at for at, outcome in enumerate(outcomes) if outcome != outcomes[0])
        where = "byte by byte" if other == 1 else f"cut at {cuts[other]}"
        return f"**depends on the split**: in one piece {shown(outcomes[0])}; {where} {shown(outcomes[other])}"
    return f"{shown(outcomes[0])}, where the vector has {shown(expected)}"


def page() -> str:
    files = [json.loads(path.read_text()) for path in sorted(VECTORS.glob("*.json")) if path.name != "schema.json"]
    vectors = [vector for file in files for vector in file["decode"] if vector["recovery"] == "fail"]
    rows, details = [], []
    for name, version, ask in libraries():
        tried = same = unsplit = 0
        found = []
        for vector in vectors:
            data = bytes.fromhex(vector["input"])
            cuts = splits(len(data))
            outcomes = ask(vector["framing"], data, cuts)
            if outcomes is None:
                continue
            tried += 1
            difference = differences(vector, cuts, outcomes)
            same += difference is None
            unsplit += difference is None or "depends on the split" not in difference
            if difference:
                found.append(f"- {vector['name']} (`{vector['framing']}`): {difference}")
        assert tried, f"{name} was tried on no vector"
        rows.append(f"| {name} | {version} | {tried} | {same} | {unsplit} |")
        if found:
            details.append(f"### {name}, {version}\n\n" + "\n".join(found) + "\n")
    head = (HERE / "head.txt").read_text()
    return head + "\n".join(rows) + "\n\n## What differs\n\n" + "\n".join(details)


def main() -> None:
    (VECTORS / "RESULTS.md").write_text(page())


main()
