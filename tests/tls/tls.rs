//! Over a TLS session, which reads and writes but has no two halves: frames span its records, and its end is reported.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anysplit::Prefix;
use anysplit::io::FrameStream;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

#[test]
fn frames_cross_the_records_of_a_tls_session_both_ways() {
    let rcgen::CertifiedKey { cert, key_pair } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key_pair.serialize_der()));
    let server_config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client_config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let session = ServerConnection::new(Arc::new(server_config)).unwrap();
        let stream = StreamOwned::new(session, listener.accept().unwrap().0);
        let mut stream = FrameStream::new(stream, Prefix::u32_be());
        let mut count = 0;
        while let Some(frame) = stream.read_bytes().unwrap() {
            stream.send(frame.payload()).unwrap();
            count += 1;
        }
        count
    });

    let session = ClientConnection::new(Arc::new(client_config), ServerName::try_from("localhost").unwrap()).unwrap();
    let stream = StreamOwned::new(session, TcpStream::connect(address).unwrap());
    let mut stream = FrameStream::new(stream, Prefix::u32_be());
    // Up to several records of 16 KiB.
    for len in [0, 1, 100, 16_380, 16_384, 50_000] {
        let message = vec![7; len];
        stream.send(&message).unwrap();
        assert_eq!(stream.read_frame().unwrap().unwrap().payload(), message);
    }
    stream.get_mut().conn.send_close_notify();
    std::io::Write::flush(stream.get_mut()).unwrap();
    assert_eq!(server.join().unwrap(), 6);
}
