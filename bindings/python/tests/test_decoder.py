"""Decoder, encoder and framing, for any messages, splits and bytes."""

from __future__ import annotations

import array
import gc
import mmap
import pickle
import threading

import anysplit
import pytest
from hypothesis import given
from hypothesis import strategies as st

#: Framings that carry any message of at least one byte.
ANY = ["u8,max=200", "u32be", "ascii:5", "netstring", "varint", "slip", "cobs", "(u16le),sum=CRC-32/ISO-HDLC", "hexline:\\:"]
#: These, and framings of another kind.
ALL = [*ANY, "line", "line,crlf,max=9", "delim:ab|b\\0", "fixed:3", "header:l", "chunked", "json", "cbor", "resp", "asn1"]
ALL += ["@http1", "@mqtt", "@mavlink", "@midi", "@websocket-unmasked", "line then u16be", "type:a=2,b=(u8)", "close,max=50"]

messages = st.lists(st.binary(min_size=1, max_size=30), max_size=8)
policies = st.sampled_from(["fail", "skip-oversize", "skip-frame", "resync", "resync-confirmed"])
#: Bytes with a meaning in many framings are more frequent.
noise = st.lists(st.one_of(st.sampled_from(list(b"\r\n 05:,\0\xc0\xdb{}[]lab")), st.integers(0, 255)), max_size=60).map(bytes)


@st.composite
def chunked(draw: st.DrawFn, data: bytes) -> list[bytes]:
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]


def collect(decoder: anysplit.Decoder, chunks: list[bytes]) -> tuple[list[object], tuple[object, ...] | None]:
    found: list[object] = []
    try:
        for chunk in chunks:
            for event in decoder.feed_events(chunk):
                found.append(comparable(event))
        for event in decoder.finish_events():
            found.append(comparable(event))
    except anysplit.DecodeError as error:
        return found, error.args
    return found, None


def comparable(event: anysplit.Frame | anysplit.Skipped) -> object:
    if isinstance(event, anysplit.Skipped):
        return event.offset, event.len, event.reason.args
    return event


@given(st.sampled_from(ANY), messages, st.data())
def test_messages_come_back_in_every_split(spec: str, sent: list[bytes], data: st.DataObject) -> None:
    wire = anysplit.Encoder(spec).encode_all(sent)
    assert wire == b"".join(anysplit.encode(spec, message) for message in sent)
    decoder = anysplit.Decoder(spec)
    found = [message for chunk in data.draw(chunked(wire)) for message in decoder.feed(chunk)]
    assert (found + decoder.finish(), decoder.position, decoder.buffered) == (sent, len(wire), b"")


@given(st.sampled_from(ALL), policies, noise, st.data())
def test_any_bytes_give_the_same_in_every_split(spec: str, policy: str, wire: bytes, data: st.DataObject) -> None:
    whole = collect(anysplit.Decoder(spec, policy), [wire])  # type: ignore[arg-type]
    split = collect(anysplit.Decoder(spec, policy), data.draw(chunked(wire)))  # type: ignore[arg-type]
    assert split == whole


@given(st.sampled_from(ALL), policies, noise, st.data())
def test_every_way_out_gives_the_same(spec: str, policy: str, wire: bytes, data: st.DataObject) -> None:
    chunks = data.draw(chunked(wire))
    events, end = collect(anysplit.Decoder(spec, policy), chunks)  # type: ignore[arg-type]
    sent = [event.message for event in events if isinstance(event, anysplit.Frame) and not event.control]
    for way in ("feed", "iterate", "next_event"):
        decoder = anysplit.Decoder(spec, policy)  # type: ignore[arg-type]
        found: list[bytes] = []
        try:
            for chunk in chunks:
                take(decoder, way, chunk, found)
            take(decoder, way, None, found)
            assert end is None
        except anysplit.DecodeError as error:
            assert error.args == end
            # Every later call raises the same.
            for call in (decoder.finish, decoder.next_event, lambda: next(decoder)):
                with pytest.raises(type(error)) as again:
                    call()
                assert again.value.args == error.args
        assert found == sent


def take(decoder: anysplit.Decoder, way: str, chunk: bytes | None, found: list[bytes]) -> None:
    if way == "feed":
        for message in decoder.finish() if chunk is None else decoder.feed(chunk):
            found.append(message)
        return
    decoder.end() if chunk is None else decoder.push(chunk)
    if way == "iterate":
        for message in decoder:
            found.append(message)
    while event := decoder.next_event():
        if isinstance(event, anysplit.Frame) and not event.control:
            found.append(event.message)


@given(st.text(max_size=40))
def test_any_text_is_a_framing_or_an_error_with_a_column(text: str) -> None:
    try:
        framing = anysplit.Framing(text)
    except anysplit.SpecError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.reason in str(error)
    else:
        assert anysplit.Framing(str(framing)) == framing


@given(st.sampled_from(ALL), st.binary(max_size=30))
def test_any_message_is_encoded_or_refused(spec: str, message: bytes) -> None:
    try:
        wire = anysplit.encode(spec, message)
    except anysplit.EncodeError as error:
        assert error.kind and str(error)
    else:
        assert isinstance(wire, bytes)


def test_messages_before_an_error_come_first() -> None:
    decoder = anysplit.Decoder("u8,max=3")
    found = decoder.feed(b"\x02hi\x01!\x09")
    assert (len(found), found[0], found[1]) == (2, b"hi", b"!")
    seen = []
    with pytest.raises(anysplit.DecodeError) as caught:
        for message in found:
            seen.append(message)
    assert seen == [b"hi", b"!"]
    error = caught.value
    assert (error.kind, error.offset, error.frame_offset, error.details) == ("oversize", 5, 5, {"len": 9, "max": 3})
    assert str(error) == "byte 5: payload of 9 bytes is over the limit of 3"
    with pytest.raises(anysplit.DecodeError):
        decoder.feed(b"")
    decoder.reset()
    assert decoder.feed(b"\x01a") == [b"a"]


def test_end_inside_a_frame_is_an_eof_error() -> None:
    decoder = anysplit.Decoder("u32be")
    assert decoder.feed(b"\0\0\0\x05hel") == []
    assert decoder.need == 2
    with pytest.raises(EOFError) as caught:
        decoder.finish()
    error = caught.value
    assert isinstance(error, anysplit.TruncatedError)
    assert (error.kind, error.part, error.have, error.need, error.offset) == ("truncated", "payload", 3, 5, 7)


def test_bytes_after_the_end_are_refused() -> None:
    decoder = anysplit.Decoder("line")
    assert decoder.feed(b"one\ntw") == [b"one"]
    decoder.end()
    for call in (decoder.feed, decoder.push, decoder.feed_events):
        with pytest.raises(anysplit.ClosedError, match="byte 6"):
            call(b"x")
    assert list(decoder) == [b"tw"]


def test_framing_changes_between_two_messages() -> None:
    decoder = anysplit.Decoder("line")
    decoder.push(b"UPGRADE\n\0\x05hello")
    assert next(decoder) == b"UPGRADE"
    decoder.switch("u16be")
    assert (next(decoder), decoder.position) == (b"hello", 15)


def test_skipped_frames_are_counted() -> None:
    decoder = anysplit.Decoder("line,max=5", recovery="skip-oversize")
    assert decoder.recovery == "skip-oversize"
    assert decoder.feed(b"one\nmuch too long\ntwo\n") == [b"one", b"two"]
    skipped = decoder.skipped
    assert (skipped.stretches, skipped.bytes) == (1, 14)
    assert skipped.last_reason is not None and skipped.last_reason.kind == "oversize"


def test_frame_after_damage_is_confirmed_by_the_next() -> None:
    wire = b"?\xaa\x01a?\xaa\x01b\xaa\x01c"
    for policy, found in [("resync", [b"a", b"b", b"c"]), ("resync-confirmed", [b"b", b"c"])]:
        assert anysplit.decode("u8,start=\\xaa", wire, policy) == found  # type: ignore[arg-type]


def test_silence_ends_a_frame() -> None:
    decoder = anysplit.Decoder("u16be", "skip-frame")
    assert decoder.feed(b"\0\x05hel") == []
    assert decoder.idle() == []
    assert decoder.skipped.bytes == 5
    assert decoder.feed(b"\0\x02hi") == [b"hi"]


def test_control_frames_are_events() -> None:
    decoder = anysplit.Decoder("@git")
    assert decoder.feed(b"00000006a\n") == [b"a\n"]
    flush, line = anysplit.Decoder("@git").feed_events(b"00000006a\n")
    assert isinstance(flush, anysplit.Frame) and flush.control
    assert flush == (b"", b"", b"0000", b"", 0, 4, True)
    assert isinstance(line, anysplit.Frame) and (line.header, line.message, line.offset) == (b"0006", b"a\n", 4)


def mapped(data: bytes) -> mmap.mmap:
    memory = mmap.mmap(-1, len(data))
    memory[:] = data
    return memory


def test_any_buffer_is_taken() -> None:
    data = b"\x02hi"
    for taken in (data, bytearray(data), memoryview(data), array.array("B", data), mapped(data)):
        assert anysplit.Decoder("u8").feed(taken) == [b"hi"]
        assert anysplit.encode("u8", taken) == b"\x03\x02hi"


def test_other_objects_and_gaps_are_refused() -> None:
    decoder = anysplit.Decoder("u8")
    for wrong in ("text", 5, None):
        with pytest.raises(TypeError):
            decoder.feed(wrong)  # type: ignore[arg-type]
    with pytest.raises(BufferError):
        decoder.feed(memoryview(b"abcd")[::2])
    with pytest.raises(TypeError):
        anysplit.Decoder(b"u8")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="resync"):
        anysplit.Decoder("u8", recovery="none")  # type: ignore[arg-type]
    assert decoder.feed(memoryview(b"")) == []


def test_buffer_is_released_and_may_change() -> None:
    chunk = bytearray(b"\x02hi\x05he")
    decoder = anysplit.Decoder("u8")
    (message,) = decoder.feed(chunk)
    # It could not be resized while it is borrowed.
    chunk[:] = b"#" * 100
    assert (message, decoder.feed(b"llo")) == (b"hi", [b"hello"])


def test_spec_error_shows_the_column() -> None:
    with pytest.raises(anysplit.SpecError) as caught:
        anysplit.Framing("u32be,mx=1M")
    assert caught.value.column == 7
    assert str(caught.value).startswith("u32be,mx=1M\n      ^ expected an option")


def test_name_of_joined_messages_says_which_frames_it_joins() -> None:
    with pytest.raises(anysplit.SpecError, match="their frames are those of @http1"):
        anysplit.Framing("@http1-responses")


def test_encode_error_names_the_byte() -> None:
    with pytest.raises(anysplit.EncodeError) as caught:
        anysplit.encode("line", b"a\nb")
    assert (caught.value.kind, caught.value.offset) == ("contains_delimiter", 1)
    encoder = anysplit.Encoder("line")
    with pytest.raises(anysplit.EncodeError):
        encoder.encode_all([b"good", b"a\nb"])
    assert encoder.encode(b"next") == b"next\n"


def test_framing_is_a_value() -> None:
    framing = anysplit.Framing("u32be,max=1M")
    assert (str(framing), repr(framing)) == ("u32be,max=1048576", "Framing('u32be,max=1048576')")
    assert framing.max_payload_len == 1 << 20
    assert framing.with_max_payload_len(5) == anysplit.Framing("u32be,max=5") != framing
    assert len({framing, anysplit.Framing("u32be,max=1024k")}) == 1
    assert pickle.loads(pickle.dumps(framing)) == framing
    assert anysplit.Framing(framing) == framing


def test_errors_can_be_pickled() -> None:
    for spec, wire in [("u8,max=1", b"\x02"), ("u8", b"\x02"), ("(u8),sum=xor", b"\0\x01")]:
        with pytest.raises(anysplit.DecodeError) as caught:
            anysplit.decode(spec, wire)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), again.args, str(again)) == (type(caught.value), caught.value.args, str(caught.value))


def test_protocols_have_names() -> None:
    names = [name for name, _, _ in anysplit.protocols()]
    assert len(names) > 100 and "mqtt" in names
    for name in names:
        anysplit.Decoder(f"@{name}").feed(b"")


def test_memory_follows_what_came() -> None:
    decoders = [anysplit.Decoder("u32be,max=1G") for _ in range(1000)]
    for decoder in decoders:
        # Each announces a gigabyte.
        assert decoder.feed(b"\x3f\xff\xff\xff") == []
    assert {decoder.buffered for decoder in decoders} == {b"\x3f\xff\xff\xff"}


def test_large_message_comes_back() -> None:
    message = bytes(range(256)) * 40_000
    wire = anysplit.encode("u32be,max=none", message)
    decoder = anysplit.Decoder("u32be,max=none")
    found = [message for at in range(0, len(wire), 65_536) for message in decoder.feed(memoryview(wire)[at : at + 65_536])]
    assert found == [message]


def test_threads_with_decoders_of_their_own_do_not_meet() -> None:
    framing = anysplit.Framing("netstring")
    wrong: list[object] = []

    def run(number: int) -> None:
        sent = [f"{number} {at}".encode() for at in range(500)]
        wire = b"".join(framing.encode(message) for message in sent)
        decoder = anysplit.Decoder(framing)
        found = [message for at in range(0, len(wire), 7) for message in decoder.feed(wire[at : at + 7])]
        if found != sent:
            wrong.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_threads_with_one_decoder_lose_no_byte() -> None:
    decoder = anysplit.Decoder("u8")
    found: list[bytes] = []

    def run() -> None:
        for _ in range(2000):
            found.extend(decoder.feed(b"\x03abc"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"abc"] * 8000


def test_decoder_called_while_it_works_raises() -> None:
    decoder = anysplit.Decoder("u8")

    class Calls:
        def __iter__(self) -> Calls:
            return self

        def __next__(self) -> bytes:
            decoder.feed(b"\x01a")
            raise StopIteration

    assert anysplit.Encoder("u8").encode_all(Calls()) == b""
    assert decoder.position == 2


def test_nothing_leaks() -> None:
    def work() -> None:
        for spec, wire in [("u8,max=3", b"\x02hi\x09"), ("slip", b"\xc0a\xdb\xdc\xc0"), ("line", b"one\ntwo")]:
            decoder = anysplit.Decoder(spec)
            try:
                list(decoder.feed_events(wire))
                decoder.finish()
            except anysplit.DecodeError:
                pass

    work()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(100):
        work()
    gc.collect()
    assert len(gc.get_objects()) - before < 50
