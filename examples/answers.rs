//! Run: cargo run --example answers
//!
//! A client that sends several HTTP requests before it reads an answer. The answer to HEAD has no body although it announces
//! one, so each request adds what its answer looks like.
//!
//! The server is Python's, if there is one; otherwise a thread that answers the same.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use anysplit::answers::{Answers, Expecting};
use anysplit::http1::{Incoming, Messages, Question};
use anysplit::io::FrameReader;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("anysplit-answers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("hello.txt"), "hello\n")?;
    let server = python(&folder);
    let address = match &server {
        Some((_, address)) => *address,
        None => thread_server()?,
    };
    println!("server: {}", if server.is_some() { "python3 -m http.server" } else { "a thread" });
    let result = client(address);
    if let Some((mut child, _)) = server {
        child.kill()?;
        child.wait()?;
    }
    std::fs::remove_dir_all(folder)?;
    result
}

fn client(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let stream = TcpStream::connect(address)?;
    let mut answers = Answers::<Incoming, 8>::new();
    let never = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n";
    for (method, path, fields) in
        [("HEAD", "/hello.txt", ""), ("GET", "/hello.txt", ""), ("GET", "/hello.txt", never), ("GET", "/none", "")]
    {
        let question = if method == "HEAD" { Question::Head } else { Question::Other };
        // First the expectation, then the request: the answer cannot come before it.
        answers.expect(Incoming::answer(question))?;
        (&stream).write_all(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").as_bytes())?;
    }

    let mut reader = FrameReader::new(&stream, Expecting::nothing());
    let mut lengths = Vec::new();
    let mut body_len = 0;
    while answers.unanswered() > 0 {
        answers.prepare(&mut reader);
        let Some(frame) = reader.read_frame()? else { break };
        let answer = answers.take(&frame)?;
        // The header is a frame without a payload. A body in chunks is several frames.
        if let Some(line) = frame.header().split(|&byte| byte == b'\r').next().filter(|line| line.starts_with(b"HTTP"))
        {
            println!("{:28} body: {:?}", String::from_utf8_lossy(line), answer.expectation.body());
        }
        body_len += frame.payload().len();
        if answer.is_last {
            lengths.push(std::mem::take(&mut body_len));
        }
    }
    println!("bodies of {lengths:?} bytes");
    assert_eq!(lengths[..3], [0, 6, 0]);
    assert!(lengths[3] > 0);
    Ok(())
}

/// Starts Python's server on a free port.
fn python(folder: &Path) -> Option<(Child, SocketAddr)> {
    let mut child = Command::new("python3")
        .args(["-u", "-m", "http.server", "--protocol", "HTTP/1.1", "--bind", "127.0.0.1", "--directory"])
        .arg(folder)
        .arg("0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // Serving HTTP on 127.0.0.1 port 40000 ...
    let mut line = String::new();
    let port = BufReader::new(child.stdout.take()?).read_line(&mut line).ok().and_then(|_| {
        let mut words = line.split(' ').skip_while(|word| *word != "port");
        words.nth(1)?.parse().ok()
    });
    match port {
        Some(port) => Some((child, SocketAddr::from(([127, 0, 0, 1], port)))),
        None => {
            // An older Python without this option.
            child.kill().and_then(|()| child.wait()).ok();
            None
        }
    }
}

/// A server for one connection, which gives the answers that Python's gives. The library reads its requests.
fn thread_server() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut stream = listener.accept()?.0;
        let mut requests = Messages::requests();
        let mut room = [0; 1024];
        loop {
            let len = std::io::Read::read(&mut stream, &mut room)?;
            requests.push(&room[..len])?;
            while let Some(request) = if len == 0 { requests.finish()? } else { requests.next_message()? } {
                let text = String::from_utf8_lossy(request.header()).into_owned();
                let answer = if text.contains("If-Modified-Since") {
                    "HTTP/1.1 304 Not Modified\r\n\r\n"
                } else if text.starts_with("HEAD") {
                    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
                } else if text.starts_with("GET /hello.txt") {
                    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
                } else {
                    "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnone\r\n0\r\n\r\n"
                };
                stream.write_all(answer.as_bytes())?;
            }
            if len == 0 {
                return Ok(());
            }
        }
    });
    Ok(address)
}
