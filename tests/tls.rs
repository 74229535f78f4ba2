//! A TLS session is a reader and a writer like any other: frames span its records, and its end is reported.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anysplit::Prefix;
use anysplit::io::{FrameReader, FrameWriter};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// A session is read and written in turn.
struct Shared<S>(std::rc::Rc<std::cell::RefCell<S>>);

impl<S: std::io::Read> std::io::Read for Shared<S> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(room)
    }
}

impl<S: std::io::Write> std::io::Write for Shared<S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

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
        let stream = std::rc::Rc::new(std::cell::RefCell::new(stream));
        let mut reader = FrameReader::new(Shared(stream.clone()), Prefix::u32_be());
        let mut writer = FrameWriter::new(Shared(stream), Prefix::u32_be());
        let mut count = 0;
        while let Some(frame) = reader.read_frame().unwrap() {
            writer.send(frame.payload()).unwrap();
            count += 1;
        }
        count
    });

    let session = ClientConnection::new(Arc::new(client_config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(address).unwrap());
    // Up to several records of 16 KiB.
    for len in [0, 1, 100, 16_380, 16_384, 50_000] {
        let message = vec![7; len];
        FrameWriter::new(&mut stream, Prefix::u32_be()).send(&message).unwrap();
        // Exact, so that no bytes are left in a reader that is created again for every answer.
        let mut reader = FrameReader::new(&mut stream, Prefix::u32_be()).exact();
        assert_eq!(reader.read_frame().unwrap().unwrap().payload(), message);
    }
    stream.conn.send_close_notify();
    std::io::Write::flush(&mut stream).unwrap();
    assert_eq!(server.join().unwrap(), 6);
}
