//! The captures of `tests/data/captures` with segments that are late, come twice or are not there.

use std::fs;
use std::io::Write;

use crate::captures::{Followed, RECORDED, followed, path};
use crate::run::{run, start};

/// A packet of TCP in a capture file.
#[derive(Clone)]
struct Record {
    /// What the file has before the lengths of the packet.
    before: Vec<u8>,
    packet: Vec<u8>,
    /// The length of the link's header.
    link: usize,
    from: u16,
    sequence: u32,
    is_first: bool,
    payload: Vec<u8>,
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn is_ng(file: &[u8]) -> bool {
    file.starts_with(b"\x0a\x0d\x0d\x0a")
}

/// The beginning of a capture file, and its packets.
fn records(file: &str) -> (Vec<u8>, Vec<Record>) {
    let bytes = fs::read(path(file)).unwrap();
    let (mut kind, mut at) = (number(&bytes, 20), if is_ng(&bytes) { 0 } else { 24 });
    let (mut head, mut records) = (bytes[..at].to_vec(), Vec::new());
    while at < bytes.len() {
        let len = if is_ng(&bytes) { number(&bytes, at + 4) } else { 16 + number(&bytes, at + 8) };
        let block = &bytes[at..at + len];
        at += len;
        if is_ng(&bytes) && block[0] != 6 {
            // An interface, or what the file says about itself. Statistics at the end are left out.
            if records.is_empty() {
                kind = if block[0] == 1 { number(block, 8) & 0xffff } else { kind };
                head.extend(block);
            }
            continue;
        }
        let lengths = if is_ng(&bytes) { 20 } else { 8 };
        let packet = &block[lengths + 8..lengths + 8 + number(block, lengths)];
        let link = match kind {
            1 => 14,
            113 => 16,
            276 => 20,
            _ => panic!("{file} has link type {kind}"),
        };
        let ip = &packet[link..];
        let tcp = match ip[0] >> 4 {
            4 => &ip[usize::from(ip[0] & 15) * 4..usize::from(u16::from_be_bytes([ip[2], ip[3]]))],
            _ => &ip[40..40 + usize::from(u16::from_be_bytes([ip[4], ip[5]]))],
        };
        records.push(Record {
            before: block[..lengths].to_vec(),
            packet: packet.to_vec(),
            link,
            from: u16::from_be_bytes([tcp[0], tcp[1]]),
            sequence: u32::from_be_bytes(tcp[4..8].try_into().unwrap()),
            is_first: tcp[13] & 2 > 0,
            payload: tcp[usize::from(tcp[12] >> 4) * 4..].to_vec(),
        });
    }
    (head, records)
}

/// The segments that carry at most `most` bytes each in place of this one.
fn segments(record: &Record, most: usize) -> Vec<Record> {
    let headers = record.packet.len() - record.payload.len();
    let mut sequence = record.sequence;
    let one = |payload: &[u8]| {
        let mut packet = [&record.packet[..headers], payload].concat();
        let ip = &mut packet[record.link..];
        let (at, header) = if ip[0] >> 4 == 4 { (2, usize::from(ip[0] & 15) * 4) } else { (4, 40) };
        let len = ip.len() - if at == 2 { 0 } else { 40 };
        ip[at..at + 2].copy_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        ip[header + 4..header + 8].copy_from_slice(&sequence.to_be_bytes());
        let piece = Record { packet, sequence, payload: payload.to_vec(), ..record.clone() };
        sequence = sequence.wrapping_add(u32::try_from(payload.len()).unwrap());
        piece
    };
    if record.payload.is_empty() { vec![record.clone()] } else { record.payload.chunks(most).map(one).collect() }
}

fn file_of(head: &[u8], records: &[Record]) -> Vec<u8> {
    let mut file = head.to_vec();
    for Record { before, packet, .. } in records {
        let len = u32::try_from(packet.len()).unwrap().to_le_bytes();
        let mut block = [before, &len[..], &len, packet].concat();
        if is_ng(head) {
            block.resize(block.len().next_multiple_of(4), 0);
            let all = u32::try_from(block.len() + 4).unwrap().to_le_bytes();
            block[4..8].copy_from_slice(&all);
            block.extend(all);
        }
        file.extend(block);
    }
    file
}

#[test]
fn disturbed_packets_of_every_capture_are_put_together_as_tshark_does() {
    for file in RECORDED {
        let (head, whole) = records(file);
        let Followed { nodes, streams } = followed(file);
        let records: Vec<_> = whole.iter().flat_map(|record| segments(record, 40)).collect();
        let loaded: Vec<_> = (0..records.len()).filter(|&at| !records[at].payload.is_empty()).collect();
        assert!(loaded.len() > 9, "{file}: {}", loaded.len());
        // Every third segment comes after the next one of its direction, and every fourth one comes once more.
        let mut disturbed = records.clone();
        for &at in loaded.iter().step_by(3) {
            let is_next = |record: &Record| record.from == disturbed[at].from && !record.payload.is_empty();
            if let Some(next) = (at + 1..disturbed.len()).find(|&next| is_next(&disturbed[next])) {
                let early = disturbed.remove(next);
                disturbed.insert(at, early);
            }
        }
        for &at in loaded.iter().rev().step_by(4) {
            let again = disturbed[at].clone();
            disturbed.insert((at + 3).min(disturbed.len()), again);
        }
        let capture = file_of(&head, &disturbed);
        let mut notes = String::new();
        for (node, stream) in nodes.iter().zip(&streams) {
            let mut child = start(&["decode", "-f", "raw", "close,max=none", "--from", node]);
            child.stdin.take().unwrap().write_all(&capture).unwrap();
            let output = child.wait_with_output().unwrap();
            notes += &String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success() && output.stdout == *stream, "{file}, from {node}: {notes}");
        }
        assert!(notes.contains(" out of order") && notes.contains(" retransmitted"), "{file}: {notes}");

        // A segment that is not there is a gap.
        let gone = loaded[loaded.len() / 2];
        let Record { from, sequence, ref payload, .. } = records[gone];
        let first = records.iter().find(|record| record.from == from && record.is_first).unwrap();
        let (offset, len) = (sequence.wrapping_sub(first.sequence) - 1, payload.len());
        let mut missing = records.clone();
        missing.remove(gone);
        let found = run(&["decode", "-f", "json", "close,max=none"], file_of(&head, &missing));
        assert_eq!(found.code, Some(1), "{file}");
        let gap = found.out.lines().find(|line| line.starts_with("{\"kind\":\"gap\",")).unwrap();
        assert!(gap.ends_with(&format!(",\"offset\":{offset},\"len\":{len}}}")), "{file}, {offset}, {len}: {gap}");
    }
}
