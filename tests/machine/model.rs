//! A decoder as simple as it can be: it keeps all bytes of the frame at hand, and reads them from the start each time.

use anysplit::{Event, Frame, Piece, Recovery};

mod kind;

pub(crate) use kind::{End, Front, Kind};

/// What a call returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Frame {
        offset: u64,
        header: Vec<u8>,
        payload: Vec<u8>,
        trailer: Vec<u8>,
    },
    Skipped {
        offset: u64,
        len: u64,
    },
    Start {
        header: Vec<u8>,
    },
    Data(Vec<u8>),
    End {
        trailer: Vec<u8>,
    },
    /// Nothing is complete, or the end of the stream is clean.
    Nothing,
    Error,
    Closed,
}

impl From<Frame<'_>> for Answer {
    fn from(frame: Frame<'_>) -> Self {
        Self::Frame {
            offset: frame.offset(),
            header: frame.header().to_vec(),
            payload: frame.payload().to_vec(),
            trailer: frame.trailer().to_vec(),
        }
    }
}

impl From<Event<'_>> for Answer {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Frame(frame) => frame.into(),
            Event::Skipped(stretch) => Self::Skipped { offset: stretch.offset, len: stretch.len },
        }
    }
}

impl From<Piece<'_>> for Answer {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Start { header, .. } => Self::Start { header: header.to_vec() },
            Piece::Data(bytes) => {
                assert!(!bytes.is_empty(), "a piece of no bytes");
                Self::Data(bytes.to_vec())
            }
            Piece::End { trailer } => Self::End { trailer: trailer.to_vec() },
            Piece::Skipped(stretch) => Self::Skipped { offset: stretch.offset, len: stretch.len },
        }
    }
}

/// Where a stream is.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) recovery: Recovery,
    /// How many bytes the decoder's memory holds.
    pub(crate) room: usize,
    /// All bytes from the start of the frame at hand.
    pub(crate) bytes: Vec<u8>,
    pub(crate) offset: u64,
    pub(crate) eof: bool,
    pub(crate) failed: bool,
    /// Payload bytes of the frame at hand that went as pieces, after its start.
    pub(crate) given: Option<usize>,
    /// The rest of the frame at hand is not wanted.
    pub(crate) dropped: bool,
    /// The frame at hand is being skipped.
    pub(crate) skipping: bool,
    /// Whether its end is there, and part of it may be gone.
    pub(crate) looked: bool,
    /// If the policy searches: where the stretch began that is open, and whether a frame in it was rejected because the stream ended.
    pub(crate) hunted: Option<(u64, bool)>,
    /// Whether no place has come since where a frame may begin, and whether the next byte may be one.
    pub(crate) seeking: Option<usize>,
    pub(crate) skipped: (u64, u64),
    /// What the last transition must have returned.
    pub(crate) expected: Vec<Answer>,
}

impl Model {
    pub(crate) fn new(kind: Kind, recovery: Recovery) -> Self {
        Self {
            kind,
            recovery,
            room: usize::MAX,
            bytes: Vec::new(),
            offset: 0,
            eof: false,
            failed: false,
            given: None,
            dropped: false,
            skipping: false,
            looked: false,
            hunted: None,
            seeking: None,
            skipped: (0, 0),
            expected: Vec::new(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.eof && !self.failed
    }

    /// At the start of a frame that nobody has touched.
    pub(crate) fn is_at_start(&self) -> bool {
        !self.looked && self.given.is_none() && !self.dropped && !self.skipping && !self.failed && self.hunted.is_none()
    }

    fn remove(&mut self, len: usize) {
        self.bytes.drain(..len);
        self.offset += len as u64;
        (self.given, self.dropped, self.skipping, self.looked) = (None, false, false, false);
    }

    fn fail(&mut self) -> Answer {
        (self.failed, self.skipping) = (true, false);
        Answer::Error
    }

    fn skip(&mut self, len: usize) -> Answer {
        let skipped = Answer::Skipped { offset: self.offset, len: len as u64 };
        self.skipped.0 += 1;
        self.skipped.1 += len as u64;
        self.remove(len);
        skipped
    }

    /// Goes on to where the next frame may begin.
    fn hunt(&mut self, cut: bool) {
        self.hunted.get_or_insert((self.offset, false)).1 |= cut;
        self.seeking = Some(1);
        self.seek();
    }

    /// Whether the front may be the beginning of a frame.
    fn seek(&mut self) -> bool {
        let Some(from) = self.seeking else { return true };
        match self.kind.next_start(&self.bytes, from) {
            Some(at) => {
                self.remove(at);
                self.seeking = None;
            }
            None if self.bytes.is_empty() => {}
            None => {
                self.remove(self.bytes.len());
                self.seeking = Some(0);
            }
        }
        if self.eof {
            self.seeking = None;
        }
        self.seeking.is_none()
    }

    /// Whether a rejected frame is searched for the next one.
    pub(crate) fn searches(&self) -> bool {
        matches!(self.recovery, Recovery::Resync | Recovery::ResyncConfirmed)
    }

    /// The frame after this one of `len` bytes, if the policy looks at it: after the first frame that follows a stretch.
    fn follows(&self, len: usize) -> Option<Front> {
        let asks = self.recovery == Recovery::ResyncConfirmed && self.hunted.is_some();
        asks.then(|| self.kind.front(&self.bytes[len..], false))
    }

    /// Whether the complete frame at the front is held back until another one follows.
    fn holds_back(&self) -> bool {
        match self.kind.front(&self.bytes, self.eof) {
            Front::Frame { len, .. } if !self.eof => {
                let least = len + self.kind.least(&self.bytes[len..]);
                least <= self.room && matches!(self.follows(len), Some(Front::Empty | Front::Unfinished { .. }))
            }
            _ => false,
        }
    }

    /// If the policy searches: goes on to a complete frame or the end of the bytes, and returns the stretch that ends there.
    pub(crate) fn resync(&mut self) -> Option<Answer> {
        if !self.searches() || self.given.is_some() || self.dropped || self.failed {
            return None;
        }
        while self.seek() {
            match self.kind.front(&self.bytes, self.eof) {
                Front::Filler(len) => self.remove(len),
                Front::Wrong { .. } => self.hunt(false),
                Front::Unfinished { .. } if self.eof => self.hunt(true),
                Front::Unfinished { .. } => return None,
                Front::Empty if !self.eof => return None,
                Front::Frame { len, .. } if matches!(self.follows(len), Some(Front::Wrong { .. })) => self.hunt(false),
                Front::Frame { .. } if self.holds_back() => return None,
                Front::Empty | Front::Frame { .. } => break,
            }
        }
        if self.seeking.is_some() {
            return None;
        }
        let (offset, cut) = self.hunted.take()?;
        let len = self.offset - offset;
        self.skipped.0 += 1;
        self.skipped.1 += len;
        self.looked = false;
        self.failed = self.bytes.is_empty() && cut;
        Some(Answer::Skipped { offset, len })
    }

    /// The frame at the front is wrong.
    fn reject(&mut self, oversize: bool, intact: bool, end: End) -> Answer {
        let skips = match self.recovery {
            Recovery::SkipOversize => oversize,
            Recovery::SkipFrame => true,
            _ => false,
        };
        if !skips || end == End::Never {
            return self.fail();
        }
        match end {
            End::At(_) if self.recovery == Recovery::SkipOversize && !intact => self.fail(),
            End::At(len) => self.skip(len),
            _ if self.eof => {
                let skipped = self.skip(self.bytes.len());
                self.failed = true;
                skipped
            }
            _ => {
                self.skipping = true;
                (self.given, self.dropped) = (None, false);
                Answer::Nothing
            }
        }
    }

    /// The next frame or stretch.
    pub(crate) fn next_event(&mut self) -> Answer {
        if self.given.take().is_some() {
            self.dropped = true;
        }
        if let Some(skipped) = self.resync() {
            return skipped;
        }
        loop {
            if self.seeking.is_some() || self.holds_back() {
                return Answer::Nothing;
            }
            if self.failed {
                return Answer::Error;
            }
            match self.kind.front(&self.bytes, self.eof) {
                Front::Empty => return Answer::Nothing,
                Front::Filler(len) => self.remove(len),
                Front::Frame { len, .. } if self.dropped => {
                    self.remove(len);
                    if let Some(skipped) = self.resync() {
                        return skipped;
                    }
                }
                Front::Frame { len, header, payload, trailer } => {
                    let offset = self.offset;
                    self.remove(len);
                    return Answer::Frame { offset, header, payload, trailer };
                }
                Front::Unfinished { .. } if self.eof => return self.fail(),
                Front::Unfinished { .. } => return Answer::Nothing,
                Front::Wrong { oversize, intact, end, .. } => return self.reject(oversize, intact, end),
            }
        }
    }

    /// The next frame.
    pub(crate) fn next_frame(&mut self) -> Answer {
        loop {
            match self.next_event() {
                Answer::Skipped { .. } => {}
                answer => return answer,
            }
        }
    }

    /// All data that is available, and the answer after it.
    pub(crate) fn next_pieces(&mut self) -> Vec<Answer> {
        loop {
            if let Some(skipped) = self.resync() {
                return vec![skipped];
            }
            // A frame that may be rejected yet is not passed on.
            let unfinished = matches!(self.kind.front(&self.bytes, self.eof), Front::Unfinished { .. });
            if self.seeking.is_some() || self.holds_back() || (self.searches() && unfinished && !self.failed) {
                return vec![Answer::Nothing];
            }
            if self.failed {
                return vec![Answer::Error];
            }
            let front = self.kind.front(&self.bytes, self.eof);
            if self.dropped || self.skipping {
                match front {
                    Front::Frame { len, .. } => {
                        self.remove(len);
                        continue;
                    }
                    Front::Unfinished { .. } if self.eof => return vec![self.fail()],
                    Front::Wrong { oversize, intact, end, .. } => return vec![self.reject(oversize, intact, end)],
                    _ => return vec![Answer::Nothing],
                }
            }
            let (header, payload) = match &front {
                Front::Empty => return vec![Answer::Nothing],
                Front::Filler(len) => {
                    self.remove(*len);
                    continue;
                }
                Front::Frame { header, payload, .. } => (Some(header), payload),
                Front::Unfinished { header, payload } | Front::Wrong { header, payload, .. } => {
                    (header.as_ref(), payload)
                }
            };
            if let (Some(header), None) = (header, self.given) {
                self.given = Some(0);
                return vec![Answer::Start { header: header.clone() }];
            }
            let mut answers = Vec::new();
            if let Some(given) = &mut self.given {
                if *given < payload.len() {
                    answers.push(Answer::Data(payload[*given..].to_vec()));
                    *given = payload.len();
                }
            }
            answers.push(match front {
                Front::Frame { len, trailer, .. } => {
                    self.remove(len);
                    Answer::End { trailer }
                }
                Front::Wrong { oversize, intact, end, .. } => self.reject(oversize, intact, end),
                _ if self.eof => self.fail(),
                _ => Answer::Nothing,
            });
            return answers;
        }
    }

    /// Applies the effects of asking for the missing bytes.
    pub(crate) fn look(&mut self) {
        if self.failed {
            return;
        }
        self.looked |= self.given.is_some() || self.dropped;
        if self.searches() {
            self.looked = true;
            let mut ahead = self.clone();
            if ahead.resync().is_none() {
                *self = ahead;
                self.looked = true;
            }
            return;
        }
        if let (true, Front::Frame { len, .. }) = (self.dropped, self.kind.front(&self.bytes, self.eof)) {
            self.remove(len);
        }
        if let Front::Filler(len) = self.kind.front(&self.bytes, self.eof) {
            self.remove(len);
        }
        if let Front::Wrong { payload, oversize, intact, end, .. } = self.kind.front(&self.bytes, self.eof) {
            if self.given.is_some_and(|given| given < payload.len()) {
                return;
            }
            // Between the header and a wrong trailer there is nothing to skip.
            if self.kind == Kind::Netstring && !oversize && payload.is_empty() {
                return;
            }
            let mut ahead = self.clone();
            match ahead.reject(oversize, intact, end) {
                Answer::Skipped { .. } => (self.skipping, self.looked) = (true, true),
                // An error is for the next call. A frame that is too long may be skipped up to the byte that is wrong.
                Answer::Error => self.looked |= oversize,
                _ => *self = ahead,
            }
        }
    }
}
