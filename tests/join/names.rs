//! Messages by name: a framing and a rule from one line of text.

use std::collections::BTreeSet;

use anysplit::join::{AnyMessages, AnyRule, JoinErrorKind, Joiner, OncRpc, Rule, WebSocket};
use anysplit::spec::SpecErrorKind;
use anysplit::{AnyFraming, Framing, Limit, Prefix, protocols};

use super::captures::{capture, only_messages};
use super::{Seen, messages};

fn named(text: &str) -> AnyMessages {
    text.parse().unwrap()
}

#[test]
fn every_name_is_read_and_written() {
    let mut names = BTreeSet::new();
    for joined in protocols::JOINED {
        assert!(names.insert(joined.name) && protocols::by_name(joined.name).is_none(), "{}", joined.name);
        let text = format!("@{}", joined.name);
        let messages = named(&text);
        assert_eq!((messages.name(), messages.rule()), (Some(joined.name), joined.rule));
        let framing = protocols::by_name(joined.protocol).unwrap().framing();
        let is_over = framing.max_payload_len() > messages.max_message_len();
        let framing = if is_over { framing.with_max_payload_len(messages.max_message_len()) } else { framing };
        assert_eq!(messages.framing(), &framing);
        assert_eq!(messages.to_string(), text);
        let limited = named(&format!("{text},max=1M"));
        assert_eq!(limited.to_string(), format!("{text},max=1048576"));
        assert_eq!(named(&limited.to_string()), limited);
        assert_ne!(limited, messages);
        // A framing it is not.
        let error = text.parse::<AnyFraming>().unwrap_err();
        assert_eq!(error.column, 2);
        assert!(matches!(error.kind, SpecErrorKind::Expected(what) if what.contains("several frames")), "{error}");
    }
    assert!(protocols::JOINED.is_sorted_by_key(|joined| joined.name));
}

#[test]
fn every_frame_of_a_framing_is_a_message() {
    for text in ["u16be,max=9", "@git", "(slip) then line"] {
        let messages = named(text);
        assert_eq!((messages.rule(), messages.name()), (AnyRule::EachFrame, None));
        assert_eq!(messages.framing(), &text.parse().unwrap());
        assert_eq!(messages.max_message_len(), messages.framing().max_payload_len());
        assert_eq!(named(&messages.to_string()), messages);
    }
    let messages = named("@git");
    let (seen, error) = super::messages(messages.framing(), &mut messages.joiner(), b"0006hi00000005!", &[]);
    let expected = [Seen::Message(b"hi".to_vec()), Seen::Control(vec![]), Seen::Message(b"!".to_vec())];
    assert_eq!((&seen[..], error), (&expected[..], None));
}

#[test]
fn wrong_texts_are_refused_at_their_place() {
    for (text, column) in [
        ("@mysql-messages,", 17),
        ("@mysql-messages,min=1", 17),
        ("@mysql-messages then line", 16),
        ("(@mysql-messages),start=$", 3),
        ("@mysql-message", 2),
        ("u16be,mx=1", 7),
    ] {
        assert_eq!(text.parse::<AnyMessages>().unwrap_err().column, column, "{text}");
    }
}

/// The limit on a message is one on its frames too, unless the protocol has a lower one.
#[test]
fn limit_of_a_name_binds_messages_and_frames() {
    for (text, of_message, of_frame) in [
        ("@websocket-messages", 8 << 20, 8 << 20),
        ("@websocket-messages,max=64M", 64 << 20, 64 << 20),
        ("@websocket-messages,max=9", 9, 9),
        ("@websocket-messages,max=none", u64::MAX, u64::MAX >> 1),
        ("@http1-messages", 8 << 20, 8 << 20),
        ("@http1-requests,max=64M", 64 << 20, 64 << 20),
        ("@mysql-messages", 8 << 20, 8 << 20),
        ("@mysql-messages,max=64M", 64 << 20, 0xff_ffff),
        ("@tls-handshake,max=1M", 1 << 20, 18_432),
        ("@tls-handshake,max=1k", 1024, 1024),
    ] {
        let messages = named(text);
        let max = messages.framing().max_payload_len().min(u64::MAX >> 1);
        assert_eq!((messages.max_message_len(), max), (of_message, of_frame.min(u64::MAX >> 1)), "{text}");
    }
    assert_eq!(named("@mysql-messages,max=64M").framing().to_string(), "@mysql");
    // The limit that a name has without the option is no different when it is written.
    for joined in protocols::JOINED {
        assert_eq!(named(&format!("@{},max=8M", joined.name)), named(&format!("@{}", joined.name)));
    }
    let raised = named("@tls-handshake,max=1k").with_max_message_len(1 << 20);
    assert_eq!(raised.framing().max_payload_len(), 18_432);
    let records = named("@onc-rpc-messages,max=4");
    let (_, error) = messages(records.framing(), &mut records.joiner(), b"\0\0\0\x03hel\x80\0\0\x02lo", &[]);
    assert_eq!(error.unwrap().kind, JoinErrorKind::Oversize { len: 5, max: 4 });
    let made = AnyMessages::new(Prefix::u8(), OncRpc).with_max_message_len(3);
    assert_eq!((made.framing(), made.rule()), (&"u8,max=3".parse().unwrap(), AnyRule::from(OncRpc)));
}

/// A name gives what the framing and the rule of the protocol give.
#[test]
fn names_read_the_captures() {
    for (name, file) in [
        ("@websocket-messages", "websocket-client"),
        ("@websocket-messages", "websocket-server"),
        ("@zmtp-messages", "zmtp"),
        ("@ftp-replies", "ftp"),
        ("@smtp-replies", "smtp"),
        ("@http-bodies", "http-chunked"),
    ] {
        let (stream, expected) = capture(file);
        let by_name = named(name);
        let (seen, error) = messages(by_name.framing(), &mut by_name.joiner(), &stream, &[]);
        assert_eq!((only_messages(seen), error), (expected, None), "{file}");
    }
}

#[test]
fn websocket_rule_of_either_side_refuses_a_message_of_both() {
    let masked = b"\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d";
    let read = |stream: &[u8]| {
        messages(protocols::websocket_unmasked(), &mut Joiner::new(WebSocket::from_either()), stream, &[])
    };
    let (seen, error) = read(&[&b"\x81\x02hi"[..], masked, b"\x80\x80\0\0\0\0"].concat());
    assert_eq!((seen.len(), error), (2, None));
    let error = read(&[&masked[..], b"\x80\x02lo"].concat()).1.unwrap();
    assert!(matches!(error.kind, JoinErrorKind::Custom(text) if text.contains("masked")) && error.offset == 9);
    // A ping of the other side is no part of the message, but does not stand in this stream either.
    assert!(read(&[&masked[..], b"\x89\0"].concat()).1.is_some());
    assert!(!WebSocket::from_either().reads_payload());
}
