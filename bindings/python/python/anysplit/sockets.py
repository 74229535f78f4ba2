"""Messages over a blocking socket.

>>> import socket
>>> from anysplit.sockets import MessageSocket
>>> ours, theirs = socket.socketpair()
>>> with MessageSocket(ours, "u32be,max=1M") as here, MessageSocket(theirs, "u32be,max=1M") as there:
...     here.send(b"hello")
...     here.end_sending()
...     for message in there:
...         print(message)
b'hello'
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from anysplit import Decoder, Encoder, Framing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Buffer, Self

    from anysplit import Recovery

#: How many bytes are asked for at a time.
CHUNK = 65536


class MessageSocket:
    """A connected stream socket (TCP, Unix) that sends and receives messages.

    What the socket raises is passed on. A timeout of ``recv`` loses nothing: call it again. After a timeout of ``send`` it is
    not known how much was sent: close the socket.
    """

    def __init__(self, sock: socket.socket, spec: str | Framing, recovery: Recovery = "fail") -> None:
        framing = Framing(spec)
        #: The socket.
        self.sock = sock
        #: For ``skipped``, ``position``, ``switch`` and the rest. ``buffered`` holds the bytes that came early.
        self.decoder = Decoder(framing, recovery)
        self.encoder = Encoder(framing)

    def send(self, message: Buffer) -> None:
        """Send one message, all of it.

        Raises :class:`anysplit.EncodeError` for a message that the framing cannot carry. Then nothing was sent.
        """
        self.sock.sendall(self.encoder.encode(message))

    def send_all(self, messages: Iterable[Buffer]) -> None:
        """Send many messages at once."""
        self.sock.sendall(self.encoder.encode_all(messages))

    def recv(self) -> bytes | None:
        """Return the next message, or ``None`` at the end of the stream.

        Raises :class:`anysplit.DecodeError` for bytes that are no frame, and :class:`anysplit.TruncatedError` if the stream ends
        inside one.
        """
        while (message := next(self.decoder, None)) is None and not self.decoder.ended:
            if chunk := self.sock.recv(CHUNK):
                self.decoder.push(chunk)
            else:
                self.decoder.end()
        return message

    def __iter__(self) -> Iterator[bytes]:
        while (message := self.recv()) is not None:
            yield message

    def end_sending(self) -> None:
        """Tell the peer that no more messages come. It can still answer."""
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
