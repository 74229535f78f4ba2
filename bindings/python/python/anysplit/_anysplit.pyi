from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

from anysplit._types import Frame, Recovery, Skipped, Skips

__all__ = ["Decoder", "Encoder", "Framing", "__version__", "protocols"]

__version__: str

def protocols() -> list[tuple[str, str, str]]:
    """Return the name, the title and the specification of every protocol that ``@name`` stands for."""

@final
class Framing:
    """A framing: where a message ends on the wire, and how one is written.

    ``spec`` is its text form, such as ``u32be,max=1M``, or another framing. It never changes, and may be shared.

    Raises :class:`SpecError` for a text that describes none.
    """

    def __new__(cls, spec: str | Framing) -> Framing: ...
    def encode(self, message: Buffer) -> bytes:
        """Return the frame of one message, as the first of a stream.

        Raises :class:`EncodeError` for a message that this framing cannot carry.
        """
    @property
    def max_payload_len(self) -> int:
        """The greatest payload, in bytes, in both directions."""
    def with_max_payload_len(self, max: int) -> Framing:
        """Return the same framing with another limit."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Decoder:
    """Turns the bytes of one stream, cut anywhere, back into messages.

    ``recovery`` is what becomes of a frame that is rejected:

    - ``fail``: the error is raised by this call and by every later one;
    - ``skip-oversize``: a frame over the limit is skipped, other errors stay;
    - ``skip-frame``: a rejected frame is skipped up to its end, if it has one that can be found;
    - ``resync``: the next frame is searched for, byte by byte: for links that lose bytes;
    - ``resync-confirmed``: the same, but the first frame after damage counts only if another follows it.

    There are two ways to use it. :meth:`feed` and :meth:`finish` return all messages at once. :meth:`push`, :meth:`end` and
    iteration return them one at a time, so that the framing can change between two of them.

    A frame without a message, such as git's flush packet, is only among the events.

    A decoder belongs to one stream, and to one thread at a time. A call while another thread is inside one waits for it,
    or raises ``RuntimeError``; it damages nothing.
    """

    def __new__(cls, spec: str | Framing, recovery: Recovery = "fail") -> Decoder: ...
    def feed(self, data: Buffer) -> list[bytes]:
        """Take the next bytes of the stream, and return the messages that are complete with them.

        If an error follows them, iterating over the list raises it after the last message, and so does every later call.

        Raises :class:`DecodeError` for bytes that are no frame, :class:`ClosedError` after the end.
        """
    def feed_events(self, data: Buffer) -> list[Frame | Skipped]:
        """Like :meth:`feed`, but return frames instead of messages, and also what was skipped."""
    def push(self, data: Buffer) -> None:
        """Take the next bytes of the stream. Iteration returns the messages."""
    def __iter__(self) -> Decoder: ...
    def __next__(self) -> bytes:
        """Return the next message, if it is complete. Iteration ends where there is none, and goes on after :meth:`push`."""
    def next_event(self) -> Frame | Skipped | None:
        """Return the next frame, or what was skipped in its place, if it is complete."""
    def end(self) -> None:
        """Mark the end of the stream. Iteration returns the remaining messages, and raises an error if the last frame is cut."""
    def finish(self) -> list[bytes]:
        """Mark the end of the stream, and return the remaining messages.

        Raises :class:`TruncatedError` if the stream ended inside a frame.
        """
    def finish_events(self) -> list[Frame | Skipped]:
        """Like :meth:`finish`, but return frames instead of messages, and also what was skipped."""
    def idle(self) -> list[bytes]:
        """Mark a silence on the line: bytes that come after it do not belong to an unfinished frame.

        For protocols in which silence ends a frame, such as Modbus RTU. Returns the remaining messages.
        """
    def idle_events(self) -> list[Frame | Skipped]:
        """Like :meth:`idle`, but return frames instead of messages, and also what was skipped."""
    def switch(self, spec: str | Framing) -> None:
        """Go on with another framing from here. Bytes that came early stay, and so does the position."""
    def reset(self) -> None:
        """Go back to the start of a stream, after an error too. What is buffered is lost."""
    @property
    def skipped(self) -> Skips:
        """What was skipped so far."""
    @property
    def need(self) -> int:
        """How many bytes the next frame is missing at least; 0 if it is complete. Never more than it is missing."""
    @property
    def buffered(self) -> bytes:
        """The bytes that came and were not returned."""
    @property
    def position(self) -> int:
        """The offset in the stream of the first byte that was neither returned nor skipped."""
    @property
    def ended(self) -> bool:
        """Whether :meth:`end` or :meth:`finish` was called."""
    @property
    def recovery(self) -> Recovery:
        """What becomes of a frame that is rejected."""

@final
class Encoder:
    """The frames of one stream, for framings whose frames depend on the message before, such as ``line then u16be``."""

    def __new__(cls, spec: str | Framing) -> Encoder: ...
    def encode(self, message: Buffer) -> bytes:
        """Return the frame of the next message.

        Raises :class:`EncodeError` for a message that this framing cannot carry. The next one may then be another message.
        """
    def encode_all(self, messages: Iterable[Buffer]) -> bytes:
        """Return the frames of these messages, one after the other.

        Raises :class:`EncodeError` for the first that this framing cannot carry. The frames before it are not returned, and
        the stream is not to be continued.
        """
