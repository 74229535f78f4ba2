//! Random calls of the readers. The model is given what the transport gave during a call, read by read, and asked for the
//! same in between: so a reader must read where nothing is complete, and nowhere else.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io::{self, ErrorKind};

use anysplit::embedded::ReadError;
use anysplit::io::cause;
use anysplit::{AnyFraming, Recovery};
use proptest::prelude::*;

use crate::model::{Answer, Front, Kind, Model};
use crate::transport::{Awaited, Done, Source, Turn, drive};

/// How the frames of one read are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Frames(usize),
    Events(usize),
    ForEach,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    Frame,
    Event,
    Piece,
    Bytes,
    Batch,
    Frames(How),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Framing(Kind),
    Recovery(Recovery),
    Exact(bool),
    BlockLen(usize),
    Parts,
}

#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// The transport has more to give, in these turns.
    Arrive(Vec<u8>, Vec<Turn>),
    /// It has no more.
    Close,
    /// The call is made `times` times, or until it returns nothing. A future is dropped after `polls` polls.
    Read {
        read: Read,
        times: usize,
        polls: usize,
    },
    Change(Change),
}

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Answers(Vec<Answer>),
    /// The transport's own error.
    Trouble,
    /// The future was dropped.
    Dropped,
}

/// Bytes that are likely to mean something to the kinds of framing.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"\n\r\xc0\xdb\xdc\xdd:,".to_vec()),
        4 => 0_u8..8,
        2 => b'0'..=b'9',
        2 => Just(b'a'),
        1 => any::<u8>(),
    ];
    let good = prop::sample::select(vec![&b"\x02hi"[..], b"2:hi,", b"hi\n", b"hi\r\n", b"\xc0hi\xc0", b"9:ninebytes,"]);
    prop_oneof![
        1 => prop::collection::vec(byte, 1..9),
        3 => prop::collection::vec(good, 1..5).prop_map(|parts| parts.concat()),
    ]
}

/// A chunk in short reads, with what goes wrong in between.
fn arrivals() -> impl Strategy<Value = Call> {
    let trouble = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Turn::Interrupted)),
        1 => Just(Some(Turn::NotReady)),
        1 => Just(Some(Turn::TimedOut)),
    ];
    let cut = (1_usize..9, trouble);
    (chunk(), prop::collection::vec(cut, 0..4)).prop_map(|(chunk, cuts)| {
        let mut turns = Vec::new();
        let mut left = chunk.len();
        for (len, trouble) in cuts {
            turns.extend(trouble);
            turns.push(Turn::Bytes(len.min(left)));
            left -= len.min(left);
        }
        turns.push(Turn::Bytes(left));
        turns.retain(|turn| *turn != Turn::Bytes(0));
        Call::Arrive(chunk, turns)
    })
}

fn policy() -> impl Strategy<Value = Recovery> {
    prop::sample::select(vec![
        Recovery::Fail,
        Recovery::SkipOversize,
        Recovery::SkipFrame,
        Recovery::Resync,
        Recovery::ResyncConfirmed,
    ])
}

pub(crate) fn start() -> impl Strategy<Value = (Kind, Recovery)> {
    (prop::sample::select(Kind::ALL.to_vec()), policy())
}

/// `small`: only what the readers in a fixed buffer have.
pub(crate) fn calls(small: bool) -> impl Strategy<Value = Vec<Call>> {
    let how = prop_oneof![
        2 => (0_usize..4).prop_map(How::Frames),
        2 => (0_usize..4).prop_map(How::Events),
        1 => Just(How::Frames(usize::MAX)),
        1 => Just(How::Events(usize::MAX)),
        1 => Just(How::ForEach),
    ];
    let more = if small { 0 } else { 1 };
    let read = prop_oneof![
        4 => Just(Read::Frame),
        3 => Just(Read::Event),
        4 => Just(Read::Piece),
        2 * more => Just(Read::Bytes),
        2 * more => Just(Read::Batch),
        5 * more => how.prop_map(Read::Frames),
    ];
    let change = prop_oneof![
        2 => prop::sample::select(Kind::ALL.to_vec()).prop_map(Change::Framing),
        1 => policy().prop_map(Change::Recovery),
        2 => any::<bool>().prop_map(move |exact| Change::Exact(exact || small)),
        more => prop::sample::select(vec![1, 2, 3, 7, 64, 64 * 1024]).prop_map(Change::BlockLen),
        more => Just(Change::Parts),
    ];
    let call = prop_oneof![
        8 => arrivals(),
        1 => Just(Call::Close),
        16 => (read, 1_usize..6, 1_usize..4).prop_map(|(read, times, polls)| Call::Read { read, times, polls }),
        3 => change.prop_map(Call::Change),
    ];
    prop::collection::vec(call, 1..40)
}

/// An error of a reader.
pub(crate) trait Fault {
    /// Whether it is the transport's.
    fn is_transports(&self) -> bool;
}

impl Fault for io::Error {
    fn is_transports(&self) -> bool {
        match cause(self) {
            Some(_) => false,
            None => {
                assert!(matches!(self.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{self:?}");
                true
            }
        }
    }
}

impl Fault for ReadError<embedded_io::ErrorKind> {
    fn is_transports(&self) -> bool {
        match self {
            Self::Io(embedded_io::ErrorKind::TimedOut) => true,
            Self::Decode(_) | Self::End(_) => false,
            error => panic!("{error:?}"),
        }
    }
}

fn seen<T, E: Fault>(result: Result<Option<T>, E>, show: impl FnOnce(T) -> Vec<Answer>) -> Seen {
    match result {
        Ok(Some(found)) => Seen::Answers(show(found)),
        Ok(None) => Seen::Answers(vec![Answer::Nothing]),
        Err(error) if error.is_transports() => Seen::Trouble,
        Err(_) => Seen::Answers(vec![Answer::Error]),
    }
}

fn one<T, E: Fault>(result: Result<Option<T>, E>, show: impl FnOnce(T) -> Answer) -> Seen {
    seen(result, |found| vec![show(found)])
}

/// Takes frames of one read: at most the given number, or all of them and the answer after them.
fn group(mut frames: anysplit::io::Frames<'_, AnyFraming>, how: How) -> Vec<Answer> {
    let single = |seen| match seen {
        Seen::Answers(mut answers) => answers.remove(0),
        other => panic!("what was read needs no transport: {other:?}"),
    };
    let mut answers = Vec::new();
    if let How::ForEach = how {
        let result = frames.for_each(|found| answers.push(Answer::from(found)));
        answers.push(single(one(result.map(|()| None), |()| Answer::Nothing)));
        return answers;
    }
    let (How::Frames(most) | How::Events(most)) = how else { unreachable!("all but one have a number") };
    while answers.len() < most && !matches!(answers.last(), Some(Answer::Nothing | Answer::Error)) {
        answers.push(single(match how {
            How::Events(_) => one(frames.next_event(), Answer::from),
            _ => one(frames.next_frame(), Answer::from),
        }));
    }
    answers
}

/// Where a reader is.
#[derive(Debug)]
pub(crate) struct Place {
    position: u64,
    buffered: usize,
    skipped: (u64, u64),
    skipping: bool,
    ended: Option<bool>,
}

/// What the test does with a reader.
#[allow(async_fn_in_trait, reason = "the futures are polled here")]
pub(crate) trait Reader: Sized + Debug {
    /// How many bytes the reader's memory holds.
    const ROOM: usize = usize::MAX;

    fn begin(kind: Kind, recovery: Recovery) -> Self;
    async fn read(&mut self, read: Read) -> Seen;
    fn change(self, change: Change) -> Self;
    fn source(&mut self) -> &mut Source;
    fn place(&self) -> Place;
}

macro_rules! reader {
    ($module:ident $(, $await:ident)?) => {
        impl Reader for anysplit::$module::FrameReader<Source, AnyFraming> {
            fn begin(kind: Kind, recovery: Recovery) -> Self {
                Self::new(Source::default(), kind.framing()).with_recovery(recovery)
            }

            async fn read(&mut self, read: Read) -> Seen {
                match read {
                    Read::Frame => one(self.read_frame()$(.$await)?, Answer::from),
                    Read::Event => one(self.read_event()$(.$await)?, Answer::from),
                    Read::Piece => one(self.read_piece()$(.$await)?, Answer::from),
                    Read::Bytes => one(self.read_bytes()$(.$await)?, |owned| Answer::from(owned.frame())),
                    Read::Batch => seen(self.read_batch()$(.$await)?, |batch| batch.iter().map(Answer::from).collect()),
                    Read::Frames(how) => seen(self.read_frames()$(.$await)?, |frames| group(frames, how)),
                }
            }

            fn change(mut self, change: Change) -> Self {
                match change {
                    Change::Framing(kind) => self.with_framing(kind.framing()),
                    Change::Recovery(recovery) => self.with_recovery(recovery),
                    Change::BlockLen(len) => self.with_block_len(len),
                    Change::Exact(exact) => {
                        self.set_exact(exact);
                        self
                    }
                    Change::Parts => {
                        let (source, decoder) = self.into_parts();
                        Self::from_parts(source, decoder)
                    }
                }
            }

            fn source(&mut self) -> &mut Source {
                self.get_mut()
            }

            fn place(&self) -> Place {
                Place {
                    position: self.position(),
                    buffered: self.buffered(),
                    skipped: (self.skipped().stretches, self.skipped().bytes),
                    skipping: self.is_skipping(),
                    ended: Some(self.has_ended()),
                }
            }
        }
    };
}

reader!(io);
reader!(tokio, await);

/// Enough for every frame of the test, and no more.
const BUFFER: usize = 12;

macro_rules! embedded_reader {
    ($source:ty, $inner:expr, $frame:ident, $event:ident, $piece:ident $(, $await:ident)?) => {
        impl Reader for anysplit::embedded::FrameReader<$source, AnyFraming, [u8; BUFFER]> {
            const ROOM: usize = BUFFER;

            fn begin(kind: Kind, recovery: Recovery) -> Self {
                Self::new(Default::default(), kind.framing(), [0xdd; BUFFER]).with_recovery(recovery)
            }

            async fn read(&mut self, read: Read) -> Seen {
                match read {
                    Read::Frame => one(self.$frame()$(.$await)?, Answer::from),
                    Read::Event => one(self.$event()$(.$await)?, Answer::from),
                    Read::Piece => one(self.$piece()$(.$await)?, Answer::from),
                    other => unreachable!("{other:?}"),
                }
            }

            fn change(self, change: Change) -> Self {
                match change {
                    Change::Framing(kind) => self.with_framing(kind.framing()),
                    Change::Recovery(recovery) => self.with_recovery(recovery),
                    Change::Exact(true) => self.exact(),
                    other => unreachable!("{other:?}"),
                }
            }

            fn source(&mut self) -> &mut Source {
                let inner: fn(&mut $source) -> &mut Source = $inner;
                inner(self.get_mut())
            }

            fn place(&self) -> Place {
                Place {
                    position: self.position(),
                    buffered: self.buffered().len(),
                    skipped: (self.skipped().stretches, self.skipped().bytes),
                    skipping: self.is_skipping(),
                    ended: None,
                }
            }
        }
    };
}

embedded_reader!(Source, |source| source, read_frame, read_event, read_piece);
embedded_reader!(Awaited<Source>, |source| &mut source.0, read_frame_async, read_event_async, read_piece_async, await);

/// Runs a sequence of calls.
pub(crate) fn run<R: Reader>((kind, recovery): (Kind, Recovery), calls: Vec<Call>) {
    let mut reader = R::begin(kind, recovery);
    let model = Model { room: R::ROOM, ..Model::new(kind, recovery) };
    let mut test = Test { model, exact: false, looked_through: false, total: 0 };
    for call in calls {
        match call {
            Call::Arrive(bytes, turns) if !reader.source().closed => {
                reader.source().bytes.extend(bytes);
                reader.source().plan.extend(turns);
            }
            Call::Arrive(..) => {}
            Call::Close => reader.source().closed = true,
            Call::Read { read, times, polls } => {
                for _ in 0..times {
                    reader.source().log.clear();
                    let seen = drive(reader.read(read), polls).unwrap_or(Seen::Dropped);
                    let log = reader.source().log.clone();
                    test.settle(read, &seen, log);
                    test.check(&seen, &reader.place());
                    if !matches!(&seen, Seen::Answers(answers) if *answers != [Answer::Nothing]) {
                        break;
                    }
                }
            }
            Call::Change(change) => {
                if let Some(changed) = test.change(change, &reader.place()) {
                    reader = reader.change(changed);
                    test.check_place(&reader.place());
                }
            }
        }
    }
}

struct Test {
    model: Model,
    exact: bool,
    /// The last call has seen that nothing is complete.
    looked_through: bool,
    /// Bytes that the transport gave.
    total: u64,
}

impl Test {
    /// Compares what a call gave with what the model gives for the same reads.
    fn settle(&mut self, read: Read, seen: &Seen, mut log: VecDeque<Done>) {
        let gave = |done: &Done| if let Done::Gave(bytes) = done { bytes.len() as u64 } else { 0 };
        self.total += log.iter().map(gave).sum::<u64>();
        let has_read = !log.is_empty();
        let expected = match read {
            Read::Frame | Read::Bytes => self.wait(&mut log, |model| vec![model.next_frame()]),
            Read::Event => self.wait(&mut log, |model| vec![model.next_event()]),
            Read::Batch => {
                // Once the stream has ended, how many frames come with one call is up to the reader.
                let most = if let Seen::Answers(answers) = seen { answers.len() } else { 1 };
                self.wait(&mut log, |model| batch(model, most))
            }
            Read::Piece => self.wait(&mut log, next_piece),
            Read::Frames(how) => self.group(&mut log, how),
        };
        assert!(log.is_empty(), "{read:?} gave {seen:?}, and then read {log:?}");
        match (read, seen, &expected) {
            // How much of the payload comes with one piece is up to the reader.
            (Read::Piece, Seen::Answers(seen), Seen::Answers(expected)) if matches!(expected[0], Answer::Data(_)) => {
                let ([Answer::Data(data)], [Answer::Data(all)]) = (&seen[..], &expected[..]) else {
                    panic!("{seen:?} in place of {expected:?}");
                };
                assert!(!data.is_empty() && all.starts_with(data), "{data:?} in place of {all:?}");
                *self.model.given.as_mut().unwrap() += data.len();
            }
            _ => assert_eq!(*seen, expected, "{read:?}"),
        }
        let exact = self.exact && !self.model.searches();
        if let (true, true, Seen::Answers(answers)) = (exact, has_read, seen) {
            if let Some(Answer::Frame { .. } | Answer::End { .. }) = answers.first() {
                assert!(self.model.bytes.is_empty(), "an exact reader has taken {:?} after a frame", self.model.bytes);
            }
        }
        self.looked_through = matches!(read, Read::Frames(_))
            && matches!(seen, Seen::Answers(answers) if answers.last() == Some(&Answer::Nothing));
    }

    /// A call that reads until there is something to give.
    fn wait(&mut self, log: &mut VecDeque<Done>, next: impl Fn(&mut Model) -> Vec<Answer>) -> Seen {
        loop {
            let answers = next(&mut self.model);
            if answers != [Answer::Nothing] || self.model.eof {
                return Seen::Answers(answers);
            }
            if let Some(stopped) = self.one_read(log) {
                return stopped;
            }
        }
    }

    /// Takes note of a read, and returns what the call gives if that ends it.
    fn one_read(&mut self, log: &mut VecDeque<Done>) -> Option<Seen> {
        loop {
            match log.pop_front().expect("nothing is complete, and nothing was read") {
                Done::Gave(bytes) => self.model.bytes.extend(bytes),
                Done::Ended => self.model.eof = true,
                Done::Failed => return Some(Seen::Trouble),
                Done::Waits if log.is_empty() => return Some(Seen::Dropped),
                Done::Waits => continue,
            }
            return None;
        }
    }

    /// A call that reads once, if at all.
    fn group(&mut self, log: &mut VecDeque<Done>, how: How) -> Seen {
        if self.model.failed {
            return Seen::Answers(vec![Answer::Error]);
        }
        if !log.is_empty() {
            assert!(!self.model.eof);
            assert_eq!(self.model.clone().next_event(), Answer::Nothing, "what there is goes before a read");
            if let Some(stopped) = self.one_read(log) {
                return stopped;
            }
        } else {
            assert!(!self.looked_through || self.model.eof, "all has been looked at, and nothing was read");
        }
        let (most, next): (usize, fn(&mut Model) -> Answer) = match how {
            How::Frames(most) => (most, Model::next_frame),
            How::Events(most) => (most, Model::next_event),
            How::ForEach => (usize::MAX, Model::next_frame),
        };
        if self.model.eof {
            // To see whether there is more, the reader drops a frame that was begun in pieces.
            self.model.dropped |= self.model.given.take().is_some();
            let mut ahead = self.model.clone();
            let answer = ahead.next_event();
            if let Answer::Nothing | Answer::Error = answer {
                self.model = ahead;
                return Seen::Answers(vec![answer]);
            }
        }
        let mut answers = Vec::new();
        while answers.len() < most && !matches!(answers.last(), Some(Answer::Nothing | Answer::Error)) {
            answers.push(next(&mut self.model));
        }
        Seen::Answers(answers)
    }

    /// Returns the change, if the model can predict the answers after it.
    fn change(&mut self, change: Change, place: &Place) -> Option<Change> {
        let allowed = !self.model.eof && self.is_at_start() && !place.skipping;
        match change {
            Change::Framing(kind) if allowed => self.model.kind = kind,
            Change::Recovery(recovery) if allowed => self.model.recovery = recovery,
            // Asking a second time for the end is another test's.
            Change::Parts if !self.model.eof => self.exact = false,
            Change::Exact(exact) => self.exact = exact,
            Change::BlockLen(_) => {}
            _ => return None,
        }
        self.looked_through = false;
        Some(change)
    }

    /// Whether that remains so where the reader has asked how many bytes are missing.
    fn is_at_start(&self) -> bool {
        let mut ahead = self.model.clone();
        ahead.look();
        self.model.is_at_start() && ahead.is_at_start()
    }

    fn check(&mut self, seen: &Seen, place: &Place) {
        // A reader that has asked how many bytes are missing may be past a dropped frame, and may have begun to skip.
        if place.skipping && !self.model.skipping {
            self.model.look();
            // It began before the byte came that is wrong in more than the length.
            let was_oversize = (1..=self.model.bytes.len()).any(|len| {
                let front = self.model.kind.front(&self.model.bytes[..len], self.model.eof);
                matches!(front, Front::Wrong { oversize: true, .. })
            });
            assert!(
                self.model.skipping || hunts(&self.model) || was_oversize,
                "a frame is skipped that is none to skip"
            );
        }
        // Bytes between frames may have been passed already.
        if self.is_at_start() && place.position > self.model.offset {
            let passed = usize::try_from(place.position - self.model.offset).unwrap();
            let front = self.front();
            assert!(matches!(front, Front::Filler(len) if passed <= len), "{passed} bytes were passed at {front:?}");
            self.model.bytes.drain(..passed);
            self.model.offset = place.position;
        }
        assert_eq!(place.ended.unwrap_or(self.model.eof), self.model.eof, "{seen:?}");
        self.check_place(place);
    }

    fn front(&self) -> Front {
        self.model.kind.front(&self.model.bytes, self.model.eof)
    }

    fn check_place(&self, place: &Place) {
        assert_eq!(place.skipped, self.model.skipped);
        if self.is_at_start() {
            assert_eq!((place.position, place.buffered), (self.model.offset, self.model.bytes.len()));
            assert_eq!(place.position + place.buffered as u64, self.total);
        }
    }
}

/// Whether the search for the next frame is under way, or will be as soon as somebody asks.
fn hunts(model: &Model) -> bool {
    let mut ahead = model.clone();
    ahead.resync().is_some() || ahead.hunted.is_some()
}

/// All frames before something else. That is for the next call, unless it is the first.
fn batch(model: &mut Model, most_at_eof: usize) -> Vec<Answer> {
    frames_in_a_row(model, if model.eof { most_at_eof } else { usize::MAX })
}

fn frames_in_a_row(model: &mut Model, most: usize) -> Vec<Answer> {
    let mut answers = vec![model.next_frame()];
    while let (Some(Answer::Frame { .. }), true) = (answers.last(), answers.len() < most) {
        let mut ahead = model.clone();
        let answer @ Answer::Frame { .. } = ahead.next_event() else { break };
        *model = ahead;
        answers.push(answer);
    }
    answers
}

/// All the data there is, which is not taken yet, or what there is in place of data.
fn next_piece(model: &mut Model) -> Vec<Answer> {
    let mut ahead = model.clone();
    let mut answers = ahead.next_pieces();
    if let [Answer::Data(_), _] = answers[..] {
        answers.truncate(1);
    } else {
        *model = ahead;
    }
    answers
}
