"""Messages over a byte stream of AnyIO, under asyncio and Trio.

.. code-block:: python

    async with MessageStream(await anyio.connect_tcp("localhost", 9000), "u32be,max=1M") as stream:
        await stream.send(b"hello")
        async for message in stream:
            print(message)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import EndOfStream
from anyio.abc import AnyByteStream, ObjectStream

from anysplit import Decoder, Encoder, Framing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anysplit import Recovery


class MessageStream(ObjectStream[bytes]):
    """A byte stream that sends and receives messages: an ``ObjectStream[bytes]``.

    ``receive`` may be cancelled: it loses nothing.
    """

    def __init__(self, stream: AnyByteStream, spec: str | Framing, recovery: Recovery = "fail") -> None:
        framing = Framing(spec)
        self.stream = stream
        #: For ``skipped``, ``position``, ``switch`` and the rest. ``buffered`` holds the bytes that came early.
        self.decoder = Decoder(framing, recovery)
        self.encoder = Encoder(framing)

    async def send(self, item: bytes) -> None:
        """Send one message.

        Raises :class:`anysplit.EncodeError` for a message that the framing cannot carry. Then nothing was sent.
        """
        await self.stream.send(self.encoder.encode(item))

    async def receive(self) -> bytes:
        """Return the next message.

        Raises ``anyio.EndOfStream`` at the end, :class:`anysplit.DecodeError` for bytes that are no frame, and
        :class:`anysplit.TruncatedError` if the stream ends inside one.
        """
        while (message := next(self.decoder, None)) is None:
            if self.decoder.ended:
                raise EndOfStream
            try:
                self.decoder.push(await self.stream.receive())
            except EndOfStream:
                self.decoder.end()
        return message

    async def send_eof(self) -> None:
        """Tell the peer that no more messages come. It can still answer."""
        await self.stream.send_eof()

    async def aclose(self) -> None:
        """Close the stream."""
        await self.stream.aclose()

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        """Those of the byte stream."""
        return self.stream.extra_attributes
