//! Every adapter that writes, and the comparison of what it writes with what an encoder makes. The modules that include it
//! have `transport` beside it.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Waker};

use anysplit::embedded::{FrameWriter, WriteError};
use anysplit::io::{Cause, cause};
use anysplit::{EncodeError, Encoder, Framing};
use bytes::{Buf, Bytes, BytesMut};
use futures::Sink as _;

use super::transport::{Awaited, Plan, Sink, drive};

/// How a message is written: by copy, by reference, or by a closure.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Copy,
    Share,
    Closure,
}

const BY: [By; 3] = [By::Copy, By::Share, By::Closure];

/// A framing, a transport, and what is written.
struct Case<'a> {
    framing: &'a dyn Framing,
    messages: &'a [&'a [u8]],
    plan: &'a Plan,
    /// How much a queue holds before it writes.
    limit: usize,
    vectored: bool,
    /// How the first message is written.
    first: usize,
}

impl Case<'_> {
    fn by(&self, number: usize) -> By {
        BY[(number + self.first) % BY.len()]
    }

    /// The frame that an encoder makes of each message, or the error.
    fn made(&self, by: impl Fn(usize) -> By) -> Vec<Result<Vec<u8>, EncodeError>> {
        let mut encoder = Encoder::new(self.framing);
        let frame = |(number, message): (usize, &&[u8])| {
            let len = match by(number) {
                By::Copy => encoder.push(message),
                By::Share => encoder.push_bytes(Bytes::copy_from_slice(message)),
                By::Closure => encoder.push_with(|out| out.extend_from_slice(message)),
            }?;
            assert_eq!(encoder.remaining(), len);
            Ok(encoder.copy_to_bytes(len).to_vec())
        };
        self.messages.iter().enumerate().map(frame).collect()
    }

    fn sink(&self, plan: Plan) -> Sink {
        Sink::new(plan, self.vectored)
    }
}

/// The result of a writer for one message. `None`: the message was not taken, because of an error of the transport.
fn taken(result: Option<io::Result<()>>) -> Option<Result<(), EncodeError>> {
    let Err(error) = result? else { return Some(Ok(())) };
    match cause(&error) {
        Some(Cause::Encode(refusal)) => {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            Some(Err(refusal))
        }
        None => None,
        other => panic!("{error:?} carries {other:?}"),
    }
}

/// Calls again after the transport's own trouble.
fn again<T>(mut call: impl FnMut() -> Option<T>) -> T {
    (0..100_000).find_map(|_| call()).expect("the transport gets out of trouble")
}

macro_rules! writer {
    ($check:ident, $module:ident, $finish:ident $(, $await:ident)?) => {
        /// A future that is not ready is dropped: its message was not taken.
        fn $check(case: &Case) {
            let made = case.made(|number| case.by(number));
            let wire = made.iter().flatten().flatten().copied().collect::<Vec<_>>();
            let sink = case.sink(case.plan.clone());
            let mut writer = anysplit::$module::FrameWriter::new(sink.clone(), case.framing).with_limit(case.limit);
            for (number, (message, made)) in case.messages.iter().zip(&made).enumerate() {
                let said = again(|| {
                    let write = async {
                        match case.by(number) {
                            By::Copy => writer.write(message)$(.$await)?,
                            By::Share => writer.write_bytes(Bytes::copy_from_slice(message))$(.$await)?,
                            By::Closure => writer.write_with(|out| out.extend_from_slice(message))$(.$await)?,
                        }
                    };
                    taken(drive(write, 1))
                });
                assert_eq!(said.err(), made.as_ref().err().copied());
                assert!(wire.starts_with(&sink.borrow().taken), "no byte out of its place");
                if number % 4 == 3 {
                    again(|| taken(drive(async { writer.flush()$(.$await)? }, 1))).expect("a flush refuses nothing");
                    assert_eq!(writer.unsent(), 0);
                }
            }
            again(|| taken(drive(async { writer.$finish()$(.$await)? }, 1))).expect("it refuses nothing");
            assert_eq!(writer.into_parts().0.taken(), wire, stringify!($module));
        }
    };
}

writer!(check_io, io, flush);
writer!(check_tokio, tokio, shutdown, await);

/// Puts one item into a codec's host.
fn put<I>(mut host: impl futures::Sink<I, Error = io::Error> + Unpin, item: I) -> Result<(), EncodeError> {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut host = Pin::new(&mut host);
    while host.as_mut().poll_ready(cx).map(|ready| ready.expect("no errors here")).is_pending() {}
    taken(Some(host.start_send(item))).expect("it only encodes")
}

fn check_codecs(case: &Case) {
    let made = case.made(|_| By::Copy);
    let wire = made.iter().flatten().flatten().copied().collect::<Vec<_>>();
    let sink = || case.sink(case.plan.without_errors());
    let cx = &mut Context::from_waker(Waker::noop());

    let mut host = tokio_util::codec::FramedWrite::new(sink(), anysplit::tokio::Codec::new(case.framing));
    for (number, (&message, made)) in case.messages.iter().zip(&made).enumerate() {
        let said = match number % 4 {
            0 => put(&mut host, Bytes::copy_from_slice(message)),
            1 => put(&mut host, message),
            2 => put(&mut host, message.to_vec()),
            _ => put(&mut host, BytesMut::from(message)),
        };
        assert_eq!(said.err(), made.as_ref().err().copied());
    }
    while futures::Sink::<Bytes>::poll_close(Pin::new(&mut host), cx).map(Result::unwrap).is_pending() {}
    assert_eq!(host.into_inner().taken(), wire, "tokio-util");

    let codec = anysplit::futures::Codec::new(case.framing);
    let mut host = asynchronous_codec::FramedWrite::new(sink(), codec);
    for (&message, made) in case.messages.iter().zip(&made) {
        assert_eq!(put(&mut host, message).err(), made.as_ref().err().copied());
    }
    while Pin::new(&mut host).poll_close(cx).map(Result::unwrap).is_pending() {}
    assert_eq!(host.into_inner().taken(), wire, "asynchronous-codec");
}

/// The writers without a queue: an error may cut a frame, and nothing follows it then.
fn check_embedded(case: &Case) {
    let made = case.made(|_| By::Copy);
    // Frames that are rewritten are built in it.
    let room = made.iter().flatten().map(Vec::len).max().unwrap_or_default();

    let sink = case.sink(case.plan.without_errors());
    let mut writer = FrameWriter::new(Awaited(sink.clone()), case.framing).with_buffer(vec![0; room]);
    let mut wire = Vec::new();
    for (message, made) in case.messages.iter().zip(&made) {
        let said = again(|| drive(writer.write_async(message), 100_000));
        assert_eq!(said, made.as_ref().map(drop).map_err(|refusal| WriteError::Refused(*refusal)));
        wire.extend(made.iter().flatten());
        assert_eq!(sink.borrow().taken, wire, "embedded-io-async");
    }

    let sink = case.sink(case.plan.clone());
    let mut writer = FrameWriter::new(sink.clone(), case.framing).with_buffer(vec![0; room]);
    let mut wire = Vec::new();
    for (message, made) in case.messages.iter().zip(&made) {
        let said = again(|| {
            let said = writer.write(message);
            // Nothing of the frame has gone, so it may be tried again.
            let retry = said == Err(WriteError::Io(embedded_io::ErrorKind::TimedOut)) && sink.borrow().taken == wire;
            if retry { None } else { Some(said) }
        });
        match (said, made) {
            (Ok(()), Ok(frame)) => wire.extend_from_slice(frame),
            (Err(WriteError::Refused(found)), Err(refusal)) => assert_eq!(found, *refusal),
            (Err(WriteError::Io(_)), Ok(frame)) => {
                let sent = sink.taken();
                assert!(sent.len() < wire.len() + frame.len(), "all of it has gone");
                wire.extend_from_slice(frame);
                assert!(wire.starts_with(&sent));
                assert_eq!(writer.write(message), Err(WriteError::Broken), "nothing can follow a cut frame");
                assert_eq!(sink.taken(), sent);
                return;
            }
            (said, made) => panic!("{said:?} for {made:?}"),
        }
        assert_eq!(sink.borrow().taken, wire, "embedded-io");
    }
}

/// Writes the messages by every adapter over a transport with this plan. Queues hold `limit` bytes before they write.
pub fn check(framing: &dyn Framing, messages: &[&[u8]], plan: &Plan, limit: usize) {
    for (first, vectored) in [(0, false), (1, true), (2, true)] {
        let case = Case { framing, messages, plan, limit, vectored, first };
        check_io(&case);
        check_tokio(&case);
    }
    let case = Case { framing, messages, plan, limit, vectored: true, first: 0 };
    check_codecs(&case);
    check_embedded(&case);
}
