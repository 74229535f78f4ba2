//! Messages that a peer reads as two, and streams that a peer reads differently.

use anysplit::order::Order;
use anysplit::sum::{Plain, SumForm};
use anysplit::{
    ByteSet, Chunked, Condition, DecodeErrorKind, Delimited, Dotted, EncodeError, Fixed, Forbid, HeaderBlock, Prefix,
    Require, Stuffed, UniversalLine,
};

use crate::{fails, gives, refuses};

/// A server ends a line at a lone CR or stops at NUL. martynsmith/node-irc#573, apache/kvrocks#808.
#[test]
fn forbidden_byte_is_refused_in_both_directions() {
    let line = Forbid::new(ByteSet::of(0).with(b'\r'), Delimited::line()).unwrap();
    refuses(line, b"PING a\rPING b", EncodeError::Forbidden { at: 6, found: b'\r' });
    refuses(line, b"a\0", EncodeError::Forbidden { at: 1, found: 0 });
    refuses(line, b"a\nb", EncodeError::ContainsDelimiter { at: 1 });
    gives(line, b"a\r\nb\n", &[b"a", b"b"]);
    fails(line, b"a\nb\rc\n", &[b"a"], 3, DecodeErrorKind::Forbidden { found: b'\r' });
    fails(line, b"a\0", &[], 1, DecodeErrorKind::Forbidden { found: 0 });
    let max = line.inner().with_max_payload_len(2);
    let short = Forbid::new(*line.set(), max).unwrap();
    fails(short, b"a\0cdef", &[], 1, DecodeErrorKind::Forbidden { found: 0 });
    fails(short, b"abcd\0", &[], 2, DecodeErrorKind::Oversize { len: 3, max: 2 });
}

/// Whether a frame happens to be escaped must not decide whether it is searched.
#[test]
fn forbidden_byte_of_a_rewritten_frame_is_refused_in_both_directions() {
    let line = |found| EncodeError::Forbidden { at: 1, found };
    let slip = Forbid::new(ByteSet::of(b'x').with(0xc0), Stuffed::slip()).unwrap();
    refuses(slip, b"ax", line(b'x'));
    refuses(slip, b"\xdbx\xdb", line(b'x'));
    gives(slip, b"\xc0a\xdb\xddb\xc0", &[b"a\xdbb"]);
    fails(slip, b"\xc0ax\xc0", &[], 2, DecodeErrorKind::Forbidden { found: b'x' });
    // The error is at the second byte of the escape, which stands for the end byte.
    fails(slip, b"\xc0a\xdb\xdcx\xc0", &[], 3, DecodeErrorKind::Forbidden { found: 0xc0 });
    let dots = Forbid::new(ByteSet::of(0), Dotted::new()).unwrap();
    refuses(dots, b".\0\r\n", line(0));
    fails(dots, b"..\0\r\n.\r\n", &[], 2, DecodeErrorKind::Forbidden { found: 0 });
    gives(dots, b"..\r\n.\r\n", &[b"."]);
    // Far into the frame, after many escapes.
    let long = [&b"\xdb\xdd".repeat(100)[..], b"x\xc0"].concat();
    fails(slip, &long, &[], 200, DecodeErrorKind::Forbidden { found: b'x' });
    // A sum that is escaped with the message: only the encoder can search.
    let summed = Stuffed::slip().with_sum(Plain::Xor, SumForm::Binary(Order::Big));
    refuses(Forbid::new(ByteSet::of(b'x'), summed).unwrap(), b"ax", line(b'x'));
}

/// The first byte of CR LF alone is proved wrong by the byte after it.
#[test]
fn half_a_delimiter_is_an_error_at_the_byte_after_it() {
    let crlf = Forbid::new(ByteSet::of(0).with(b'\r').with(b'\n'), Delimited::crlf()).unwrap();
    fails(crlf, b"a\rb\r\n", &[], 2, DecodeErrorKind::Mismatch { found: b'b', expected: b'\n' });
    fails(crlf, b"a\nb\r\n", &[], 1, DecodeErrorKind::Forbidden { found: b'\n' });
    refuses(crlf, b"a\r", EncodeError::Forbidden { at: 1, found: b'\r' });
}

/// HTTP/1.1 where the preface of HTTP/2 belongs. dotnet/aspnetcore#39358.
#[test]
fn required_byte_is_judged_when_it_comes() {
    let preface = Require::new(Fixed::new(6).unwrap()).with(Condition::bytes(0, b"PRI").unwrap()).unwrap();
    fails(preface, b"POST /", &[], 1, DecodeErrorKind::Mismatch { found: b'O', expected: b'R' });
    gives(preface, b"PRI * PRI + ", &[b"PRI * ", b"PRI + "]);
    refuses(preface, b"PRO * ", EncodeError::Mismatch { at: 2, found: b'O', expected: b'I' });
    let flag = Require::new(Prefix::u16_be()).with(Condition::one_of(2, ByteSet::range(b'a', b'c')).unwrap()).unwrap();
    fails(flag, b"\0\x02ax\0\x02dx", &[b"ax"], 6, DecodeErrorKind::Forbidden { found: b'd' });
    gives(flag, b"\0\0\0\x01b", &[b"", b"b"]);
    refuses(flag, b"dx", EncodeError::Forbidden { at: 0, found: b'd' });
}

/// A length that is too small swallows the start of the next message. Abso1ut3Zer0/nexus#585.
#[test]
fn bytes_at_the_end_of_the_payload_are_required() {
    let sum = Condition::bytes(3, b"=").unwrap().from_payload_end().unwrap();
    let framing = Require::new(Prefix::u8()).with(sum).unwrap();
    gives(framing, b"\x04a=12\x03=34", &[b"a=12", b"=34"]);
    fails(framing, b"\x04a123\x03=34", &[], 2, DecodeErrorKind::Mismatch { found: b'1', expected: b'=' });
    refuses(framing, b"a123", EncodeError::Mismatch { at: 1, found: b'1', expected: b'=' });
}

/// `5 0` is 5 for one reader and 80 for another. apache/pekko-http#1290, yhirose/cpp-httplib#2585.
#[test]
fn chunk_size_is_followed_by_what_the_grammar_has() {
    fails(Chunked::new(), b"5 0\r\nhello\r\n", &[], 2, DecodeErrorKind::Mismatch { found: b'0', expected: b';' });
    fails(Chunked::new(), b"5 x\r\nhello\r\n", &[], 2, DecodeErrorKind::Mismatch { found: b'x', expected: b';' });
    gives(Chunked::new(), b"5 \t;a=b\r\nhello\r\n", &[b"hello"]);
    fails(Chunked::new(), b"5;a=\0\r\n", &[], 4, DecodeErrorKind::Forbidden { found: 0 });
    fails(Chunked::new(), b"0\r\nA: \x0b\r\n\r\n", &[], 6, DecodeErrorKind::Forbidden { found: 0x0b });
}

/// A lone CR ends a field for some readers, who find another length after it. siphon-project/siphon-sip#237.
#[test]
fn lone_cr_or_nul_in_a_header_is_an_error() {
    let header = HeaderBlock::new("l").unwrap();
    fails(header, b"X: a\rl: 9\r\nl: 2\r\n\r\nhi", &[], 5, DecodeErrorKind::Mismatch { found: b'l', expected: b'\n' });
    fails(header, b"X: a\0\r\nl: 2\r\n\r\nhi", &[], 4, DecodeErrorKind::Forbidden { found: 0 });
    gives(header, b"X: a\r\nl: 2\r\n\r\n\r\0", &[b"\r\0"]);
    fails(header, b"l : 2\r\n\r\nhi", &[], 1, DecodeErrorKind::Mismatch { found: b' ', expected: b':' });
    gives(header.allowing_blanks_before_separator(), b"l \t: 2\r\n\r\nhi", &[b"hi"]);
}

/// CR LF that is cut between two chunks ends two lines. rexxars/eventsource-parser#17.
#[test]
fn cr_lf_and_both_end_one_line() {
    let lines = UniversalLine::new();
    gives(lines, b"a\r\nb\rc\n\n\r\r\n", &[b"a", b"b", b"c", b"", b"", b""]);
    refuses(lines, b"a\rb", EncodeError::ContainsDelimiter { at: 1 });
}

#[cfg(feature = "protocols")]
mod protocols {
    use anysplit::{DecodeErrorKind, EncodeError, Framing, Recovery, protocols};

    use crate::{fails, gives, however_cut, refuses, skips};

    /// Each of these is two messages for a server.
    #[test]
    fn message_that_a_server_reads_as_two_is_refused() {
        let forbidden = |at, found| EncodeError::Forbidden { at, found };
        refuses(protocols::redis(), b"SET x 1\nSET forged 2", EncodeError::ContainsDelimiter { at: 7 });
        refuses(protocols::nats(), b"PING\nPING", EncodeError::ContainsDelimiter { at: 4 });
        refuses(protocols::imap(), b"a2 NOOP\na3 NOOP", forbidden(7, b'\n'));
        refuses(protocols::smtp(), b"NOOP\nNOOP", forbidden(4, b'\n'));
        refuses(protocols::smtp(), b"x\n.", forbidden(1, b'\n'));
        refuses(protocols::irc(), b"PING a\rPING b", forbidden(6, b'\r'));
        refuses(protocols::ftp(), b"NOOP\rNOOP", forbidden(4, b'\r'));
        refuses(protocols::memcached(), b"version\rversion", forbidden(7, b'\r'));
        refuses(protocols::memcached(), b"get \0", forbidden(4, 0));
        refuses(protocols::hl7(), b"MSH\x0b", forbidden(3, 0x0b));
        refuses(protocols::hl7(), b"MSH\x1c", forbidden(3, 0x1c));
    }

    #[test]
    fn tab_in_a_line_of_memcached_announces_no_block() {
        gives(protocols::memcached(), b"set\tk 0 0 7\r\nversion\r\n", &[b"set\tk 0 0 7", b"version"]);
    }

    #[test]
    fn text_of_a_status_response_announces_no_literal() {
        gives(protocols::imap(), b"A1 OK done{4}\r\nA2 OK done\r\n", &[b"A1 OK done{4}", b"A2 OK done"]);
        gives(protocols::imap(), b"+ go {4}\r\n* 1 X {2}\r\nhi\r\n", &[b"+ go {4}", b"hi", b""]);
    }

    /// A client that waits for `+` stalls if its line is no frame.
    #[test]
    fn frame_ends_where_the_peer_waits() {
        let command = b"a LOGIN {2}\r\nme {3}\r\nyou\r\nb NOOP\r\n";
        gives(protocols::imap(), command, &[b"a LOGIN {2}", b"me", b" {3}", b"you", b"", b"b NOOP"]);
        gives(protocols::imap(), b"a X {2+}\r\nme\r\n", &[b"me", b""]);
        gives(protocols::imap(), b"* 1 X {2}\r\nme)\r\n", &[b"me", b")"]);
        let mut encoder = anysplit::Encoder::new(protocols::imap());
        for message in [&b"a LOGIN {2}"[..], b"me", b" {3}", b"you", b"", b"b NOOP"] {
            encoder.push(message).unwrap();
        }
        assert_eq!(bytes::Buf::copy_to_bytes(&mut encoder, command.len()), &command[..]);

        let greeting = [&b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01NULL"[..], &[0; 48]].concat();
        let frames = [&greeting[..], b"\0\x05hello"].concat();
        gives(protocols::zmtp(), &frames, &[&greeting[..10], b"\x03", &greeting[11..], b"hello"]);
    }

    /// The server did not send `+`, so the client sends no literal.
    #[test]
    fn literal_that_is_over_the_limit_is_not_waited_for() {
        let imap = protocols::imap().with_max_payload_len(9);
        let seen = however_cut(imap, Recovery::SkipOversize, b"a X {10}\r\nb NOOP\r\n");
        assert_eq!((seen.payloads, seen.skipped), (vec![b"b NOOP".to_vec()], vec![(0, 10)]));
    }

    /// Dovecot finds no literal in it, and takes `b NOOP` for a command.
    #[test]
    fn literal_after_an_open_quote_is_refused() {
        let kind = DecodeErrorKind::Mismatch { expected: b'"', found: b'{' };
        fails(protocols::imap(), b"a LOGIN \"{8+}\r\n\r\nb NOOP\r\n", &[], 9, kind);
        let error = anysplit::contract::FrameError::new(9, kind);
        refuses(protocols::imap(), b"a LOGIN \"{8+}\r\n\r\nb NOOP", EncodeError::Header(error));
        gives(protocols::imap(), b"a LOGIN \"\\\"\" {2+}\r\nme\r\n", &[b"me", b""]);
    }

    #[test]
    fn line_of_redis_ends_with_lf_alone() {
        gives(protocols::redis(), b"PING\nECHO a\r\n$2\nhi\r\n", &[b"PING", b"ECHO a", b"hi"]);
    }

    /// SASL needs lines of 12,288 bytes.
    #[test]
    fn line_of_smtp_has_room_for_sasl() {
        let line = vec![b'x'; 12_288];
        let mut wire = Vec::new();
        assert_eq!(protocols::smtp().encode(&line, &mut wire), Ok(12_290));
        let mut decoder = anysplit::Decoder::new(protocols::smtp());
        decoder.push(&wire).unwrap();
        assert_eq!(decoder.next_frame().unwrap().unwrap().message(), line[..]);
        let over = EncodeError::Oversize { len: 12_289, max: 12_288 };
        refuses(protocols::smtp(), &[&line[..], b"x"].concat(), over);
    }

    #[test]
    fn lines_before_the_identification_of_ssh_are_read() {
        let long = vec![b'x'; 300];
        let stream = [b"\r\n", &long[..], b"\r\n\xff\xe9\nSSH-2.0-x\r\n"].concat();
        gives(protocols::ssh(), &stream, &[b"", &long, b"\xff\xe9", b"SSH-2.0-x"]);
    }

    #[test]
    fn padded_length_of_minecraft_is_read() {
        gives(protocols::minecraft(), b"\x82\x80\x00hi\x01x", &[b"hi", b"x"]);
    }

    #[test]
    fn length_of_sip_has_blanks_before_its_colon_but_no_fold() {
        gives(protocols::sip(), b"A\r\nContent-Length \t: 2\r\n\r\nhi", &[b"hi"]);
        // Kamailio sees no length here, so to it `hi` would be the start of another message.
        fails(
            protocols::sip(),
            b"A\r\nl:\r\n 2\r\n\r\nhi",
            &[],
            5,
            DecodeErrorKind::NotADigit { found: b'\r', radix: 10 },
        );
    }

    #[test]
    fn block_of_hl7_ends_with_both_bytes() {
        gives(protocols::hl7(), b"\x0bMSH\x1c\r\r\n\n\x0bMSA\x1c\r", &[b"MSH", b"MSA"]);
        let kind = DecodeErrorKind::Mismatch { found: 0x0b, expected: b'\r' };
        fails(protocols::hl7(), b"\x0bMSH\x1c\x0bMSA\x1c\r", &[], 5, kind);
    }

    /// gRPC's settings ask for frames of up to 4 MiB.
    #[test]
    fn frame_of_http2_has_the_length_that_settings_allow() {
        let data = |len: u32| [&len.to_be_bytes()[1..], &[0; 6]].concat();
        let locate = |framing: &dyn Framing, len| {
            framing
                .locate(&data(len), &mut anysplit::contract::Progress::default())
                .map(|located| located.known().is_some())
        };
        let over = |max: u32| {
            let kind = DecodeErrorKind::Oversize { len: u64::from(max) + 1, max: max.into() };
            Err(anysplit::contract::FrameError::new(0, kind))
        };
        assert_eq!(locate(&protocols::http2(), 4 << 20), Ok(true));
        assert_eq!(locate(&protocols::http2(), (4 << 20) + 1), over(4 << 20));
        let first = anysplit::Limit::with_max_payload_len(protocols::http2(), 16_384);
        assert_eq!(locate(&first, 16_384), Ok(true));
        assert_eq!(locate(&first, 16_385), over(16_384));
    }

    /// rsyslog reads a longer count as the start of a line.
    #[test]
    fn message_of_syslog_has_a_length_that_rsyslog_reads() {
        assert_eq!(protocols::syslog().encode(&[b'<'; 200_000], &mut Vec::new()), Ok(200_007));
        let over = EncodeError::Oversize { len: 200_001, max: 200_000 };
        refuses(protocols::syslog(), &[b'<'; 200_001], over);
    }

    #[test]
    fn server_can_answer_a_line_that_is_too_long_and_go_on() {
        for framing in [protocols::irc(), protocols::ftp()] {
            let short = anysplit::Limit::with_max_payload_len(framing, 6);
            skips(short, b"too long\r\nQUIT\r\n", &[b"QUIT"], &[(0, 10)]);
        }
    }

    #[test]
    fn block_of_smtp_is_read_with_its_line() {
        gives(protocols::smtp(), b"BDAT 7\r\na\r\nb\nc\rQUIT\r\n", &[b"a\r\nb\nc\r", b"QUIT"]);
    }

    #[test]
    fn lengths_and_types_outside_their_range_are_errors() {
        fails(protocols::modbus(), b"\0\x01\0\0\0\0", &[], 4, DecodeErrorKind::TooShort { len: 0, min: 2 });
        fails(protocols::coap(), b"\x09\x01TTTTTTTTT", &[], 0, DecodeErrorKind::Forbidden { found: 9 });
        fails(protocols::tls(), b"GET /", &[], 0, DecodeErrorKind::Forbidden { found: b'G' });
        fails(protocols::websocket(), b"\xb1\0", &[], 0, DecodeErrorKind::Forbidden { found: 0xb1 });
        let greeting = [&b"\xff\0\0\0\0\0\0\0\x01\x7f\x03"[..], &[0; 53]].concat();
        let parts: [&[u8]; 3] = [&greeting[..10], &greeting[10..11], &greeting[11..]];
        let stream = [&greeting[..], b"\x05\0"].concat();
        fails(protocols::zmtp(), &stream, &parts, 64, DecodeErrorKind::Forbidden { found: 5 });
        fails(protocols::git(), b"0003", &[], 0, DecodeErrorKind::TooShort { len: 3, min: 4 });
        fails(protocols::ssh(), b"\0\0\0\x0c\xff", &[], 4, DecodeErrorKind::TooShort { len: 11, min: 256 });
    }

    #[test]
    fn name_of_a_length_in_stomp_is_case_sensitive() {
        gives(protocols::stomp(), b"SEND\nContent-Length:1\n\nhello\0", &[b"hello"]);
    }

    #[test]
    fn line_that_is_too_long_can_be_skipped() {
        let mut stream = vec![b'x'; 14_000];
        stream.extend_from_slice(b"\r\nQUIT\r\n");
        let mut decoder = anysplit::Decoder::new(protocols::smtp()).with_recovery(Recovery::SkipFrame);
        for chunk in stream.chunks(1000) {
            decoder.push(chunk).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                assert_eq!(frame.message(), b"QUIT");
            }
        }
        assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, 14_002));
        let short = protocols::smtp().with_max_line_len(6);
        let seen = however_cut(short, Recovery::SkipFrame, b"too long\r\nQUIT\r\n");
        assert_eq!((seen.payloads, seen.skipped), (vec![b"QUIT".to_vec()], vec![(0, 10)]));
    }
}
