//! The list of conversations, and which of them a segment belongs to.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::net::SocketAddr;

use super::segment::{Segment, Tcp};
use crate::sink::Side;

/// Conversations that are kept apart. Segments of more are ignored.
const MOST: u64 = 1 << 17;

/// Names a conversation. Those of TCP have the numbers of Wireshark's `tcp.stream`, those of UDP of `udp.stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) is_tcp: bool,
    pub(crate) number: u64,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_tcp { "" } else { "udp:" }, self.number)
    }
}

impl std::str::FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (is_tcp, number) = match text.strip_prefix("udp:") {
            Some(number) => (false, number),
            None => (true, text),
        };
        let number = number.parse().map_err(|_| "a number such as 0, or udp:0".to_owned())?;
        Ok(Self { is_tcp, number })
    }
}

/// An endpoint that the user names: an address and a port, or a port alone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Endpoint {
    Address(SocketAddr),
    Port(u16),
}

impl Endpoint {
    pub(super) fn is(&self, address: SocketAddr) -> bool {
        match self {
            Self::Address(this) => *this == address,
            Self::Port(port) => *port == address.port(),
        }
    }
}

impl std::str::FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port = text.strip_prefix(':').and_then(|port| port.parse().ok()).map(Self::Port);
        let address = || text.parse().ok().map(Self::Address);
        port.or_else(address).ok_or_else(|| "an endpoint such as 127.0.0.1:6379, [::1]:6379 or :6379".to_owned())
    }
}

/// Identifies a conversation. Both directions have the same key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    is_tcp: bool,
    low: SocketAddr,
    high: SocketAddr,
}

#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) id: Id,
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
    /// The sequence number of the segment that opened it, if that is in the capture.
    opened: Option<u32>,
    /// Whether its first segment is in the capture.
    pub(super) from_start: bool,
}

impl Known {
    pub(super) fn side(&self, segment: &Segment<'_>) -> Side {
        if segment.from == self.client { Side::Client } else { Side::Server }
    }

    pub(super) fn endpoint(&self, side: Side) -> SocketAddr {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }
}

#[derive(Default)]
pub(super) struct Table {
    known: HashMap<Key, Known>,
    tcp: u64,
    udp: u64,
    /// Segments of more conversations than are kept apart.
    pub(super) ignored: u64,
}

impl Table {
    /// Returns the segment's conversation. A new one has the next number.
    pub(super) fn of(&mut self, segment: &Segment<'_>) -> Option<Known> {
        let Segment { from, to, tcp, .. } = *segment;
        let is_tcp = tcp.is_some();
        let key = Key { is_tcp, low: from.min(to), high: from.max(to) };
        let opens = tcp.filter(|tcp| tcp.syn && tcp.acknowledged.is_none()).map(|tcp| tcp.sequence);
        // The same ports may come again in a new connection, with another first sequence number.
        let known = self.known.get(&key);
        if let Some(known) = known.filter(|known| opens.is_none_or(|sequence| known.opened == Some(sequence))) {
            return Some(*known);
        }
        if self.tcp.saturating_add(self.udp) >= MOST {
            self.ignored = self.ignored.saturating_add(1);
            return None;
        }
        let answers = matches!(tcp, Some(Tcp { syn: true, acknowledged: Some(_), .. }));
        // Without the beginning, the client is the one whose port is less likely to be a known one. Whoever sends the first
        // datagram asks.
        let from_client = match (opens.is_some(), answers) {
            (true, _) => true,
            (_, true) => false,
            _ if !is_tcp => true,
            _ => from.port() >= to.port(),
        };
        let (client, server) = if from_client { (from, to) } else { (to, from) };
        let count = if is_tcp { &mut self.tcp } else { &mut self.udp };
        let id = Id { is_tcp, number: *count };
        *count = count.saturating_add(1);
        let from_start = opens.is_some() || answers || !is_tcp;
        let known = Known { id, client, server, opened: opens, from_start };
        self.known.insert(key, known);
        Some(known)
    }
}

/// The facts about a conversation that are listed.
#[derive(Clone)]
pub(super) struct Summary {
    pub(super) known: Known,
    pub(super) sent: [Sent; 2],
}

/// What one side sent.
#[derive(Clone, Default)]
pub(super) struct Sent {
    /// The length of the stream, gaps included, and nothing twice.
    pub(super) bytes: u64,
    /// With a payload.
    pub(super) segments: u64,
    next: Option<u32>,
}

impl Sent {
    pub(super) fn count(&mut self, segment: &Segment<'_>) {
        let len = (segment.payload.len() as u64).saturating_add(segment.missing);
        self.segments = self.segments.saturating_add(u64::from(len > 0));
        let Some(Tcp { sequence, syn, .. }) = segment.tcp else {
            self.bytes = self.bytes.saturating_add(len);
            return;
        };
        let start = sequence.wrapping_add(syn.into());
        let end = start.wrapping_add(u32::try_from(len).unwrap_or(u32::MAX));
        let next = *self.next.get_or_insert(start);
        if len == 0 {
            return;
        }
        let more = end.wrapping_sub(next);
        if more < 1 << 31 {
            self.bytes = self.bytes.saturating_add(more.into());
            self.next = Some(end);
        }
    }
}

/// The list as text: a table, or two lines for each conversation where a table is too wide for the terminal.
pub(super) fn listed(conversations: &[Summary], columns: Option<usize>) -> String {
    let table = table(conversations);
    let width = table.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    if columns.is_none_or(|columns| width <= columns) {
        return table;
    }
    let mut text = String::new();
    for Summary { known, sent: [client, server] } in conversations {
        let Known { id, client: one, server: other, .. } = known;
        let remark = if known.from_start { "" } else { ", joined in the middle" };
        let _ = writeln!(text, "{:>6}  {one} → {other}", id.to_string());
        let _ = writeln!(text, "        → {} bytes, ← {} bytes{remark}", client.bytes, server.bytes);
    }
    text
}

fn table(conversations: &[Summary]) -> String {
    let rows: Vec<[String; 7]> = conversations
        .iter()
        .map(|Summary { known, sent: [client, server] }| {
            [
                known.id.to_string(),
                known.client.to_string(),
                known.server.to_string(),
                client.bytes.to_string(),
                client.segments.to_string(),
                server.bytes.to_string(),
                server.segments.to_string(),
            ]
        })
        .collect();
    let names = ["stream", "client", "server", "bytes →", "segments", "bytes ←", "segments"];
    let widths = std::array::from_fn::<_, 7, _>(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([names[column].chars().count()]).max().unwrap_or_default()
    });
    let mut text = String::new();
    let mut line = |cells: [&str; 7], remark: &str| {
        let mut row = String::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let (width, gap) = (widths[column], if column == 0 { "" } else { "  " });
            let _ = match column {
                1 | 2 => write!(row, "{gap}{cell:<width$}"),
                _ => write!(row, "{gap}{cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{row}{remark}");
    };
    line(names, "");
    for (row, Summary { known, .. }) in rows.iter().zip(conversations) {
        let remark = if known.from_start { "" } else { "  joined in the middle" };
        line(std::array::from_fn(|column| row[column].as_str()), remark);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_bounded() {
        let mut table = Table::default();
        let mut syn = |sequence: u32, port: u16| {
            let [from, to] = [([10, 0, 0, 1], port).into(), ([10, 0, 0, 2], 80).into()];
            let tcp = Tcp { sequence, acknowledged: None, syn: true, rst: false };
            table.of(&Segment { from, to, payload: &[], missing: 0, tcp: Some(tcp) }).map(|known| known.id.number)
        };
        for number in 0..MOST {
            let (sequence, port) = (u32::try_from(number / 60_000).unwrap_or_default(), number % 60_000);
            assert_eq!(syn(sequence, u16::try_from(port).unwrap_or_default()), Some(number));
        }
        // The last of the first port is known, and a new one is not.
        assert_eq!((syn(2, 0), syn(3, 0)), (Some(120_000), None));
        assert_eq!(table.ignored, 1);
    }
}
