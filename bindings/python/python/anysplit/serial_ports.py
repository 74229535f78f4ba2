"""Messages over a serial port of pyserial.

.. code-block:: python

    port = MessagePort(serial.Serial("/dev/ttyUSB0", 115200), "cobs,sum=CRC-16/IBM-SDLC,form=le")
    port.send(b"hello")
    print(port.recv(timeout=1))
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from anysplit import Decoder, Encoder, Framing

if TYPE_CHECKING:
    from serial import Serial
    from typing_extensions import Buffer

    from anysplit import Recovery


class MessagePort:
    """A serial port that sends and receives messages.

    Serial lines lose bytes, so a damaged frame is skipped by default, and the next one is searched for.

    ``silence`` is for protocols in which silence ends a frame, such as Modbus RTU: if no byte comes for this many
    seconds, the bytes after the silence do not belong to an unfinished frame.
    """

    def __init__(
        self, port: Serial, spec: str | Framing, recovery: Recovery = "resync", silence: float | None = None
    ) -> None:
        framing = Framing(spec)
        self.port = port
        #: For ``skipped``, ``position`` and the rest.
        self.decoder = Decoder(framing, recovery)
        self.encoder = Encoder(framing)
        self.silence = silence
        self._ready: deque[bytes] = deque()

    def send(self, message: Buffer) -> None:
        """Send one message.

        Raises :class:`anysplit.EncodeError` for a message that the framing cannot carry. Then nothing was sent.
        """
        wire = memoryview(self.encoder.encode(message))
        while wire:
            # Without a timeout of its own it writes all of it, with one perhaps less.
            wire = wire[self.port.write(wire) or 0 :]

    def recv(self, timeout: float | None = None) -> bytes:
        """Return the next message.

        Raises ``TimeoutError`` if no message is complete after ``timeout`` seconds. No byte is lost then.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while not self._ready:
            if (message := next(self.decoder, None)) is not None:
                return message
            left = None if deadline is None else max(0.0, deadline - monotonic())
            is_inside = self.silence is not None and bool(self.decoder.buffered)
            waits = [wait for wait in (left, self.silence if is_inside else None) if wait is not None]
            self.port.timeout = min(waits, default=None)
            if chunk := self.port.read(max(1, self.port.in_waiting)):
                self.decoder.push(chunk)
            elif left is None or self.silence is not None and is_inside and self.silence <= left:
                self._ready.extend(self.decoder.idle())
            else:
                raise TimeoutError(f"no complete message after {timeout} s")
        return self._ready.popleft()
