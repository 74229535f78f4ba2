//! Answers of real protocols.

use super::*;

/// NBD: a simple reply has 16 bytes, and those of a read are followed by the data. Replies come in any order, with the cookie
/// of their request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Nbd {
    cookie: u64,
    read: Option<u64>,
}

impl Expectation for Nbd {
    type Framing = Fixed;

    fn framing(&self) -> Fixed {
        Fixed::new(16).unwrap()
    }

    fn is_answered_by(&self, frame: &Candidate<'_>) -> bool {
        frame.payload[8..16] == self.cookie.to_be_bytes()
    }

    fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<Fixed>, FrameError> {
        let failed = !frame.continues && frame.payload[4..8] != [0; 4];
        Ok(match self.read.take().filter(|_| !failed) {
            Some(len) => Next::Framing(Fixed::new(len).unwrap()),
            None => Next::Done,
        })
    }
}

#[test]
fn answers_in_any_order_find_their_request() {
    let reply = |cookie: u64, error: u8| [&b"\x67\x44\x66\x98\0\0\0"[..], &[error], &cookie.to_be_bytes()].concat();
    let mut answers = Answers::<Nbd, 4>::new();
    for (cookie, read) in [(1, Some(5)), (2, None), (3, Some(3)), (4, Some(9))] {
        answers.expect(Nbd { cookie, read }).unwrap();
    }
    let stream = [&reply(3, 0)[..], b"abc", &reply(2, 0), &reply(4, 5), &reply(1, 0), b"hello"].concat();
    for cut in 0..=stream.len() {
        let mut answers = answers.clone();
        let mut decoder = Decoder::new(Expecting::nothing());
        let mut seen = vec![];
        for chunk in [&stream[..cut], &stream[cut..]] {
            decoder.push(chunk).unwrap();
            loop {
                answers.prepare(&mut decoder);
                let Some(frame) = decoder.next_frame().unwrap() else { break };
                let answer = answers.take(&frame).unwrap();
                seen.push((answer.expectation.cookie, frame.wire_len(), answer.is_last));
            }
        }
        assert_eq!(seen, [(3, 16, false), (3, 3, true), (2, 16, true), (4, 16, true), (1, 16, false), (1, 5, true)]);
        assert_eq!(answers.finish(), Ok(()));
    }
    // A cookie that nobody sent.
    let mut decoder = Decoder::new(Expecting::nothing());
    answers.prepare(&mut decoder);
    decoder.push(&reply(9, 0)).unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    assert_eq!(answers.take(&frame).unwrap_err(), AnswerError { offset: 0, kind: AnswerErrorKind::NoRequest });
}

/// PostgreSQL: one byte answers the request for TLS, and then messages come, as many as the server likes.
#[derive(Clone, Copy, Debug)]
enum Postgres {
    Tls,
    Messages,
}

impl Expectation for Postgres {
    type Framing = Either<Fixed, LengthField<Binary>>;

    fn framing(&self) -> Self::Framing {
        match self {
            Self::Tls => Either::A(Fixed::new(1).unwrap()),
            Self::Messages => Either::B(LengthField::new(1, Binary::u32_be()).unwrap().with_length_adjustment(-4)),
        }
    }

    fn next(&mut self, _: &Candidate<'_>) -> Result<Next<Self::Framing>, FrameError> {
        Ok(if matches!(self, Self::Tls) { Next::Done } else { Next::Same })
    }
}

#[test]
fn one_byte_answers_the_request_for_tls() {
    let mut answers = Answers::<Postgres, 2>::new();
    let mut decoder = Decoder::new(Expecting::nothing());
    answers.expect(Postgres::Tls).unwrap();
    decoder.push(b"N").unwrap();
    answers.prepare(&mut decoder);
    let frame = decoder.next_frame().unwrap().unwrap();
    assert!(answers.take(&frame).unwrap().is_last);
    // The start-up message is sent.
    answers.expect(Postgres::Messages).unwrap();
    decoder.push(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").unwrap();
    let mut types = vec![];
    loop {
        answers.prepare(&mut decoder);
        let Some(frame) = decoder.next_frame().unwrap() else { break };
        assert!(!answers.take(&frame).unwrap().is_last);
        types.push(frame.header()[0]);
    }
    assert_eq!(types, b"RZ");
}

/// A client of POP3: the greeting, and then one expectation for each command.
#[cfg(feature = "protocols")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pop3 {
    Line,
    Lines,
    Body,
}

#[cfg(feature = "protocols")]
impl Pop3 {
    fn after(command: &[u8]) -> Self {
        let mut words = command.split(|&byte| byte == b' ');
        match (words.next(), words.next()) {
            (Some(b"CAPA" | b"RETR" | b"TOP"), _) | (Some(b"LIST" | b"UIDL"), None) => Self::Lines,
            _ => Self::Line,
        }
    }
}

#[cfg(feature = "protocols")]
impl Expectation for Pop3 {
    type Framing = Either<anysplit::Forbid<Delimited<anysplit::delimited::Lines>>, Dotted>;

    fn framing(&self) -> Self::Framing {
        Either::A(anysplit::protocols::pop3())
    }

    fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<Self::Framing>, FrameError> {
        if *self == Self::Lines && frame.payload.starts_with(b"+OK") {
            *self = Self::Body;
            return Ok(Next::Framing(Either::B(Dotted::new())));
        }
        Ok(Next::Done)
    }
}

/// What dovecot sent to a client: every command has its answer, and the bodies are without their dots, in every split.
#[cfg(feature = "protocols")]
#[test]
fn recorded_pop3_session_has_one_answer_for_each_command() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/protocols/pop3");
    let commands = std::fs::read(folder.join("client.bin")).unwrap();
    let stream = std::fs::read(folder.join("server.bin")).unwrap();
    let mut asked = vec![Pop3::Line];
    let mut decoder = Decoder::new(anysplit::protocols::pop3());
    decoder.push(&commands).unwrap();
    while let Some(command) = decoder.next_frame().unwrap() {
        asked.push(Pop3::after(command.payload()));
    }
    let read = |chunks: &[&[u8]]| {
        let mut answers = Answers::<Pop3, 32>::new();
        asked.iter().for_each(|asked| answers.expect(*asked).unwrap());
        let (mut decoder, mut lines, mut bodies) = (Decoder::new(Expecting::nothing()), vec![], vec![]);
        for chunk in chunks {
            decoder.push(chunk).unwrap();
            loop {
                answers.prepare(&mut decoder);
                let Some(frame) = decoder.next_frame().unwrap() else { break };
                let answer = answers.take(&frame).unwrap();
                let text = String::from_utf8(frame.payload().to_vec()).unwrap();
                if answer.is_first { lines.push(text) } else { bodies.push(text) }
            }
        }
        assert_eq!(decoder.finish(), Ok(None));
        assert_eq!(answers.finish(), Ok(()));
        (lines, bodies)
    };
    let whole = read(&[&stream]);
    assert_eq!(whole.0.len(), asked.len());
    assert_eq!(whole.0.last().unwrap(), "+OK Logging out.");
    assert_eq!(whole.1[1], "1 38\r\n2 256");
    // The lines of two dots and of three dots had one more on the wire.
    assert_eq!(whole.1[3], "Subject: one\r\n\r\nhello\r\n.\r\n..two dots");
    assert_eq!(whole.1.len(), 6);
    for cut in 0..=stream.len() {
        assert_eq!(read(&[&stream[..cut], &stream[cut..]]), whole);
    }
    assert_eq!(read(&stream.chunks(1).collect::<Vec<_>>()), whole);
}

/// What swaks sent to a server: after DATA the client's own stream changes, and back after the mail.
#[cfg(feature = "protocols")]
#[test]
fn recorded_mail_comes_without_its_dots() {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/protocols/smtp/client.bin");
    let stream = std::fs::read(path).unwrap();
    let text = String::from_utf8(stream.clone()).unwrap();
    let mails = text.split("DATA\r\n").skip(1).map(|rest| {
        let lines = rest.split("\r\n").take_while(|line| *line != ".");
        lines.map(|line| line.strip_prefix('.').unwrap_or(line)).collect::<Vec<_>>().join("\r\n")
    });
    let mails: Vec<String> = mails.collect();
    assert!(mails[0].contains("hello\r\n.\r\n..dots"), "{mails:?}");
    for cut in 0..=stream.len() {
        let commands = || Either::A(anysplit::protocols::smtp());
        let mut decoder = Decoder::new(commands());
        let (mut found, mut is_mail) = (vec![], false);
        for chunk in [&stream[..cut], &stream[cut..]] {
            decoder.push(chunk).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                let begins_mail = !is_mail && frame.payload() == b"DATA";
                if is_mail {
                    found.push(String::from_utf8(frame.payload().to_vec()).unwrap());
                }
                if is_mail || begins_mail {
                    is_mail = begins_mail;
                    decoder.set_framing(if is_mail { Either::B(Dotted::new()) } else { commands() });
                }
            }
        }
        assert_eq!(decoder.finish(), Ok(None));
        assert_eq!(found, mails);
    }
}
