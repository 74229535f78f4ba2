"""Framing for byte streams: messages to bytes, and bytes, cut anywhere, back to the same messages.

>>> import anysplit
>>> anysplit.encode("u32be", b"hello")
b'\\x00\\x00\\x00\\x05hello'
>>> decoder = anysplit.Decoder("u32be,max=1M")
>>> decoder.feed(b"\\x00\\x00\\x00\\x05hel")
[]
>>> decoder.feed(b"lo")
[b'hello']
>>> decoder.finish()
[]

A framing is one line of text: ``line``, ``u32be,max=1M``, ``netstring``, ``cobs``, ``@mqtt``. The decoder is that of the Rust
crate of the same name: it has a limit by default, its memory follows the bytes that came, and how they were cut never shows.

``anysplit.sockets``, ``anysplit.asyncio_streams``, ``anysplit.anyio_streams`` and ``anysplit.serial_ports`` read and write
messages over a transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anysplit._anysplit import Decoder, Encoder, Framing, __version__, protocols
from anysplit._types import (
    ClosedError,
    DecodeError,
    EncodeError,
    Error,
    Frame,
    Recovery,
    Skipped,
    Skips,
    SpecError,
    TruncatedError,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "ClosedError",
    "DecodeError",
    "Decoder",
    "EncodeError",
    "Encoder",
    "Error",
    "Frame",
    "Framing",
    "Recovery",
    "Skipped",
    "Skips",
    "SpecError",
    "TruncatedError",
    "__version__",
    "decode",
    "encode",
    "protocols",
]


def encode(spec: str | Framing, message: Buffer) -> bytes:
    """Return the frame of one message.

    For many messages, keep a :class:`Framing`: then the text is read only once.

    >>> encode("netstring", b"hello")
    b'5:hello,'

    Raises :class:`EncodeError` for a message that this framing cannot carry.
    """
    return Framing(spec).encode(message)


def decode(spec: str | Framing, data: Buffer, recovery: Recovery = "fail") -> list[bytes]:
    """Return the messages of a complete stream.

    >>> decode("line", b"one\\ntwo\\n")
    [b'one', b'two']

    Raises :class:`DecodeError` for bytes that are no frame, and :class:`TruncatedError` if the stream ends inside one; the
    messages before it are then not returned. :class:`Decoder` returns them.
    """
    decoder = Decoder(spec, recovery)
    # A list is iterated over to copy it, which raises the error after its last message.
    return [*decoder.feed(data), *decoder.finish()]
