//! What a packet carries: a segment of TCP or a datagram of UDP.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::data::PacketData;

use super::packets::Packet;

/// A segment or a datagram.
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) payload: &'a [u8],
    /// Bytes at the end of the payload that were not captured.
    pub(super) missing: u64,
    /// `None` for UDP.
    pub(super) tcp: Option<Tcp>,
}

/// The fields of TCP's header that reassembly needs.
#[derive(Clone, Copy)]
pub(super) struct Tcp {
    pub(super) sequence: u32,
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) rst: bool,
}

/// What was found in a packet.
pub(super) enum Found<'a> {
    Segment(Segment<'a>),
    /// A part of an IP packet that was sent in fragments.
    Fragment,
    /// A kind of link that is not known.
    UnknownLink,
    /// Another protocol.
    Other,
}

pub(super) fn find<'a>(packet: &'a Packet<'_>) -> Found<'a> {
    let sliced = match &packet.data {
        None | Some(PacketData::Unsupported(_)) => return Found::UnknownLink,
        Some(PacketData::L2(data)) => LaxSlicedPacket::from_ethernet(data).ok(),
        // A loopback of the other byte order has no EtherType here, and what follows is IP.
        Some(PacketData::L3(0, data)) => LaxSlicedPacket::from_ip(data).ok(),
        Some(PacketData::L3(kind, data)) => Some(LaxSlicedPacket::from_ether_type(EtherType(*kind), data)),
        Some(PacketData::L4(..)) => None,
    };
    let Some((sliced, net)) = sliced.and_then(|mut sliced| sliced.net.take().map(|net| (sliced, net))) else {
        return Found::Other;
    };
    let (from, to): (IpAddr, IpAddr) = match &net {
        LaxNetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        LaxNetSlice::Arp(_) => return Found::Other,
    };
    let Some(carried) = net.ip_payload_ref() else { return Found::Other };
    if carried.fragmented {
        return Found::Fragment;
    }
    let missing = if carried.incomplete { packet.missing } else { 0 };
    match sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Found::Segment(Segment {
            from: SocketAddr::new(from, tcp.source_port()),
            to: SocketAddr::new(to, tcp.destination_port()),
            payload: tcp.payload(),
            missing,
            tcp: Some(Tcp {
                sequence: tcp.sequence_number(),
                acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
                syn: tcp.syn(),
                rst: tcp.rst(),
            }),
        }),
        Some(TransportSlice::Udp(udp)) => Found::Segment(Segment {
            from: SocketAddr::new(from, udp.source_port()),
            to: SocketAddr::new(to, udp.destination_port()),
            payload: udp.payload(),
            missing,
            tcp: None,
        }),
        _ => Found::Other,
    }
}
