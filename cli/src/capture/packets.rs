//! The packets of a capture file, pcap or pcapng.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use pcap_parser::data::{PacketData, get_packetdata};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, LegacyPcapReader, Linktype, PcapBlockOwned, PcapError, PcapNGReader};

use crate::failure::Failure;
use crate::input::{cannot_read, read};

/// The initial size of the reader's buffer.
const BLOCK: usize = 256 * 1024;

/// A block of the file is at most this long.
const LONGEST: usize = 32 * 1024 * 1024;

/// A section header of pcapng is at most this long.
const LONGEST_SECTION_HEADER: usize = 64 * 1024;

/// The interfaces of a section are at most this many.
const MOST_LINKS: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pcap,
    Pcapng,
}

/// Whether a file that begins with these bytes is a capture, or `None` if more of them are needed. Of a capture the complete
/// header is asked for.
pub(crate) fn kind_of(start: &[u8]) -> Option<Option<Kind>> {
    const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
    const PCAP: [[u8; 4]; 4] =
        [[0xa1, 0xb2, 0xc3, 0xd4], [0xa1, 0xb2, 0x3c, 0x4d], [0xd4, 0xc3, 0xb2, 0xa1], [0x4d, 0x3c, 0xb2, 0xa1]];
    let begins = |magic: &[u8]| magic.iter().zip(start).all(|(a, b)| a == b);
    if begins(&SECTION) {
        let little = match start.get(8..12) {
            None => return None,
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => true,
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => false,
            Some(_) => return Some(None),
        };
        let len = <[u8; 4]>::try_from(start.get(4..8)?).ok()?;
        let len = if little { u32::from_le_bytes(len) } else { u32::from_be_bytes(len) };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        return match len {
            28..=LONGEST_SECTION_HEADER if start.len() < len => None,
            28..=LONGEST_SECTION_HEADER => Some(Some(Kind::Pcapng)),
            _ => Some(None),
        };
    }
    let Some(magic) = PCAP.iter().find(|magic| begins(*magic)) else { return Some(None) };
    let major = match (start.get(4..6), magic[0]) {
        (Some(bytes), 0xa1) => u16::from_be_bytes([bytes[0], bytes[1]]),
        (Some(bytes), _) => u16::from_le_bytes([bytes[0], bytes[1]]),
        (None, _) => return None,
    };
    match (major, start.len()) {
        (2, 24..) => Some(Some(Kind::Pcap)),
        (2, _) => None,
        _ => Some(None),
    }
}

/// A packet as it was captured.
pub(crate) struct Packet<'a> {
    /// From 1, as Wireshark counts them.
    pub(crate) number: u64,
    /// In nanoseconds since 1970.
    pub(crate) time: u64,
    /// Bytes at its end that were not captured.
    pub(crate) missing: u64,
    /// `None` for a kind of link that is not known.
    pub(crate) data: Option<PacketData<'a>>,
    pub(crate) link: Linktype,
}

/// Looks at the packets, one after the other.
pub(crate) trait Visitor {
    /// Returns whether packets are still wanted.
    fn packet(&mut self, packet: &Packet<'_>) -> Result<bool, Failure>;

    /// The next packet may take long to arrive.
    fn idle(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Shows all packets to `visitor`. Returns whether the file ends with a complete one.
pub(crate) fn visit(
    kind: Kind,
    source: Box<dyn Read + Send>,
    name: &str,
    visitor: &mut impl Visitor,
) -> Result<bool, Failure> {
    let fault = Arc::new(Mutex::new(None));
    let source = Noting { source, fault: Arc::clone(&fault) };
    let failed = |what: &str| match fault.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => cannot_read(name, &error),
        None => Failure::Data(format!("{name} is not a capture that can be read: {what}")),
    };
    let reader: Result<Box<dyn PcapReaderIterator>, _> = match kind {
        Kind::Pcap => LegacyPcapReader::new(BLOCK, source).map(|reader| Box::new(reader) as _),
        Kind::Pcapng => PcapNGReader::new(BLOCK, source).map(|reader| Box::new(reader) as _),
    };
    let mut reader = reader.map_err(|_| failed("its header is damaged"))?;
    let (mut links, mut number, mut capacity) = (Links::default(), 0_u64, BLOCK);
    loop {
        match reader.next() {
            Ok((len, block)) => {
                if let Some(mut packet) = links.packet(&block) {
                    number = number.saturating_add(1);
                    packet.number = number;
                    if !visitor.packet(&packet)? {
                        return Ok(true);
                    }
                }
                reader.consume(len);
            }
            Err(PcapError::Eof) => return Ok(true),
            Err(PcapError::UnexpectedEof) => return Ok(false),
            Err(PcapError::Incomplete(_)) => {
                visitor.idle()?;
                reader.refill().map_err(|_| failed("reading failed"))?;
            }
            Err(PcapError::BufferTooSmall) => {
                // The block may fit as soon as the blocks before it are gone.
                let held = reader.data().len();
                reader.refill().map_err(|_| failed("reading failed"))?;
                if reader.data().len() == held && !reader.reader_exhausted() {
                    capacity = capacity.saturating_mul(2);
                    if capacity > LONGEST || !reader.grow(capacity) {
                        return Err(failed(&format!("a block after packet {number} is too long")));
                    }
                }
            }
            Err(_) => return Err(failed(&format!("it is damaged after packet {number}"))),
        }
    }
}

/// Keeps the error of a reader, which the parser does not pass on.
struct Noting {
    source: Box<dyn Read + Send>,
    fault: Arc<Mutex<Option<io::Error>>>,
}

impl Read for Noting {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        read(&mut *self.source, space).map_err(|error| {
            let kind = error.kind();
            *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            kind.into()
        })
    }
}

/// The interfaces of the file.
#[derive(Default)]
struct Links(Vec<Link>);

#[derive(Clone, Copy)]
struct Link {
    kind: Linktype,
    /// Units of time in a second.
    units: u64,
    /// Seconds to add.
    offset: i64,
}

impl Links {
    /// Stores an interface, or returns the packet.
    fn packet<'a>(&mut self, block: &'a PcapBlockOwned<'_>) -> Option<Packet<'a>> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                let units = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
                self.0 = vec![Link { kind: header.network, units, offset: 0 }];
                None
            }
            PcapBlockOwned::Legacy(packet) => {
                let link = self.0.first()?;
                let time = u64::from(packet.ts_sec).saturating_mul(link.units).saturating_add(packet.ts_usec.into());
                Some(link.packet(packet.data, packet.caplen, packet.origlen, time))
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                self.0.clear();
                None
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                let units = interface.ts_resolution().unwrap_or(1_000_000).max(1);
                if self.0.len() < MOST_LINKS {
                    self.0.push(Link { kind: interface.linktype, units, offset: interface.ts_offset() });
                }
                None
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let link = usize::try_from(packet.if_id).ok().and_then(|index| self.0.get(index))?;
                let time = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                Some(link.packet(packet.data, packet.caplen, packet.origlen, time))
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let held = u32::try_from(packet.data.len()).unwrap_or(u32::MAX);
                Some(self.0.first()?.packet(packet.data, packet.origlen.min(held), packet.origlen, 0))
            }
            PcapBlockOwned::NG(_) => None,
        }
    }
}

impl Link {
    /// The time is in the interface's units.
    fn packet<'a>(&self, data: &'a [u8], captured: u32, original: u32, time: u64) -> Packet<'a> {
        let nanoseconds = u128::from(time).saturating_mul(1_000_000_000) / u128::from(self.units);
        let offset = i128::from(self.offset).saturating_mul(1_000_000_000);
        let time = i128::try_from(nanoseconds).unwrap_or(i128::MAX).saturating_add(offset);
        let len = usize::try_from(captured).unwrap_or(usize::MAX).min(data.len());
        Packet {
            number: 0,
            time: u64::try_from(time).unwrap_or_default(),
            missing: u64::from(original.saturating_sub(captured)),
            data: get_packetdata(data, self.kind, len).filter(|data| !matches!(data, PacketData::Unsupported(_))),
            link: self.kind,
        }
    }
}
