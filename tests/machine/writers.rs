//! Random calls of the writers. What they have taken is kept beside them, and the transport must have the first part of it,
//! byte for byte, and all but what is unsent.

use std::io::{self, ErrorKind};

use anysplit::io::{Cause, cause};
use anysplit::{AnyFraming, Delimited, Framing, Prefix, Stuffed};
use bytes::Bytes;
use proptest::prelude::*;

use crate::transport::{Drain, Plan, Sink, Turn, drive};

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Write(Vec<u8>),
    Bytes(Vec<u8>),
    With(Vec<u8>),
    Raw(Vec<u8>),
    Flush,
    /// Flushes, and ends the stream where that can be.
    Shutdown,
    Limit(usize),
    Framing(usize),
    Parts,
    /// What the transport does next.
    Script(Vec<Turn>),
}

/// Where a sequence of calls begins, and how it ends.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    framing: usize,
    limit: usize,
    vectored: bool,
    /// The writer is dropped without a last flush.
    dropped: bool,
}

const FRAMINGS: usize = 4;

fn framing(index: usize) -> AnyFraming {
    match index % FRAMINGS {
        0 => Prefix::u16_be().into(),
        1 => Prefix::netstring().into(),
        2 => Delimited::line().into(),
        _ => Stuffed::slip().into(),
    }
}

/// No two parts of it look the same.
fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 0..12),
        1 => prop::collection::vec(any::<u8>(), 90..1100),
        // Fit for a line.
        2 => prop::collection::vec(b'a'..=b'z', 0..300),
    ]
}

fn limit() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![1, 10, 40, 100, 600, 64 * 1024])
}

pub(crate) fn start() -> impl Strategy<Value = Start> {
    (0..FRAMINGS, limit(), any::<bool>(), any::<bool>()).prop_map(|(framing, limit, vectored, dropped)| Start {
        framing,
        limit,
        vectored,
        dropped,
    })
}

pub(crate) fn calls() -> impl Strategy<Value = Vec<(Call, usize)>> {
    let turn = prop_oneof![
        4 => (1_usize..9).prop_map(Turn::Bytes),
        3 => (1_usize..700).prop_map(Turn::Bytes),
        1 => Just(Turn::Bytes(0)),
        2 => Just(Turn::Interrupted),
        3 => Just(Turn::NotReady),
        1 => Just(Turn::TimedOut),
    ];
    let call = prop_oneof![
        4 => message().prop_map(Call::Write),
        4 => message().prop_map(Call::Bytes),
        2 => message().prop_map(Call::With),
        2 => message().prop_map(Call::Raw),
        5 => Just(Call::Flush),
        1 => Just(Call::Shutdown),
        1 => limit().prop_map(Call::Limit),
        1 => (0..FRAMINGS).prop_map(Call::Framing),
        1 => Just(Call::Parts),
        6 => prop::collection::vec(turn, 1..8).prop_map(Call::Script),
    ];
    prop::collection::vec((call, 1_usize..4), 1..40)
}

/// What the test does with a writer.
#[allow(async_fn_in_trait, reason = "the futures are polled here")]
pub(crate) trait Writer: Sized {
    /// Whether what is unsent is sent when it is dropped.
    const SENDS_WHEN_DROPPED: bool;
    /// Whether a flush that was interrupted is tried again. A write always is.
    const FLUSHES_AGAIN: bool;
    fn begin(sink: Sink, framing: AnyFraming) -> Self;
    async fn call(&mut self, call: &Call) -> io::Result<()>;
    fn limit(self, limit: usize) -> Self;
    fn framing(self, framing: AnyFraming) -> Self;
    fn parts(self) -> Self;
    fn unsent(&self) -> usize;
}

macro_rules! writer {
    ($module:ident, $sends_when_dropped:literal, $flushes_again:literal, $shutdown:ident $(, $await:ident)?) => {
        impl Writer for anysplit::$module::FrameWriter<Sink, AnyFraming> {
            const SENDS_WHEN_DROPPED: bool = $sends_when_dropped;
            const FLUSHES_AGAIN: bool = $flushes_again;

            fn begin(sink: Sink, framing: AnyFraming) -> Self {
                Self::new(sink, framing)
            }

            async fn call(&mut self, call: &Call) -> io::Result<()> {
                match call {
                    Call::Write(message) => self.write(message)$(.$await)?,
                    Call::Bytes(message) => self.write_bytes(Bytes::copy_from_slice(message))$(.$await)?,
                    Call::With(message) => self.write_with(|out| out.extend_from_slice(message))$(.$await)?,
                    Call::Raw(bytes) => self.write_raw(bytes)$(.$await)?,
                    Call::Shutdown => self.$shutdown()$(.$await)?,
                    _ => self.flush()$(.$await)?,
                }
            }

            fn limit(self, limit: usize) -> Self {
                self.with_limit(limit)
            }

            fn framing(self, framing: AnyFraming) -> Self {
                self.with_framing(framing)
            }

            fn parts(self) -> Self {
                let (sink, encoder) = self.into_parts();
                Self::from_parts(sink, encoder)
            }

            fn unsent(&self) -> usize {
                self.unsent()
            }
        }
    };
}

writer!(io, true, true, flush);
writer!(tokio, false, false, shutdown, await);

/// Runs a sequence of calls.
pub(crate) fn run<W: Writer>(start: Start, calls: Vec<(Call, usize)>) {
    let drain = Sink::new(Plan::default(), start.vectored);
    drain.borrow_mut().open = false;
    let mut writer = W::begin(drain.clone(), framing(start.framing)).limit(start.limit);
    let mut test =
        Test { framing: framing(start.framing), limit: start.limit, flushes_again: W::FLUSHES_AGAIN, wire: Vec::new() };
    for (call, polls) in calls {
        match call {
            Call::Script(turns) => drain.borrow_mut().plan.extend(turns),
            Call::Limit(limit) => {
                writer = writer.limit(limit);
                test.limit = limit;
            }
            Call::Framing(index) => {
                writer = writer.framing(framing(index));
                test.framing = framing(index);
            }
            Call::Parts => {
                // The limit is the writer's, and the queue alone goes on.
                writer = writer.parts().limit(test.limit);
            }
            call => {
                let before = drain.borrow().flushes;
                drain.borrow_mut().trouble = None;
                let result = drive(writer.call(&call), polls);
                test.settle(&call, result, &drain.borrow(), before, writer.unsent());
            }
        }
        test.check(&drain.borrow(), writer.unsent());
        if drain.borrow().shut {
            assert_eq!(drain.borrow().taken, test.wire);
            return;
        }
    }
    {
        let mut drain = drain.borrow_mut();
        drain.plan.clear();
        drain.open = true;
    }
    if !(start.dropped && W::SENDS_WHEN_DROPPED) {
        let flushed = drive(writer.call(&Call::Flush), 1);
        assert!(matches!(flushed, Some(Ok(()))), "{flushed:?}");
        assert_eq!(writer.unsent(), 0);
    }
    drop(writer);
    assert_eq!(drain.borrow().taken, test.wire, "at the end");
}

struct Test {
    framing: AnyFraming,
    limit: usize,
    flushes_again: bool,
    /// The wire bytes of all messages that the writer has taken.
    wire: Vec<u8>,
}

impl Test {
    /// Holds what a call gave to what the transport did. `None`: its future was dropped.
    fn settle(&mut self, call: &Call, result: Option<io::Result<()>>, drain: &Drain, flushes: usize, unsent: usize) {
        let mut encoded = Vec::new();
        let queues = match call {
            Call::Raw(bytes) => {
                encoded.extend(bytes);
                Some(true)
            }
            Call::Write(message) | Call::Bytes(message) | Call::With(message) => {
                Some(self.framing.encode(message, &mut encoded).is_ok())
            }
            _ => None,
        };
        match (result, queues) {
            (Some(Ok(())), Some(accepts)) => {
                assert!(accepts, "{call:?} must be refused");
                self.wire.extend(encoded);
            }
            (Some(Ok(())), None) => {
                assert_eq!((unsent, drain.trouble), (0, None), "{call:?}");
                assert!(drain.flushes > flushes, "the transport was not flushed");
            }
            (None, _) => {
                assert_eq!(drain.trouble, Some(ErrorKind::WouldBlock), "it waits, and nobody will wake it");
                assert!(queues.is_none() || unsent >= self.limit, "below the limit a message is taken");
            }
            (Some(Err(error)), _) if cause(&error).is_some() => {
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert!(matches!(cause(&error), Some(Cause::Encode(_))) && queues == Some(false), "{error:?}");
            }
            (Some(Err(error)), _) => {
                assert_eq!(Some(error.kind()), drain.trouble, "the transport's own error is passed on");
                assert!(
                    error.kind() != ErrorKind::Interrupted || (queues.is_none() && !self.flushes_again),
                    "{call:?}"
                );
                if error.kind() == ErrorKind::WouldBlock && queues.is_some() {
                    assert!(unsent >= self.limit, "below the limit a message is taken");
                }
            }
        }
    }

    fn check(&self, drain: &Drain, unsent: usize) {
        assert!(self.wire.starts_with(&drain.taken), "{:?} is no part of {:?}", drain.taken, self.wire);
        assert_eq!(drain.taken.len() + unsent, self.wire.len());
    }
}
