"""Nanoseconds for each message: this package beside asyncio, Twisted, a loop of one's own, and C code in Python's library.

    python bench/decode.py [--chunk 65536] [--quick]

All decode the same bytes in the same chunks in one process, and the messages of each are compared with those that were sent.
Time of the processor, not of the clock, and the fastest of several rounds. Nothing is sent over a network.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import platform
import struct
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import anysplit
from anysplit.asyncio_streams import MessageStream
from twisted.internet.testing import StringTransport
from twisted.protocols.basic import Int32StringReceiver, LineOnlyReceiver, LineReceiver, NetstringReceiver

SIZES = [16, 64, 256, 1024]
BYTES = 1 << 18
Work = Callable[[list[bytes]], list[bytes]]


def by_feed(spec: str) -> Work:
    def work(chunks: list[bytes]) -> list[bytes]:
        decoder, found = anysplit.Decoder(spec), []
        for chunk in chunks:
            found += decoder.feed(chunk)
        decoder.finish()
        return found

    return work


def by_iteration(spec: str) -> Work:
    def work(chunks: list[bytes]) -> list[bytes]:
        decoder, found = anysplit.Decoder(spec), []
        for chunk in chunks:
            decoder.push(chunk)
            for message in decoder:
                found.append(message)
        decoder.finish()
        return found

    return work


def read(use: Callable[[asyncio.StreamReader, list[bytes]], object]) -> Work:
    """A reader of asyncio whose bytes are all there, so that it never waits: its best case."""

    def work(chunks: list[bytes]) -> list[bytes]:
        async def main() -> list[bytes]:
            reader, found = asyncio.StreamReader(limit=1 << 30), []
            for chunk in chunks:
                reader.feed_data(chunk)
            reader.feed_eof()
            await use(reader, found)
            return found

        return asyncio.run(main())

    return work


def by_message_stream(spec: str) -> Work:
    async def use(reader: asyncio.StreamReader, found: list[bytes]) -> None:
        async for message in MessageStream(reader, None, spec):
            found.append(message)

    return read(use)


def by_batches(spec: str) -> Work:
    async def use(reader: asyncio.StreamReader, found: list[bytes]) -> None:
        async for messages in MessageStream(reader, None, spec).batches():
            found += messages

    return read(use)


async def readexactly(reader: asyncio.StreamReader, found: list[bytes]) -> None:
    try:
        while True:
            (length,) = struct.unpack(">I", await reader.readexactly(4))
            found.append(await reader.readexactly(length))
    except asyncio.IncompleteReadError:
        pass


async def readuntil(reader: asyncio.StreamReader, found: list[bytes]) -> None:
    try:
        while True:
            found.append((await reader.readuntil(b"\n"))[:-1])
    except asyncio.IncompleteReadError:
        pass


async def readline(reader: asyncio.StreamReader, found: list[bytes]) -> None:
    while line := await reader.readline():
        found.append(line[:-1])


def twisted(protocol: type, received: str, **attributes: object) -> Work:
    def work(chunks: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        receiver = type("Receiver", (protocol,), {**attributes, received: lambda self, message: found.append(message)})()
        receiver.makeConnection(StringTransport())
        for chunk in chunks:
            receiver.dataReceived(chunk)
        return found

    return work


def struct_loop(chunks: list[bytes]) -> list[bytes]:
    buffer, found, unpack = bytearray(), [], struct.Struct(">I").unpack_from
    for chunk in chunks:
        buffer += chunk
        at, end = 0, len(buffer)
        while end - at >= 4:
            (length,) = unpack(buffer, at)
            if end - at < 4 + length:
                break
            found.append(bytes(buffer[at + 4 : at + 4 + length]))
            at += 4 + length
        del buffer[:at]
    return found


def find_loop(chunks: list[bytes]) -> list[bytes]:
    buffer, found = bytearray(), []
    for chunk in chunks:
        buffer += chunk
        at = 0
        while (end := buffer.find(b"\n", at)) >= 0:
            found.append(bytes(buffer[at:end]))
            at = end + 1
        del buffer[:at]
    return found


def split_of_chunks(chunks: list[bytes]) -> list[bytes]:
    rest, found = b"", []
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        found += lines
    return found


def split_of_all(chunks: list[bytes]) -> list[bytes]:
    return b"".join(chunks).split(b"\n")[:-1]


def file_of_lines(chunks: list[bytes]) -> list[bytes]:
    return [line[:-1] for line in io.BytesIO(b"".join(chunks))]


LENGTHS: dict[str, Work] = {
    "anysplit, `feed`": by_feed("u32be"),
    "anysplit, iteration": by_iteration("u32be"),
    "anysplit, asyncio, `batches`": by_batches("u32be"),
    "anysplit, asyncio, `async for`": by_message_stream("u32be"),
    "asyncio, `readexactly` twice": read(readexactly),
    "Twisted, `Int32StringReceiver`": twisted(Int32StringReceiver, "stringReceived", MAX_LENGTH=1 << 20),
    "a loop with `struct`": struct_loop,
}
LINES: dict[str, Work] = {
    "anysplit, `feed`": by_feed("delim:\\n"),
    "anysplit, iteration": by_iteration("delim:\\n"),
    "anysplit, asyncio, `batches`": by_batches("delim:\\n"),
    "anysplit, asyncio, `async for`": by_message_stream("delim:\\n"),
    "asyncio, `readuntil`": read(readuntil),
    "asyncio, `readline`": read(readline),
    "Twisted, `LineReceiver`": twisted(LineReceiver, "lineReceived", delimiter=b"\n", MAX_LENGTH=1 << 20),
    "Twisted, `LineOnlyReceiver`": twisted(LineOnlyReceiver, "lineReceived", delimiter=b"\n", MAX_LENGTH=1 << 20),
    "a loop with `find`": find_loop,
    "C: `bytes.split` of each chunk": split_of_chunks,
    "C: `bytes.split` of the whole buffer": split_of_all,
    "C: iteration over `BytesIO`": file_of_lines,
}
NETSTRINGS: dict[str, Work] = {
    "anysplit, `feed`": by_feed("netstring"),
    "anysplit, iteration": by_iteration("netstring"),
    "Twisted, `NetstringReceiver`": twisted(NetstringReceiver, "stringReceived", MAX_LENGTH=1 << 20),
}
GROUPS = [("A length of 4 bytes", "u32be", LENGTHS), ("Lines", "delim:\\n", LINES), ("Netstrings", "netstring", NETSTRINGS)]


def measure(work: Work, chunks: list[bytes], sent: list[bytes], rounds: int) -> float:
    """Nanoseconds for each message, the least of all rounds."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.thread_time_ns()
        found = work(chunks)
        best = min(best, time.thread_time_ns() - begin)
        assert found == sent, "other messages than those that were sent"
    return best / len(sent)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chunk", type=int, default=65_536, help="bytes of a chunk")
    parser.add_argument("--quick", action="store_true", help="one round, to see that all of it works")
    options = parser.parse_args()
    rounds, most = (1, BYTES // 8) if options.quick else (25, BYTES)
    print(f"Python {platform.python_version()}, Twisted {version('twisted')}, anysplit {anysplit.__version__},")
    print(f"chunks of {options.chunk} bytes; nanoseconds for each message, by the length of the payload in bytes.")
    slower = []
    for title, spec, works in GROUPS:
        print(f"\n| {title} | {' | '.join(map(str, SIZES))} |\n| --- |{' --: |' * len(SIZES)}")
        rows: dict[str, list[float]] = {name: [] for name in works}
        for size in SIZES:
            message = (b"abcdefghijklmnop" * (size // 16 + 1))[:size]
            sent = [message] * max(1, most // size)
            wire = anysplit.Encoder(spec).encode_all(sent)
            chunks = [wire[at : at + options.chunk] for at in range(0, len(wire), options.chunk)]
            for name, work in works.items():
                rows[name].append(measure(work, chunks, sent, rounds))
        for name, row in rows.items():
            print(f"| {name} | {' | '.join(f'{value:,.0f}' for value in row)} |")
        for ours in ("anysplit, `feed`", "anysplit, iteration"):
            for name, row in rows.items():
                if not name.startswith(("anysplit", "C:")):
                    slower += [f"{ours}, {title}, {size}: {name}" for size, a, b in zip(SIZES, rows[ours], row) if a > b]
    if slower and not options.quick:
        sys.exit("slower than\n" + "\n".join(slower))


main()
