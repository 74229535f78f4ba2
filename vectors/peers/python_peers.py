"""The readers of asyncio and the receivers of Twisted, for run.py: functions that take chunks and return messages."""

from __future__ import annotations

import asyncio
import platform
import re
import struct
from collections.abc import Callable
from importlib.metadata import version

from twisted.internet.testing import StringTransport
from twisted.protocols.basic import (
    Int8StringReceiver,
    Int16StringReceiver,
    Int32StringReceiver,
    LineOnlyReceiver,
    LineReceiver,
    NetstringReceiver,
)

Outcome = dict[str, object]
Peer = Callable[[list[bytes]], Outcome]

#: A number before each message: its width, its order, and the limit.
PREFIX = re.compile(r"u(8|16|32|64)(be|le)?(?:,max=(\d+))?")
DELIMITER = re.compile(r"delim:((?:\\[rn0]|[^\\|,])+)")


def delimiter(spec: str) -> bytes | None:
    """The one delimiter of this framing."""
    if spec == "line":
        return b"\n"
    found = DELIMITER.fullmatch(spec)
    return found and re.sub(r"\\(.)", lambda one: {"r": "\r", "n": "\n", "0": "\0"}[one[1]], found[1]).encode()


def read(use: Callable[[asyncio.StreamReader, list[bytes]], object]) -> Peer:
    """A reader of asyncio that gets a chunk whenever it waits."""

    async def main(chunks: list[bytes]) -> Outcome:
        reader, messages = asyncio.StreamReader(), []

        async def feed() -> None:
            for chunk in chunks:
                if chunk:
                    reader.feed_data(chunk)
                await asyncio.sleep(0)
            reader.feed_eof()

        task = asyncio.create_task(feed())
        try:
            await use(reader, messages)
            end = "clean"
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            end = "error"
        await task
        return {"messages": [message.hex() for message in messages], "end": end}

    return lambda chunks: asyncio.run(main(chunks))


def by_readexactly(spec: str) -> Peer | None:
    if found := PREFIX.fullmatch(spec):
        form = struct.Struct({"le": "<"}.get(found[2], ">") + {"8": "B", "16": "H", "32": "I", "64": "Q"}[found[1]])
        limit = int(found[3] or 8 << 20)

        async def use(reader: asyncio.StreamReader, messages: list[bytes]) -> None:
            while True:
                try:
                    header = await reader.readexactly(form.size)
                except asyncio.IncompleteReadError as error:
                    if error.partial:
                        raise
                    return
                (length,) = form.unpack(header)
                if length > limit:
                    raise ValueError(length)
                messages.append(await reader.readexactly(length))

        return read(use)
    if found := re.fullmatch(r"fixed:(\d+)", spec):
        size = int(found[1])

        async def use_fixed(reader: asyncio.StreamReader, messages: list[bytes]) -> None:
            while True:
                try:
                    messages.append(await reader.readexactly(size))
                except asyncio.IncompleteReadError as error:
                    if error.partial:
                        raise
                    return

        return read(use_fixed)
    return None


def by_readuntil(spec: str) -> Peer | None:
    end = delimiter(spec)
    if not end or spec == "line":
        return None

    async def use(reader: asyncio.StreamReader, messages: list[bytes]) -> None:
        while True:
            try:
                messages.append((await reader.readuntil(end))[: -len(end)])
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise
                return

    return read(use)


def by_readline(spec: str) -> Peer | None:
    if spec != "line":
        return None

    async def use(reader: asyncio.StreamReader, messages: list[bytes]) -> None:
        while line := await reader.readline():
            messages.append(line.removesuffix(b"\n").removesuffix(b"\r"))

    return read(use)


def receive(protocol: type, received: str, **attributes: object) -> Peer:
    """A receiver of Twisted. What it does with an error is to close the connection."""

    def run(chunks: list[bytes]) -> Outcome:
        messages: list[str] = []
        receiver = type("Receiver", (protocol,), {**attributes, received: lambda self, message: messages.append(message.hex())})()
        transport = StringTransport()
        receiver.makeConnection(transport)
        for chunk in chunks:
            if transport.disconnecting or transport.disconnected:
                break
            # A transport gives at least one byte.
            if chunk:
                receiver.dataReceived(chunk)
        closed = transport.disconnecting or transport.disconnected
        return {"messages": messages, "end": "error" if closed else "clean"}

    return run


def by_strings(spec: str) -> Peer | None:
    found = PREFIX.fullmatch(spec)
    kinds = {"8": Int8StringReceiver, "16": Int16StringReceiver, "32": Int32StringReceiver}
    if not found or found[2] == "le" or found[1] not in kinds:
        return None
    return receive(kinds[found[1]], "stringReceived", MAX_LENGTH=int(found[3] or 8 << 20))


def by_lines(protocol: type) -> Callable[[str], Peer | None]:
    def peer(spec: str) -> Peer | None:
        found = re.fullmatch(r"line,max=(\d+)", spec)
        end = b"\n" if found else delimiter(spec)
        return receive(protocol, "lineReceived", delimiter=end, MAX_LENGTH=int(found[1]) if found else 16_384) if end else None

    return peer


def by_netstrings(spec: str) -> Peer | None:
    return receive(NetstringReceiver, "stringReceived") if spec == "netstring" else None


ASYNCIO, TWISTED = f"asyncio, Python {platform.python_version()}", f"Twisted {version('twisted')}"
#: By name: the version, and what makes a peer for a framing, or nothing.
PEERS: dict[str, tuple[str, Callable[[str], Peer | None]]] = {
    "readexactly": (ASYNCIO, by_readexactly),
    "readuntil": (ASYNCIO, by_readuntil),
    "readline": (ASYNCIO, by_readline),
    "Int8, Int16 and Int32StringReceiver": (TWISTED, by_strings),
    "LineReceiver": (TWISTED, by_lines(LineReceiver)),
    "LineOnlyReceiver": (TWISTED, by_lines(LineOnlyReceiver)),
    "NetstringReceiver": (TWISTED, by_netstrings),
}
