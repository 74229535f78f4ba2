//! Shared by the benches: inputs, and one function for each contender, so that criterion and the table of ratios
//! measure the same work.

#![allow(dead_code, reason = "each bench uses a part of this")]

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use anysplit::number::Binary;
use anysplit::order::Order;
use anysplit::sum::{Plain, SumForm};
use anysplit::{Checked, Edge, Framing, LengthField, Mavlink};
use tokio::io::{AsyncRead, ReadBuf};

pub(crate) mod ours;
pub(crate) mod peers;
pub(crate) mod tcp;

/// The output of a contender. Every bench compares it with the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// The sum of the first bytes of the payloads, so that each payload has to be read.
    pub(crate) firsts: u64,
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, payload: &[u8]) {
        self.frames += 1;
        self.bytes += payload.len() as u64;
        self.firsts += payload.first().map_or(0, |&byte| u64::from(byte));
    }
}

/// A transport that is never late, and reads at most this many bytes at a time.
pub(crate) struct Chunks<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) chunk: usize,
}

impl Chunks<'_> {
    fn next(&mut self, room: usize) -> &[u8] {
        let (here, rest) = self.rest.split_at(self.chunk.min(room).min(self.rest.len()));
        self.rest = rest;
        here
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let here = self.next(room.len());
        room[..here.len()].copy_from_slice(here);
        Ok(here.len())
    }
}

impl embedded_io::ErrorType for Chunks<'_> {
    type Error = core::convert::Infallible;
}

impl embedded_io::Read for Chunks<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Self::Error> {
        let here = self.next(room.len());
        room[..here.len()].copy_from_slice(here);
        Ok(here.len())
    }
}

impl AsyncRead for Chunks<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let here = self.next(room.remaining());
        room.put_slice(here);
        Poll::Ready(Ok(()))
    }
}

pub(crate) type Ubx = Checked<LengthField<Binary>, Plain>;

/// What `protocols::ubx` returns, without the feature.
pub(crate) fn ubx() -> Ubx {
    let field = LengthField::new(4, Binary::u16_le()).unwrap().with_magic_at(0, b"\xb5\x62").unwrap();
    let checked = Checked::new(field, Plain::Fletcher16Mod256, SumForm::Binary(Order::Little)).unwrap();
    checked.covering(Edge::Start(2), Edge::End).unwrap()
}

/// How long the payloads are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sizes {
    Equal(usize),
    /// Uniform from 1 to this, never two equal in sequence: 1 to 127 has a mean of 64.
    Mixed(usize),
}

impl core::fmt::Display for Sizes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Equal(len) => write!(f, "{len}"),
            Self::Mixed(most) => write!(f, "1-{most}"),
        }
    }
}

/// A stream of frames, and its content.
pub(crate) struct Input {
    bytes: Vec<u8>,
    pub(crate) payloads: Vec<Vec<u8>>,
    pub(crate) expected: Sum,
}

impl Input {
    /// The approximate length of the wire in bytes. The same in every run.
    pub(crate) fn new(framing: &impl Framing, sizes: Sizes, about: usize) -> Self {
        Self::of(framing, payloads(sizes, about))
    }

    pub(crate) fn of(framing: &impl Framing, payloads: Vec<Vec<u8>>) -> Self {
        let mut bytes = Vec::new();
        let mut expected = Sum::default();
        for payload in &payloads {
            framing.encode(payload, &mut bytes).unwrap();
            expected.add(payload);
        }
        Self { bytes, payloads, expected }
    }

    /// Packets of these payloads, each after this header, whose length `fill` writes.
    pub(crate) fn packets<F: Framing>(
        framing: &F,
        header: &[u8],
        fill: impl Fn(&F, &mut [u8]),
        sizes: Sizes,
        about: usize,
    ) -> Self {
        let payloads = payloads(sizes, about);
        let mut expected = Sum::default();
        let mut bytes = Vec::new();
        for payload in &payloads {
            let mut packet = [header, payload].concat();
            fill(framing, &mut packet);
            framing.encode(&packet, &mut bytes).unwrap();
            expected.add(payload);
        }
        Self { bytes, payloads, expected }
    }

    /// MAVLink packets, which have the number of a heartbeat.
    pub(crate) fn mavlink(sizes: Sizes, about: usize) -> Self {
        let fill = |framing: &Mavlink, packet: &mut [u8]| framing.fill(packet).unwrap();
        Self::packets(&Mavlink::common(), &[0xfd, 0, 0, 0, 0, 1, 1, 0, 0, 0], fill, sizes, about)
    }

    /// UBX packets of a class that no receiver has.
    pub(crate) fn ubx(sizes: Sizes, about: usize) -> Self {
        let fill = |framing: &Ubx, packet: &mut [u8]| framing.inner().fill(packet).unwrap();
        Self::packets(&ubx(), &[0xb5, 0x62, 0x77, 0, 0, 0], fill, sizes, about)
    }

    pub(crate) fn wire(&self) -> &[u8] {
        &self.bytes
    }
}

/// Letters, because a delimiter must not be among them.
pub(crate) fn payloads(sizes: Sizes, about: usize) -> Vec<Vec<u8>> {
    let mut random = Random(1);
    let mut payloads = Vec::new();
    let mut total = 0;
    while total < about {
        let len = match sizes {
            Sizes::Equal(len) => len,
            Sizes::Mixed(most) => 1 + random.below(most),
        };
        let first = b'a' + u8::try_from(random.below(26)).unwrap();
        payloads.push((0..len).map(|i| if i == 0 { first } else { b'a' + (i % 26) as u8 }).collect());
        total += len + 4;
    }
    payloads
}

/// A linear congruential generator (Knuth, MMIX): the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 11
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// `bytes` at another place in a page for each number, because `memcpy` is slower at some of them on some processors.
pub(crate) struct Moved {
    room: Vec<u8>,
    len: usize,
    at: usize,
}

impl Moved {
    const PAGE: usize = 4096;

    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut room = bytes.to_vec();
        room.resize(bytes.len() + Self::PAGE, 0);
        Self { room, len: bytes.len(), at: 0 }
    }

    pub(crate) fn to(&mut self, round: usize) -> &[u8] {
        let at = round * 712 % Self::PAGE;
        self.room.copy_within(self.at..self.at + self.len, at);
        self.at = at;
        &self.room[at..at + self.len]
    }
}
