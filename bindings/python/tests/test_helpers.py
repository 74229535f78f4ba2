"""The helpers, each over a real transport: socket pairs, TCP, pseudo-terminals."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator

import anyio
import anysplit
import pytest
import serial
from anyio.abc import SocketStream
from anysplit import anyio_streams, asyncio_streams
from anysplit.serial_ports import MessagePort
from anysplit.sockets import MessageSocket

MESSAGES = [b"hello", b"x" * 100_000, b"", b"a"]


def trickle(sock: socket.socket, wire: bytes, size: int = 1) -> None:
    """Sends ``size`` bytes at a time, and then ends the stream."""
    for at in range(0, len(wire), size):
        sock.sendall(wire[at : at + size])
    sock.shutdown(socket.SHUT_WR)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_sockets_exchange_messages(pair: Pair) -> None:
    here, there = (MessageSocket(sock, "u32be,max=1M") for sock in pair)

    def answer() -> None:
        for message in there:
            there.send(message[::-1])
        there.end_sending()

    peer = threading.Thread(target=answer)
    peer.start()
    for message in MESSAGES:
        here.send(message)
    here.send_all([b"one", b"two"])
    here.end_sending()
    assert list(here) == [message[::-1] for message in [*MESSAGES, b"one", b"two"]]
    assert here.recv() is None
    peer.join()


def test_socket_reads_a_byte_at_a_time(pair: Pair) -> None:
    wire = anysplit.encode("line", b"one") + b"two\r\nlast"
    peer = threading.Thread(target=trickle, args=(pair[1], wire))
    peer.start()
    assert list(MessageSocket(pair[0], "line")) == [b"one", b"two", b"last"]
    peer.join()


def test_socket_that_ends_inside_a_frame_raises(pair: Pair) -> None:
    trickle(pair[1], b"\x02hi\x05hel")
    sock = MessageSocket(pair[0], "u8")
    assert sock.recv() == b"hi"
    for _ in range(2):
        with pytest.raises(anysplit.TruncatedError) as caught:
            sock.recv()
        assert (caught.value.part, caught.value.have, caught.value.need) == ("payload", 3, 5)


def test_socket_error_comes_after_the_messages_before_it(pair: Pair) -> None:
    # The peer stays: nobody waits for more bytes before the error is raised.
    pair[1].sendall(b"\x02hi\x09")
    sock = MessageSocket(pair[0], "u8,max=3")
    assert sock.recv() == b"hi"
    with pytest.raises(anysplit.DecodeError, match="over the limit"):
        sock.recv()


def test_timeout_of_a_socket_loses_nothing(pair: Pair) -> None:
    pair[0].settimeout(0.05)
    sock = MessageSocket(pair[0], "u8")
    pair[1].sendall(b"\x05hel")
    with pytest.raises(TimeoutError):
        sock.recv()
    pair[1].sendall(b"lo")
    assert sock.recv() == b"hello"


def test_socket_without_blocking_loses_nothing(pair: Pair) -> None:
    pair[0].setblocking(False)
    sock = MessageSocket(pair[0], "u8")
    pair[1].sendall(b"\x05hel")
    with pytest.raises(BlockingIOError):
        sock.recv()
    pair[1].sendall(b"lo")
    assert sock.recv() == b"hello"


def test_refused_message_sends_nothing(pair: Pair) -> None:
    with MessageSocket(pair[0], "line") as sock:
        with pytest.raises(anysplit.EncodeError):
            sock.send(b"a\nb")
    assert pair[1].recv(100) == b""


def test_socket_upgrade_loses_no_byte(pair: Pair) -> None:
    trickle(pair[1], b"UPGRADE\n\0\x05hello", 100)
    sock = MessageSocket(pair[0], "line")
    assert sock.recv() == b"UPGRADE"
    sock.decoder.switch("u16be")
    assert list(sock) == [b"hello"]


async def asyncio_pair(spec: str) -> tuple[asyncio_streams.MessageStream, asyncio_streams.MessageStream, asyncio.Server]:
    """Both ends of a TCP connection."""
    accepted: asyncio.Future[asyncio_streams.MessageStream] = asyncio.get_running_loop().create_future()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(asyncio_streams.MessageStream(reader, writer, spec))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    client = await asyncio_streams.connect(host, port, spec)
    return client, await accepted, server


def test_asyncio_streams_exchange_messages() -> None:
    async def main() -> None:
        here, there, server = await asyncio_pair("u32be,max=1M")

        async def answer() -> None:
            async for message in there:
                await there.send(message[::-1])
            there.end_sending()

        task = asyncio.create_task(answer())
        for message in MESSAGES:
            await here.send(message)
        await here.send_all([b"one", b"two"])
        here.end_sending()
        assert [message async for message in here] == [message[::-1] for message in [*MESSAGES, b"one", b"two"]]
        await task
        await here.close()
        await there.close()
        server.close()

    asyncio.run(main())


def test_cancelled_asyncio_recv_loses_nothing() -> None:
    async def main() -> None:
        here, there, server = await asyncio_pair("u8")
        for part in (b"\x05", b"he", b"l"):
            there.writer.write(part)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(here.recv(), 0.02)
        there.writer.write(b"lo\x09")
        assert await here.recv() == b"hello"
        await there.close()
        with pytest.raises(anysplit.TruncatedError):
            await here.recv()
        await here.close()
        server.close()

    asyncio.run(main())


def test_asyncio_batches_are_the_messages_of_each_chunk() -> None:
    async def main() -> None:
        here, there, server = await asyncio_pair("line")
        await there.send_all([b"one", b"two"])
        there.writer.write(b"last")
        there.end_sending()
        found = [message async for batch in here.batches() for message in batch]
        assert found == [b"one", b"two", b"last"]
        await here.close()
        await there.close()
        server.close()

    asyncio.run(main())


async def anyio_pair(spec: str) -> tuple[anyio_streams.MessageStream, anyio_streams.MessageStream]:
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    ends = [await SocketStream.from_socket(sock) for sock in (ours, theirs)]
    return anyio_streams.MessageStream(ends[0], spec), anyio_streams.MessageStream(ends[1], spec)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_streams_exchange_messages(backend: str) -> None:
    async def main() -> None:
        here, there = await anyio_pair("u32be,max=1M")

        async def answer() -> None:
            async for message in there:
                await there.send(message[::-1])
            await there.send_eof()

        async with here, there, anyio.create_task_group() as tasks:
            tasks.start_soon(answer)
            for message in MESSAGES:
                await here.send(message)
            await here.send_eof()
            assert [message async for message in here] == [message[::-1] for message in MESSAGES]
            with pytest.raises(anyio.EndOfStream):
                await here.receive()
            assert here.extra(anyio.abc.SocketAttribute.family) == socket.AF_UNIX

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_anyio_receive_loses_nothing(backend: str) -> None:
    async def main() -> None:
        here, there = await anyio_pair("u8")
        async with here, there:
            await there.stream.send(b"\x05hel")
            with anyio.move_on_after(0.05) as scope:
                await here.receive()
            assert scope.cancelled_caught
            await there.stream.send(b"lo\x05h")
            assert await here.receive() == b"hello"
            await there.aclose()
            with pytest.raises(anysplit.TruncatedError):
                await here.receive()

    anyio.run(main, backend=backend)


@pytest.fixture
def line() -> Iterator[tuple[Callable[[bytes], None], Callable[[int], bytes], serial.Serial]]:
    """A pseudo-terminal: what writes to it and reads from it, and its port."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    with serial.Serial(os.ttyname(theirs), 115_200) as port:
        yield (lambda data: _write(ours, data)), (lambda size: os.read(ours, size)), port
    os.close(ours)
    os.close(theirs)


def _write(file: int, data: bytes) -> None:
    os.write(file, data)


Line = tuple[Callable[[bytes], None], Callable[[int], bytes], serial.Serial]


def test_serial_port_skips_what_is_damaged(line: Line) -> None:
    write, read, serial_port = line
    spec = "cobs,sum=CRC-16/IBM-SDLC,form=le"
    port = MessagePort(serial_port, spec)
    port.send(b"hello")
    wire = read(100)
    assert wire == anysplit.encode(spec, b"hello")
    damaged = wire.replace(b"h", b"H")
    write(wire[:3])
    with pytest.raises(TimeoutError):
        port.recv(timeout=0.05)
    write(wire[3:] + damaged + wire)
    assert (port.recv(timeout=5), port.recv(timeout=5)) == (b"hello", b"hello")
    assert (port.decoder.skipped.stretches, port.decoder.skipped.bytes) == (1, len(wire))


def test_silence_on_a_serial_port_ends_a_frame(line: Line) -> None:
    write, _, serial_port = line
    port = MessagePort(serial_port, "u8", recovery="skip-frame", silence=0.05)
    # Two bytes of the first frame were lost.
    write(b"\x05hel")
    timer = threading.Timer(0.3, write, [b"\x02hi"])
    timer.start()
    begin = time.monotonic()
    assert port.recv(timeout=5) == b"hi"
    assert 0.2 < time.monotonic() - begin < 4
    assert port.decoder.skipped.bytes == 4
    timer.join()


def test_timeout_of_a_serial_port_is_kept_with_silence(line: Line) -> None:
    write, _, serial_port = line
    port = MessagePort(serial_port, "u8", recovery="skip-frame", silence=0.02)
    write(b"\x05hel")
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        port.recv(timeout=0.2)
    assert 0.15 < time.monotonic() - begin < 2
