"""Every vector of the repository, in all splits, gives what the file says."""

from __future__ import annotations

import json
from typing import Any

import anysplit
import jsonschema
import pytest
import vectors

FILES = vectors.files()
SCHEMA = json.loads((vectors.FOLDER / "schema.json").read_text())


def error(found: anysplit.DecodeError) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "offset": found.offset,
        "frame_offset": found.frame_offset,
        "details": found.details,
    }


def event(found: anysplit.Frame | anysplit.Skipped) -> dict[str, Any]:
    if isinstance(found, anysplit.Skipped):
        return {"event": "skipped", "offset": found.offset, "len": found.len, "reason": error(found.reason)}
    return {
        "event": "frame",
        "offset": found.offset,
        "wire_len": found.wire_len,
        "header": found.header.hex(),
        "payload": found.payload.hex(),
        "trailer": found.trailer.hex(),
        "message": found.message.hex(),
        "control": found.control,
    }


def end(found: anysplit.DecodeError | None) -> dict[str, Any]:
    if found is None:
        return {"end": "clean"}
    if isinstance(found, anysplit.TruncatedError):
        cut = {"offset": found.offset, "frame_offset": found.frame_offset, "part": found.part, **found.details}
        return {"end": "truncated", **cut}
    return {"end": "error", **error(found)}


def outcome(framing: anysplit.Framing, recovery: Any, chunks: list[bytes]) -> tuple[list[Any], dict[str, Any]]:
    """The events, each with the bytes that were there when it came, and the end."""
    decoder = anysplit.Decoder(framing, recovery)
    events: list[Any] = []
    fed: int | None = 0
    try:
        for chunk in chunks:
            fed = (fed or 0) + len(chunk)
            for found in decoder.feed_events(chunk):
                events.append({**event(found), "after": fed})
        fed = None
        for found in decoder.finish_events():
            events.append({**event(found), "after": None})
    except anysplit.DecodeError as stopped:
        result = end(stopped)
        return events, result if result["end"] == "truncated" else {**result, "after": fed}
    return events, end(None)


def expected(vector: dict[str, Any], chunks: list[bytes]) -> tuple[list[Any], dict[str, Any]]:
    """What the file says, with the time at which each event comes in these chunks."""
    ends = [0]
    for chunk in chunks:
        ends.append(ends[-1] + len(chunk))

    def comes(item: dict[str, Any]) -> dict[str, Any]:
        after = item.get("after")
        return item if after is None else {**item, "after": next(end for end in ends[1:] if end >= after)}

    return [comes(item) for item in vector["events"]], comes(vector["end"])


def messages(framing: anysplit.Framing, recovery: Any, chunks: list[bytes]) -> tuple[list[str], bool]:
    """The messages, taken by ``feed`` and ``finish``, and whether the stream ended clean."""
    decoder = anysplit.Decoder(framing, recovery)
    found: list[str] = []
    try:
        for chunk in chunks:
            for message in decoder.feed(bytearray(chunk)):
                found.append(message.hex())
        for message in decoder.finish():
            found.append(message.hex())
    except anysplit.DecodeError:
        return found, False
    return found, True


@pytest.mark.parametrize("name", FILES)
def test_files_are_as_the_schema_says(name: str) -> None:
    jsonschema.validate(FILES[name], SCHEMA)


@pytest.mark.parametrize("name", FILES)
def test_every_split_gives_what_the_file_says(name: str) -> None:
    count = 0
    for vector in FILES[name]["decode"]:
        data, recovery = bytes.fromhex(vector["input"]), vector["recovery"]
        framing = anysplit.Framing(vector["framing"])
        sent = [item["message"] for item in vector["events"] if item["event"] == "frame" and not item["control"]]
        for cuts in vectors.splits(len(data)):
            chunks = vectors.chunks(data, cuts)
            assert outcome(framing, recovery, chunks) == expected(vector, chunks), (vector["name"], cuts)
            assert messages(framing, recovery, chunks) == (sent, vector["end"]["end"] == "clean"), vector["name"]
            count += 1
    assert count >= 20 * len(FILES[name]["decode"])


@pytest.mark.parametrize("name", FILES)
def test_every_message_is_encoded_or_refused_as_the_file_says(name: str) -> None:
    for vector in FILES[name]["encode"]:
        encoder = anysplit.Encoder(vector["framing"])
        wire = b"".join(encoder.encode(bytes.fromhex(message)) for message in vector["messages"])
        assert wire.hex() == vector["wire"], vector["name"]
        if refused := vector.get("refused"):
            with pytest.raises(anysplit.EncodeError) as caught:
                encoder.encode(bytes.fromhex(refused["message"]))
            assert (caught.value.kind, caught.value.details) == (refused["kind"], refused["details"]), vector["name"]
