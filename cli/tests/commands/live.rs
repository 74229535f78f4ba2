//! `anysplit connect`, `listen` and `proxy`, growing files, serial devices and interrupts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{fails, run, start};

/// Starts a command that listens, and returns it with its address.
fn listening(arguments: &[&str]) -> (Child, String, BufReader<ChildStderr>) {
    let mut child = start(arguments);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("note: listening on ").expect(&line).to_owned();
    (child, address, stderr)
}

/// A server that sends back what it gets, for this many connections.
fn echo(connections: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for _ in 0..connections {
            let (mut stream, _) = listener.accept().unwrap();
            thread::spawn(move || {
                let mut copy = stream.try_clone().unwrap();
                let _ = std::io::copy(&mut stream, &mut copy);
                let _ = copy.shutdown(Shutdown::Write);
            });
        }
    });
    address
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn connect_sends_messages_and_shows_frames() {
    let run = run(&["connect", &echo(1), "u16be"], "hello\nworld\n");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.out.lines().skip(1).collect();
    let rows = [
        "   frame    offset    wire  length  header  payload",
        " ←     1         0       7       5  00 05   hello",
        " ←     2         7       7       5  00 05   world",
    ];
    assert_eq!(lines, rows);
    let hex = self::run(&["connect", &echo(1), "u8", "--hex", "-f", "raw"], "00 68 69\n");
    assert_eq!((hex.out.as_str(), hex.code), ("\\x00hi", Some(0)));
    let other = self::run(&["connect", &echo(1), "line", "--server-spec", "fixed:3", "-f", "json"], "ab\n");
    assert!(other.out.contains(r#""from":"server","frame":1,"offset":0,"wire_len":3,"len":3,"#), "{}", other.out);
}

#[test]
fn connect_reports_what_is_wrong() {
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    fails(&["connect", &refused, "line"], "", 2, "error: cannot connect to 127.0.0.1:");
    fails(&["connect", "localhost", "line"], "", 2, "error: localhost is not HOST:PORT, such as localhost:6379");
    fails(&["proxy", "0", "6379", "line"], "", 2, "error: 6379 is not HOST:PORT, such as localhost:6379");
    fails(&["listen", "99999", "line"], "", 2, "error: 99999 is not [ADDRESS:]PORT, such as 7000 or 0.0.0.0:7000");
    fails(&["connect", "u8", "localhost:1"], "", 2, "The SPEC comes last: localhost:1 u8");
    fails(&["listen", "u8", "7000"], "", 2, "The SPEC comes last: 7000 u8");
    fails(&["proxy", "7000", "u8", "localhost:1"], "", 2, "The SPEC comes last: 7000 localhost:1 u8");
    let bad =
        fails(&["connect", &echo(1), "line", "--server-spec", "netstring"], "x\n", 1, "from the server: byte 0: ");
    assert!(bad.err.contains("expected a decimal digit, found 'x'"), "{}", bad.err);
    fails(&["connect", &echo(1), "u8"], "x".repeat(300) + "\n", 1, "message 1, at byte 0 of the input, was refused");
}

#[test]
fn messages_reach_a_server_that_has_stopped_sending() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // More than the kernel holds is sent after the end was seen.
        thread::sleep(Duration::from_millis(300));
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all.len()
    });
    let input = vec![b'x'; 15].into_iter().chain([b'\n']).collect::<Vec<_>>().repeat(1 << 20);
    let run = run(&["connect", &address, "line"], input);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(server.join().unwrap(), 16 << 20);
    // A silent input does not hold the program after the server has closed.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = start(&["connect", &listener.local_addr().unwrap().to_string(), "line"]);
    drop(listener.accept().unwrap());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn answer_is_shown_before_the_next_message() {
    let mut child = start(&["connect", &echo(1), "u8", "-f", "raw", "--separator", "\\n"]);
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for message in [b"one\n", b"two\n"] {
        stdin.write_all(message).unwrap();
        let mut shown = [0; 4];
        stdout.read_exact(&mut shown).unwrap();
        assert_eq!(&shown, message);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn listen_shows_frames_and_sends_messages() {
    let (mut child, address, _) = listening(&["listen", "0", "u8", "--once"]);
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"welcome\n").unwrap();
    drop(stdin);
    let mut client = TcpStream::connect(&address).unwrap();
    let mut greeting = [0; 8];
    client.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"\x07welcome");
    client.write_all(b"\x03one\x03two").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let own = client.local_addr().unwrap();
    let out = format!(
        "   1  {own} → {address}
        frame    offset    wire  length  header  payload
   1  →     1         0       4       3  03      one
   1  →     2         4       4       3  03      two
   1  closed
"
    );
    assert_eq!((text, output.status.code()), (out, Some(0)));
}

#[test]
fn listen_shows_several_connections_and_the_end_of_one() {
    let (mut child, address, mut stderr) = listening(&["listen", "0", "netstring", "--format", "json", "--echo"]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut clients: Vec<_> = (0..3).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for client in clients.iter_mut().rev() {
        client.write_all(b"2:ok,").unwrap();
        let mut back = [0; 5];
        client.read_exact(&mut back).unwrap();
        assert_eq!(&back, b"2:ok,");
    }
    clients[1].write_all(b"what?").unwrap();
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("connection 2, from the client: byte 5, after 1 frame: "), "{line}");
    // The bad one is closed, and the others go on.
    let _ = clients[1].read_to_end(&mut Vec::new());
    clients[0].write_all(b"3:yes,").unwrap();
    let mut lines = String::new();
    while !lines.contains("yes") || !lines.contains("closed") {
        assert!(stdout.read_line(&mut lines).unwrap() > 0, "{lines}");
    }
    for part in
        [r#""kind":"opened","stream":3,"#, r#"{"kind":"closed","stream":2}"#, r#""stream":1,"from":"client","frame":2"#]
    {
        assert!(lines.contains(part), "{lines}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A client that has read `bytes`.
fn greeted(address: &str, bytes: &[u8]) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut found = vec![0; bytes.len()];
    client.read_exact(&mut found).unwrap();
    assert_eq!(found, bytes);
    client
}

#[test]
fn message_without_a_client_waits_for_the_next_one() {
    let (mut child, address, mut stderr) = listening(&["listen", "0", "u8", "--format", "json"]);
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    stdin.write_all(b"one\n").unwrap();
    drop(greeted(&address, b"\x03one"));
    let mut lines = String::new();
    while !lines.contains("closed") {
        assert!(stdout.read_line(&mut lines).unwrap() > 0, "{lines}");
    }
    // Nobody is connected now.
    stdin.write_all(b"two\n").unwrap();
    thread::sleep(Duration::from_millis(200));
    let mut second = greeted(&address, b"\x03two");
    // Several clients get the same message.
    let mut third = TcpStream::connect(&address).unwrap();
    while !lines.contains("\"stream\":3") {
        assert!(stdout.read_line(&mut lines).unwrap() > 0, "{lines}");
    }
    thread::sleep(Duration::from_millis(50));
    stdin.write_all(b"three\n").unwrap();
    for client in [&mut second, &mut third] {
        let mut found = [0; 6];
        client.read_exact(&mut found).unwrap();
        assert_eq!(&found, b"\x05three");
    }
    drop(stdin);
    let mut note = String::new();
    stderr.read_line(&mut note).unwrap();
    assert!(note.contains("clients that connect later get it with --each"), "{note}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn each_client_gets_all_messages() {
    let (mut child, address, _) = listening(&["listen", "0", "netstring", "--each"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"hello\nthere\n").unwrap();
    drop(stdin);
    let first = greeted(&address, b"5:hello,5:there,");
    for _ in 0..3 {
        drop(greeted(&address, b"5:hello,5:there,"));
    }
    drop(first);
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, address, _) = listening(&["listen", "0", "line", "--each", "--once"]);
    child.stdin.take().unwrap().write_all(b"bye\n").unwrap();
    let mut all = Vec::new();
    TcpStream::connect(&address).unwrap().read_to_end(&mut all).unwrap();
    assert_eq!((all.as_slice(), child.wait().unwrap().code()), (&b"bye\n"[..], Some(0)));
    fails(&["listen", "0", "u8", "--each", "--echo"], "", 2, "cannot be used with");
    fails(&["listen", "0", "u8", "--each"], "x".repeat(300) + "\n", 1, "was refused");
}

#[test]
fn new_client_never_begins_inside_a_message() {
    let (mut child, address, _) = listening(&["listen", "0", "line"]);
    let mut stdin = child.stdin.take().unwrap();
    let lines = format!("{}\n", "0123456789".repeat(20_000)).repeat(3);
    let writer = thread::spawn(move || while stdin.write_all(lines.as_bytes()).is_ok() {});
    for _ in 0..6 {
        let mut client = TcpStream::connect(&address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut found = vec![0; 300_000];
        client.read_exact(&mut found).unwrap();
        let text = String::from_utf8(found).unwrap();
        assert!(text.starts_with("0123456789") && text.find('\n') == Some(200_000), "{:?}", text.find('\n'));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    writer.join().unwrap();
}

/// Sends `bytes` through a proxy to an echo server. Returns the echoed bytes, the output and the exit code.
fn proxied(options: &[&str], bytes: &[u8]) -> (Vec<u8>, String, Option<i32>) {
    let server = echo(1);
    let (child, address, _) = listening(&[&["proxy", "0", &server, "u8", "--once", "-f", "json"], options].concat());
    let mut client = TcpStream::connect(&address).unwrap();
    client.write_all(bytes).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut back = Vec::new();
    client.read_to_end(&mut back).unwrap();
    let output = child.wait_with_output().unwrap();
    (back, String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn proxy_passes_on_and_shows_both_directions() {
    let wire = b"\x03one\x03two\x00";
    let (back, out, code) = proxied(&[], wire);
    assert_eq!((back.as_slice(), code), (&wire[..], Some(0)));
    for side in ["client", "server"] {
        for frame in 1..=3 {
            let part = format!("\"stream\":1,\"from\":\"{side}\",\"frame\":{frame},");
            assert!(out.contains(&part), "{out}");
        }
    }
    assert!(out.ends_with("{\"kind\":\"closed\",\"stream\":1}\n"), "{out}");
}

#[test]
fn proxy_cuts_and_delays_frames() {
    let wire = b"\x03one\x03two";
    let begin = Instant::now();
    let (back, ..) = proxied(&["--cut", "1", "--delay", "20"], wire);
    assert_eq!(back, wire);
    // Eight pieces in each direction, one after the other.
    assert!(begin.elapsed() > Duration::from_millis(8 * 20));
    // Pieces would arrive together without a pause, so there is one unless it is 0.
    let wire = [b"\xc7".to_vec(), vec![b'x'; 199]].concat();
    for (options, least) in [(&["--cut", "1"][..], 200), (&["--cut", "1", "--delay", "0"], 0)] {
        let begin = Instant::now();
        assert_eq!(proxied(options, &wire).0, wire);
        assert!(begin.elapsed() > Duration::from_millis(least), "{options:?}");
    }

    // The server sees the pieces as they were cut.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let (mut child, address, _) = listening(&["proxy", "0", &server, "u8", "--cut", "3", "--delay", "100"]);
    TcpStream::connect(&address).unwrap().write_all(b"\x07abcdefg").unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut space = [0; 64];
    let pieces: Vec<usize> = (0..3).map(|_| stream.read(&mut space).unwrap()).collect();
    assert_eq!(pieces, [3, 3, 2]);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The client waits for the answer to its header, and the answer to HEAD has no body.
#[test]
fn proxy_passes_on_http_headers_that_wait_for_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let (child, address, _) = listening(&["proxy", "0", &server, "@http1", "--once", "-f", "json"]);
    let mut client = TcpStream::connect(&address).unwrap();
    let asked = [
        &b"HEAD / HTTP/1.1\r\n\r\n"[..],
        b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        b"hi",
    ];
    let answers = [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"[..],
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ];
    client.write_all(asked[0]).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    for (at, (asked, answer)) in asked.into_iter().zip(answers).enumerate() {
        if at > 0 {
            client.write_all(asked).unwrap();
        }
        let mut space = vec![0; asked.len()];
        server.read_exact(&mut space).unwrap();
        server.write_all(answer).unwrap();
        let mut back = vec![0; answer.len()];
        client.read_exact(&mut back).unwrap();
        assert_eq!((&space[..], &back[..]), (asked, answer));
    }
    drop((client, server));
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), out.matches("\"kind\":\"frame\"").count()), (Some(0), 6), "{out}");
}

#[test]
fn proxy_damages_one_bit_of_every_nth_frame() {
    let wire = b"\x03one\x03two\x03six\x03ten";
    let (back, out, _) = proxied(&["--damage", "2"], wire);
    let differing = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
    // Two frames on the way there, and the same two on the way back, where the same bit is changed again.
    assert_eq!((back.len(), differing(&back, wire)), (wire.len(), 0));
    assert_eq!(out.matches("\"damaged\":true").count(), 4, "{out}");
    let (back, ..) = proxied(&["--damage", "2", "--server-spec", "close"], wire);
    assert_eq!(differing(&back, wire), 2);
}

#[test]
fn proxy_passes_on_what_is_no_frame() {
    let (back, out, code) = proxied(&["--server-spec", "netstring"], b"\x03one\xffcut");
    assert_eq!((back.as_slice(), code), (&b"\x03one\xffcut"[..], Some(1)));
    assert_eq!(out.matches("\"kind\":\"error\"").count(), 2, "{out}");
}

#[test]
fn proxy_without_a_server_closes_the_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (child, address, mut stderr) = listening(&["proxy", "0", &nobody, "line", "--once"]);
    let mut client = TcpStream::connect(&address).unwrap();
    assert_eq!(client.read(&mut [0; 8]).unwrap_or_default(), 0);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    let mut text = String::new();
    stderr.read_to_string(&mut text).unwrap();
    assert!(text.contains("cannot connect to 127.0.0.1:"), "{text}");
}

/// Sends 64 MiB through a proxy to a listener.
#[cfg(target_os = "linux")]
#[test]
fn long_connections_take_little_memory() {
    let (mut listener, server, _) = listening(&["listen", "0", "u32be", "--once", "-f", "count"]);
    let (mut proxy, address, _) = listening(&["proxy", "0", &server, "u32be", "--once", "-f", "count"]);
    let mut client = TcpStream::connect(&address).unwrap();
    let part = [&(1_u32 << 16).to_be_bytes()[..], &[b'x'; 1 << 16]].concat().repeat(16);
    for _ in 0..64 {
        client.write_all(&part).unwrap();
    }
    for child in [&listener, &proxy] {
        let peak = crate::run::peak_so_far(child);
        assert!(peak < 32 * 1024, "{peak} KiB");
    }
    drop(client);
    for child in [&mut listener, &mut proxy] {
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with("frames                1024 in all\n"), "{text}");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn growing_file_is_followed() {
    let path = std::env::temp_dir().join(format!("anysplit-growing-{}.log", std::process::id()));
    std::fs::write(&path, "one\ntw").unwrap();
    let mut child = start(&["decode", "-f", "raw", "--separator", ";", "line", path.to_str().unwrap(), "--follow"]);
    let mut stdout = child.stdout.take().unwrap();
    let mut shown = [0; 4];
    stdout.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"one;");
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"o\n").unwrap();
    stdout.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"two;");
    std::fs::write(&path, "").unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("it has become shorter") && output.status.code() == Some(2), "{err}");
    std::fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn interrupt_leaves_complete_lines() {
    for arguments in [&["decode", "line"][..], &["decode", "-f", "json", "line"], &["encode", "netstring"]] {
        let mut child = start(arguments);
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdin.write_all(b"one\ntwo\nunfinished").unwrap();
        let mut text = vec![0; 8];
        stdout.read_exact(&mut text).unwrap();
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}");
        stdout.read_to_end(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.ends_with(['\n', ',']) && text.contains("two") && !text.contains("unfinished"), "{text}");
    }
    // In the middle of much output too.
    let mut child = start(&["decode", "-f", "json", "line"]);
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || while stdin.write_all(&b"all work and no play\n".repeat(500)).is_ok() {});
    let mut stdout = child.stdout.take().unwrap();
    let mut text = vec![0; 1 << 20];
    stdout.read_exact(&mut text).unwrap();
    interrupt(&child);
    stdout.read_to_end(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(text.ends_with(b"\"control\":false}\n"));
    writer.join().unwrap();

    // The totals until then.
    let mut child = start(&["decode", "-f", "count", "line"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"one\ntwo\nunfinished").unwrap();
    thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("frames                   2 in all\npayload                  6 bytes\n"), "{text}");
    assert_eq!(output.status.code(), Some(130));
    drop(stdin);

    let (child, ..) = listening(&["listen", "0", "line"]);
    interrupt(&child);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

#[cfg(target_os = "linux")]
#[test]
fn serial_device_is_set_read_and_written() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{InputModes, LocalModes, tcgetattr};

    let line = || {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
        (std::fs::File::from(controller), name)
    };
    let (mut controller, name) = line();
    let mut child = start(&["decode", "-f", "raw", "--separator", ";", "slip", &name, "--baud", "115200"]);
    // The settings come before the first byte is read.
    let device = std::fs::File::open(&name).unwrap();
    while tcgetattr(&device).unwrap().local_modes.contains(LocalModes::ICANON) {
        thread::sleep(Duration::from_millis(10));
    }
    let settings = tcgetattr(&device).unwrap();
    assert!(!settings.input_modes.contains(InputModes::ICRNL) && settings.output_speed() == 115_200);
    controller.write_all(b"\xc0\x03\x04\r\n\xc0").unwrap();
    let mut shown = [0; 5];
    child.stdout.take().unwrap().read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"\x03\x04\r\n;");
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut controller, name) = line();
    let mut child = start(&["connect", &name, "cobs", "--baud", "9600", "-f", "raw"]);
    child.stdin.take().unwrap().write_all(b"hi\n").unwrap();
    let mut sent = [0; 4];
    controller.read_exact(&mut sent).unwrap();
    assert_eq!(&sent, b"\x03hi\0");
    controller.write_all(b"\x03ok\0").unwrap();
    let mut shown = [0; 2];
    child.stdout.take().unwrap().read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"ok");
    child.kill().unwrap();
    child.wait().unwrap();
    fails(&["decode", "line", "Cargo.toml", "--baud", "9600"], "", 2, "Cargo.toml is no serial device");
}
