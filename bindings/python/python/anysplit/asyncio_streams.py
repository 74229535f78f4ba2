"""Messages over the streams of asyncio.

.. code-block:: python

    stream = await anysplit.asyncio_streams.connect("localhost", 9000, "u32be,max=1M")
    await stream.send(b"hello")
    async for message in stream:
        print(message)
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from anysplit import Decoder, Encoder, Framing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from typing_extensions import Buffer

    from anysplit import Recovery

#: How many bytes are asked for at a time.
CHUNK = 65536


class MessageStream:
    """A pair of a ``StreamReader`` and a ``StreamWriter`` that sends and receives messages.

    ``recv`` may be cancelled: it loses nothing.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        spec: str | Framing,
        recovery: Recovery = "fail",
    ) -> None:
        framing = Framing(spec)
        self.reader = reader
        self.writer = writer
        #: For ``skipped``, ``position``, ``switch`` and the rest. ``buffered`` holds the bytes that came early.
        self.decoder = Decoder(framing, recovery)
        self.encoder = Encoder(framing)

    async def send(self, message: Buffer) -> None:
        """Send one message, and wait while the peer is slow.

        Raises :class:`anysplit.EncodeError` for a message that the framing cannot carry. Then nothing was sent.
        """
        self.writer.write(self.encoder.encode(message))
        await self.writer.drain()

    async def send_all(self, messages: Iterable[Buffer]) -> None:
        """Send many messages at once, and wait while the peer is slow."""
        self.writer.write(self.encoder.encode_all(messages))
        await self.writer.drain()

    async def recv(self) -> bytes | None:
        """Return the next message, or ``None`` at the end of the stream.

        Raises :class:`anysplit.DecodeError` for bytes that are no frame, and :class:`anysplit.TruncatedError` if the stream ends
        inside one.
        """
        while (message := next(self.decoder, None)) is None and not self.decoder.ended:
            if chunk := await self.reader.read(CHUNK):
                self.decoder.push(chunk)
            else:
                self.decoder.end()
        return message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self.recv()) is not None:
            yield message

    async def batches(self) -> AsyncIterator[list[bytes]]:
        """Return the messages of each chunk in one list: faster for many short ones. Not to be mixed with ``recv``."""
        while chunk := await self.reader.read(CHUNK):
            if messages := self.decoder.feed(chunk):
                yield messages
        if messages := self.decoder.finish():
            yield messages

    def end_sending(self) -> None:
        """Tell the peer that no more messages come. It can still answer."""
        self.writer.write_eof()

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        await self.writer.wait_closed()


async def connect(
    host: str, port: int, spec: str | Framing, recovery: Recovery = "fail", **options: Any
) -> MessageStream:
    """Connect, as :func:`asyncio.open_connection` does, which takes the other options."""
    reader, writer = await asyncio.open_connection(host, port, **options)
    return MessageStream(reader, writer, spec, recovery)
