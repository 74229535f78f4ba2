//! nginx and PHP-FPM.

use std::path::Path;
use std::process::Command;

use anysplit::{AnyFraming, Delimited, Fixed, HeaderBlock, Then};

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::{Line, PATIENCE};
use crate::stage::{Fallible, Stage, find, free_port, run, version};
use crate::{proxy, rejoin};

/// Bytes in the body that a client sends once the server has agreed.
const BODY: usize = 10_000;

/// Starts nginx with this in its `http` block.
fn start_nginx(stage: &mut Stage, program: &Path, name: &str, body: &str, ports: &[u16]) -> Fallible<()> {
    let folder = stage.folder(name, "nobody")?;
    let config = format!(
        "daemon off; master_process off; pid {name}.pid; error_log {name}.log; worker_processes 1; events {{}}\n\
        http {{ access_log off; client_body_temp_path {name}/b; proxy_temp_path {name}/p; fastcgi_temp_path {name}/f;\n\
        scgi_temp_path {name}/s; uwsgi_temp_path {name}/u; keepalive_requests 100000; {body} }}\n",
    );
    let file = stage.file(&format!("{name}.conf"), &config)?;
    drop(folder);
    let mut command = Command::new(program);
    command.arg("-p").arg(stage.dir()).arg("-c").arg(file);
    stage.start(&mut command, ports)
}

pub(crate) fn nginx(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["nginx"]) else { return Ok(None) };
    let (port, port2) = (free_port()?, free_port()?);
    let dir = stage.dir().display();
    let body = format!(
        "server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{port2} http2; root {dir};\n\
        location / {{ return 200 \"hello\\n\"; }} location /sentinel {{ return 200 sentinel; }}\n\
        location /files/ {{ }}\n\
        location /chunked/ {{ alias {dir}/files/; gzip on; gzip_min_length 1; gzip_types *; gzip_http_version 1.0; }}\n\
        location /closed/ {{ alias {dir}/files/; gzip on; gzip_min_length 1; gzip_types *; gzip_http_version 1.0;\n\
        chunked_transfer_encoding off; }} }}"
    );
    std::fs::create_dir_all(stage.dir().join("files"))?;
    stage.file("files/a.txt", "hello\n")?;
    stage.file("files/b.txt", &"0123456789".repeat(20_000))?;
    start_nginx(stage, &program, "nginx", &body, &[port, port2])?;
    let mut running =
        Running::new(version(&program, "-v")).speaking(port, Http1).speaking(port, Chunks).speaking(port2, Http2);
    if find(&["wrk"]).is_some() {
        // It prints how fast it was too; the script prints what must not differ. A body that ends with the connection counts
        // as an error of reading, without the proxy too.
        let script = "done = function(all)\n  local e = all.errors\n  \
            local is_read = e.read == 0 or math.abs(e.read - all.requests) < 10\n  \
            print('errors', e.connect, is_read, e.write, e.status, e.timeout, all.requests > 10)\nend\n";
        let script = stage.file("done.lua", script)?.to_string_lossy().into_owned();
        running = running.with_clients("HTTP/1 messages", port, move |_, port| {
            let wrk = |path: &str| {
                let url = format!("http://127.0.0.1:{port}/{path}");
                let arguments = ["-t", "1", "-c", "4", "-d", "1", "-s", &script, "-H", "Accept-Encoding: gzip", &url];
                Client::new("wrk", &arguments).comparing(|line| line.starts_with("errors"))
            };
            Ok(["files/a.txt", "files/b.txt", "chunked/b.txt", "closed/b.txt", ""].map(wrk).into())
        });
        running = running.through(rejoin::http_messages());
    }
    if find(&["curl"]).is_none() {
        return Ok(Some(running));
    }
    running = running.with_clients("HTTP/1 messages", port, move |stage, port| {
        let url = |path: &str| format!("http://127.0.0.1:{port}/{path}");
        let (counted, chunked, closed) = (url("files/b.txt"), url("chunked/b.txt"), url("closed/b.txt"));
        let body = stage.file("body", &"hello ".repeat(50_000))?;
        let upload = format!("@{}", body.display());
        // The header that -I prints has the second in which it was written.
        let curl = |more: &[&str]| {
            Client::new("curl", &[&["-sS", "--compressed"], more].concat()).comparing(|line| !line.starts_with("Date:"))
        };
        Ok(vec![
            curl(&[&counted, &chunked, &closed, &counted]),
            curl(&["-I", &counted, "--next", "-sS", &counted]),
            curl(&["-0", &chunked]),
            curl(&["-d", &upload, &url(""), &counted]),
            curl(&["-H", "Transfer-Encoding: chunked", "-d", &upload, &url(""), &counted]),
        ])
    });
    running = running.through(rejoin::http_messages());
    // The client waits for the server's consent after the header, longer than it may take here.
    let running = running.with_clients("HTTP/1.1 headers", port, |_, port| {
        let url = format!("http://127.0.0.1:{port}/");
        let body = "x".repeat(BODY);
        let expect = ["-sS", "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-d", &body, &url];
        Ok(vec![Client::new("curl", &expect)])
    });
    let body = Fixed::new(BODY as u64)?;
    let requests = Then::new(Delimited::new(b"\r\n\r\n")?, body).into();
    let running = running.through(proxy::frames(requests, http1()?));
    let running = running.with_clients("http2", port2, |_, port| {
        let url = |path: &str| format!("http://127.0.0.1:{port}/files/{path}");
        let (a, b, none) = (url("a.txt"), url("b.txt"), url("none"));
        let curl = |more: &[&str]| Client::new("curl", &[&["-sS", "--http2-prior-knowledge"], more].concat());
        // A connection for each: this curl cannot use one again, with or without the proxy.
        let head = ["-I", "-o", "/dev/null", "-w", "%{http_code} %{content_type}", &b];
        Ok(vec![curl(&[&a]), curl(&[&b]), curl(&[&none]), curl(&head)])
    });
    // nginx 1.22 can lose a WINDOW_UPDATE that arrives in pieces, and then it sends nothing more. It does so with any
    // program that cuts the bytes, whether that decodes them or not.
    Ok(Some(running.without_cuts()))
}

/// An echo server of the Python package websockets, which sends every message in fragments.
pub(crate) fn websockets(stage: &mut Stage) -> Fallible<Option<Running>> {
    const PYTHON: &str = "/usr/bin/python3";
    // Debian's package is for Debian's Python.
    let asked =
        run(Command::new(PYTHON).args(["-c", "import websockets.version as v; print(v.version)"]), b"", PATIENCE);
    let Some(version) = asked.ok().filter(|output| output.code == Some(0)) else { return Ok(None) };
    let port = free_port()?;
    let server = format!(
        "import asyncio, websockets\nasync def echo(socket):\n  async for m in socket:\n    \
        await socket.ping(b'between')\n    third = len(m) // 3\n    await socket.send([m[:third], m[third:]] if m else m)\n\
        async def main():\n  async with websockets.serve(echo, '127.0.0.1', {port}, max_size=None): await asyncio.Future()\n\
        asyncio.run(main())\n"
    );
    let server = stage.file("server.py", &server)?;
    stage.start(Command::new(PYTHON).arg(server), &[port])?;
    let client = "import asyncio, os, sys, websockets\nasync def main():\n  \
        async with websockets.connect('ws://127.0.0.1:' + sys.argv[1], max_size=None, \
        compression=None if sys.argv[2] == 'plain' else 'deflate') as socket:\n    \
        for m in ['', 'hello', b'', b'\\0' * 125, b'a' * 126, b'b' * 65535, os.urandom(65536), 'text ' * 300000, os.urandom(1 << 20)]:\n      \
        parts = [m[:1], m[1:7], m[7:]] if len(m) > 7 else m\n      pong = await socket.ping(b'p')\n      \
        await socket.send(parts)\n      assert (await socket.recv()) == m\n      await pong\n  \
        print(socket.close_code)\nasyncio.run(main())\n";
    let client = stage.file("client.py", client)?.to_string_lossy().into_owned();
    let running =
        Running::new(version.text.trim().to_owned()).with_clients("WebSocket messages", port, move |_, port| {
            let port = port.to_string();
            Ok(["plain", "deflate"].map(|compression| Client::new(PYTHON, &[&client, &port, compression])).into())
        });
    Ok(Some(running.through(rejoin::websocket_messages())))
}

/// Judges answers of HTTP/1.1.
fn http_reader() -> Reader {
    Box::new(|seen| if seen.payload == b"sentinel" { Note::Probe } else { Note::Answer })
}

fn http1() -> Fallible<AnyFraming> {
    Ok(HeaderBlock::new("Content-Length")?.with_start_line().empty_without_length().into())
}

const PROBE: &[u8] = b"GET /sentinel HTTP/1.1\r\nHost: a\r\n\r\n";

/// HTTP/1.1 requests in a [`HeaderBlock`].
struct Http1;

impl Dialect for Http1 {
    fn name(&self) -> &'static str {
        "HeaderBlock"
    }

    fn framing(&self) -> Fallible<AnyFraming> {
        http1()
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one([b"GET / HTTP/1.1\r\nHost: a\r\nA: ", text, b"\r\n\r\n"].concat())),
            template(|text| Unit::one([b"GET / HTTP/1.1\r\nHost: a\r\nA", text, b": b\r\n\r\n"].concat())),
            template(|text| {
                let header = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", text.len());
                Unit::one([header.as_bytes(), text].concat())
            }),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![
            b"GET /forged HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            b"Content-Length: 30".to_vec(),
            b"Content-Length: 0\r\n\r\nGET /forged HTTP/1.1\r\nHost: a\r\nB:".to_vec(),
        ]
    }

    /// The framing leaves the start line to the program. A line end inside it would make a request of HTTP/0.9, whose
    /// answer has no header.
    fn insert_from(&self) -> usize {
        "GET / HTTP/1.1\r\n".len()
    }

    fn particular(&self) -> Vec<Unit> {
        let fields = [
            "Content-Length : 39",
            "Content-Length:\t39",
            "Content-Length: 39 ",
            "Content-Length: 39\t",
            "Content-Length: 039",
            "Content-Length: +39",
            "Content-Length: 39, 39",
            "Content-Length: 39,",
            "Content-Length\t: 39",
            "Content-Length:\x0b39",
            "Content_Length: 39",
            " Content-Length: 39",
            "X: y\r\n Content-Length: 39",
            "content-length: 39",
            "Content-Length: 0x27",
            "Content-Length: 39;",
            "Content-Length: 39\r",
            "Content-Length: 39\0",
            "Content-Length:\r\n 39",
            "X: y\rContent-Length: 39",
            "Content-Length: 0\r\nContent-Length: 39",
        ];
        let body = "GET /forged HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
        let posts = fields.iter().flat_map(|field| {
            let header = format!("POST / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");
            [Unit::one(&header[..]), Unit::one(format!("{header}{body}"))]
        });
        posts.collect()
    }

    fn probe(&self) -> Unit {
        Unit::one(PROBE)
    }

    fn reader(&self) -> Reader {
        http_reader()
    }
}

/// Chunks of the body of a request.
struct Chunks;

impl Dialect for Chunks {
    fn name(&self) -> &'static str {
        "http-chunked"
    }

    fn answers(&self) -> Fallible<AnyFraming> {
        http1()
    }

    fn templates(&self) -> Vec<Template> {
        vec![template(|text| {
            let header = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
            Unit::several([b"hello", text, b"world"], 1).inside(header, b"0\r\n\r\n")
        })]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![
            b"0\r\n\r\nGET /forged HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            b"GET /forged HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        ]
    }

    fn probe(&self) -> Unit {
        Unit::several([b""; 0], 0).inside(PROBE, b"")
    }

    fn reader(&self) -> Reader {
        http_reader()
    }
}

/// HTTP/2 without TLS.
struct Http2;

/// A GET request on this stream, whose length is left to the framing.
fn headers(stream: u8, path: &[u8]) -> Vec<u8> {
    // Indexed: the method GET and the scheme http. With literal values: the path and the authority. A value of up to
    // 126 bytes has one byte of length.
    let len = u8::try_from(path.len().min(126)).unwrap_or(0);
    let path = &path[..usize::from(len)];
    [&[0, 0, 0, 1, 5, 0, 0, 0, stream, 0x82, 0x86, 0x04, len], path, &[0x41, 1, b'a']].concat()
}

impl Dialect for Http2 {
    fn name(&self) -> &'static str {
        "http2"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")?;
        // The answer to these settings.
        line.until(|seen| seen.message == b"\0\0\0\x04\x01\0\0\0\0").map(|_| ())
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one(headers(1, &[b"/", text].concat()))),
            // A request with a body in DATA frames.
            template(|text| {
                let mut request = headers(1, b"/");
                (request[4], request[9]) = (4, 0x83);
                Unit::several([request, [&[0, 0, 0, 0, 1, 0, 0, 0, 1], text].concat()], 1)
            }),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        let mut forged = headers(3, b"/forged");
        forged[2] = u8::try_from(forged.len() - 9).unwrap_or(0);
        vec![forged, b"GET /forged HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()]
    }

    fn insert_from(&self) -> usize {
        9
    }

    fn probe(&self) -> Unit {
        Unit::one(headers(9, b"/sentinel"))
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| match seen.message[..] {
            [_, _, _, 1, _, _, _, _, 9, ..] => Note::Probe,
            [_, _, _, 1, ..] => Note::Answer,
            _ => Note::Part,
        })
    }
}

pub(crate) fn php_fpm(stage: &mut Stage) -> Fallible<Option<Running>> {
    let names: Vec<String> =
        (0..10).rev().flat_map(|minor| [format!("php-fpm8.{minor}"), format!("php-fpm7.{minor}")]).collect();
    let names: Vec<&str> = names.iter().map(|name| &name[..]).chain(["php-fpm"]).collect();
    let Some(program) = find(&names) else { return Ok(None) };
    let port = free_port()?;
    let script =
        stage.file("a.php", "<?php echo $_SERVER['QUERY_STRING'], ' ', strlen(file_get_contents('php://input'));\n")?;
    stage.folder("tmp", "nobody")?;
    let config = format!(
        "[global]\nerror_log = fpm.log\ndaemonize = no\n[www]\nlisten = 127.0.0.1:{port}\npm = static\n\
        pm.max_children = 2\nuser = nobody\ngroup = nogroup\ncatch_workers_output = no\n"
    );
    let file = stage.file("fpm.conf", &config)?;
    stage.start(Command::new(&program).arg("-n").arg("-p").arg(stage.dir()).arg("-y").arg(file), &[port])?;
    let script = script.to_string_lossy().into_owned();
    let running = Running::new(version(&program, "-v")).speaking(port, FastCgi { script: script.clone() });
    let (Some(nginx), Some(_)) = (find(&["nginx"]), find(&["curl"])) else { return Ok(Some(running)) };
    Ok(Some(running.with_clients("fastcgi", port, move |stage, port| {
        let web = free_port()?;
        let body = format!(
            "server {{ listen 127.0.0.1:{web}; location / {{ fastcgi_pass 127.0.0.1:{port}; fastcgi_keep_conn on;\n\
            fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param REQUEST_METHOD $request_method;\n\
            fastcgi_param QUERY_STRING $query_string; fastcgi_param CONTENT_LENGTH $content_length; }} }}"
        );
        start_nginx(stage, &nginx, &format!("nginx{port}"), &body, &[web])?;
        let url = format!("http://127.0.0.1:{web}/?hello");
        Ok(vec![
            Client::new("curl", &["-sS", &url, &url]),
            Client::new("curl", &["-sS", "-d", &"x".repeat(100_000), &url]),
        ])
    })))
}

struct FastCgi {
    script: String,
}

/// A record of the request 1, whose length is left to the framing.
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[1, kind, 0, 1, 0, 0, 0, 0], content].concat()
}

/// A parameter. Lengths from 128 take four bytes.
fn parameter(name: &[u8], value: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| match u8::try_from(bytes.len()) {
        Ok(short @ 0..128) => vec![short],
        _ => (u32::try_from(bytes.len()).unwrap_or(0) | 1 << 31).to_be_bytes().to_vec(),
    };
    [&length(name)[..], &length(value), name, value].concat()
}

impl FastCgi {
    /// The records of a request, with the flag that keeps the connection open.
    fn request(script: &str, query: &[u8], body: &[u8]) -> Vec<Vec<u8>> {
        let parameters = [
            parameter(b"SCRIPT_FILENAME", script.as_bytes()),
            parameter(b"REQUEST_METHOD", b"POST"),
            parameter(b"QUERY_STRING", query),
            parameter(b"CONTENT_LENGTH", body.len().to_string().as_bytes()),
        ];
        vec![
            record(1, &[0, 1, 1, 0, 0, 0, 0, 0]),
            record(4, &parameters.concat()),
            record(4, b""),
            record(5, body),
            record(5, b""),
        ]
    }
}

impl Dialect for FastCgi {
    fn name(&self) -> &'static str {
        "fastcgi"
    }

    fn templates(&self) -> Vec<Template> {
        let (one, two) = (self.script.clone(), self.script.clone());
        vec![
            template(move |text| Unit::several(Self::request(&one, b"q", text), 3)),
            template(move |text| Unit::several(Self::request(&two, text, b"body"), 1)),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        // The end of the request's body, and all of another request.
        vec![b"\x01\x05\0\x01\0\0\0\0\x01\x01\0\x01\0\x08\0\0\0\x01\x01\0\0\0\0\0\x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\0\0\0".to_vec()]
    }

    fn insert_from(&self) -> usize {
        8
    }

    fn probe(&self) -> Unit {
        Unit::several(Self::request(&self.script, b"sentinel", b""), 0)
    }

    fn reader(&self) -> Reader {
        let mut is_probe = false;
        Box::new(move |seen| {
            is_probe |= seen.contains(b"sentinel 0");
            match seen.message.get(1) {
                Some(3) if is_probe => Note::Probe,
                Some(3) => Note::Answer,
                _ => Note::Part,
            }
        })
    }
}
