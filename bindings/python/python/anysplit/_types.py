"""The classes that need no speed: the results of a decoder other than messages, and the exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

#: What becomes of a frame that is rejected: see :class:`anysplit.Decoder`.
Recovery: TypeAlias = Literal["fail", "skip-oversize", "skip-frame", "resync", "resync-confirmed"]


class Frame(NamedTuple):
    """One complete frame.

    Header and trailer are as on the wire. So is the payload, unless the framing stuffs or masks it: then it is the payload
    with that undone.
    """

    #: The payload.
    payload: bytes
    #: What ``encode`` takes to write this frame: the payload, or the header with it where the header belongs to the message.
    #: Empty for a control frame.
    message: bytes
    #: The bytes before the payload.
    header: bytes
    #: The bytes after the payload.
    trailer: bytes
    #: Where the frame begins, in bytes from the start of the stream.
    offset: int
    #: Its length on the wire in bytes.
    wire_len: int
    #: Whether it carries no message, as git's flush packet ``0000``.
    control: bool


class Skipped(NamedTuple):
    """Bytes that the recovery policy skipped."""

    #: Where they begin, in bytes from the start of the stream.
    offset: int
    #: How many there are.
    len: int
    #: Why the frame was rejected.
    reason: DecodeError


class Skips(NamedTuple):
    """What a decoder has skipped so far."""

    #: How many stretches.
    stretches: int
    #: How many bytes in them.
    bytes: int
    #: Why the last of them was skipped.
    last_reason: DecodeError | None


class Error(Exception):
    """The base class of all exceptions of this package."""

    def __str__(self) -> str:
        return str(self.args[0])


class SpecError(Error, ValueError):
    """A text form that describes no framing. Its text shows where, with a caret."""

    def __init__(self, text: str, column: int, reason: str) -> None:
        super().__init__(text, column, reason)
        #: In characters, counted from 1.
        self.column = column
        #: What is wrong there.
        self.reason = reason


class EncodeError(Error, ValueError):
    """A message that this framing cannot carry: it would not come back the same. Nothing was written."""

    def __init__(self, text: str, kind: str, details: dict[str, int]) -> None:
        super().__init__(text, kind, details)
        #: What is wrong: ``oversize``, ``contains_delimiter``, ...
        self.kind = kind
        #: The numbers of that kind: ``{"len": 9, "max": 5}``.
        self.details = details

    @property
    def offset(self) -> int | None:
        """Where in the message, in bytes, if one byte of it is wrong."""
        return self.details.get("at")


class DecodeError(Error, ValueError):
    """Bytes that are no frame. The decoder stays failed: every later call raises the same, until ``reset``."""

    def __init__(self, text: str, kind: str, offset: int, frame_offset: int, details: dict[str, int]) -> None:
        super().__init__(text, kind, offset, frame_offset, details)
        #: What is wrong: ``oversize``, ``mismatch``, ``check``, ...
        self.kind = kind
        #: Where the first wrong byte is, in bytes from the start of the stream.
        self.offset = offset
        #: Where its frame begins, in bytes from the start of the stream.
        self.frame_offset = frame_offset
        #: The numbers of that kind: ``{"len": 9, "max": 5}``.
        self.details = details


class TruncatedError(DecodeError, EOFError):
    """The stream ended inside a frame. ``offset`` is where it ended; ``kind`` is ``truncated``."""

    def __init__(
        self, text: str, kind: str, offset: int, frame_offset: int, details: dict[str, int], part: str
    ) -> None:
        super().__init__(text, kind, offset, frame_offset, details)
        self.args = (text, kind, offset, frame_offset, details, part)
        #: What it cut: ``header``, ``payload``, ``trailer``, ``unterminated`` or ``skipped``.
        self.part = part

    @property
    def have(self) -> int:
        """How many bytes of that part came."""
        return self.details["have"]

    @property
    def need(self) -> int | None:
        """How many bytes that part has at least, if that is known."""
        return self.details.get("need")


class ClosedError(Error, ValueError):
    """Bytes were given to a decoder after the end of its stream. It took no bytes."""


class ThenError(list[T]):
    """The messages before an error. Iterating over them raises the error after the last one."""

    def __init__(self, items: list[T], error: Exception) -> None:
        super().__init__(items)
        #: What follows them.
        self.error = error

    def __iter__(self) -> Iterator[T]:
        yield from super().__iter__()
        raise self.error
