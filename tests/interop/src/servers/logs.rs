//! rsyslog.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::stage::{Fallible, Stage, find, free_port, version};

/// rsyslog answers nothing. It forwards to this program, and each message that it forwards counts as an answer.
pub(crate) fn rsyslog(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["rsyslogd"]) else { return Ok(None) };
    let port = free_port()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let target = listener.local_addr()?.port();
    let config = format!(
        "global(workDirectory=\"{}\" maxMessageSize=\"1m\")\nmodule(load=\"imtcp\")\n\
        input(type=\"imtcp\" port=\"{port}\" address=\"127.0.0.1\" ruleset=\"forward\")\n\
        template(name=\"raw\" type=\"string\" string=\"%rawmsg%\")\n\
        ruleset(name=\"forward\") {{ action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{target}\" protocol=\"tcp\"\n\
        TCP_Framing=\"octet-counted\" template=\"raw\") }}\n",
        stage.dir().display()
    );
    let file = stage.file("r.conf", &config)?;
    let mut command = Command::new(&program);
    command.arg("-n").arg("-f").arg(file).arg("-i").arg(stage.dir().join("pid"));
    stage.start(&mut command, &[port])?;
    // It connects when it has something to forward.
    TcpStream::connect(("127.0.0.1", port))?.write_all(b"<13>first\n")?;
    let (mut source, _) = listener.accept()?;
    std::io::Read::read_exact(&mut source, &mut [0; "9 <13>first".len()])?;
    let running = Running::new(version(&program, "-v")).speaking(port, Syslog { source });
    if find(&["logger"]).is_none() {
        return Ok(Some(running));
    }
    Ok(Some(running.with_clients("syslog", port, |_, port| {
        let port = port.to_string();
        let common = ["-T", "-n", "127.0.0.1", "-P", &port, "-t", "a"];
        Ok(vec![
            Client::new("logger", &[&common[..], &["--octet-count", "hello"]].concat()),
            Client::new("logger", &[&common[..], &["hello"]].concat()),
            Client::new(
                "logger",
                &[&common[..], &["--octet-count", "--size", "120000", &"x".repeat(100_000)]].concat(),
            ),
        ])
    })))
}

struct Syslog {
    source: TcpStream,
}

impl Dialect for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn connect(&self, port: u16) -> Fallible<(TcpStream, TcpStream)> {
        Ok((TcpStream::connect(("127.0.0.1", port))?, self.source.try_clone()?))
    }

    fn templates(&self) -> Vec<Template> {
        vec![template(|text| Unit::one([b"<13>Jan  1 00:00:00 a b: ", text].concat()))]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"<13>forged".to_vec(), b"10 <13>forged".to_vec()]
    }

    fn lengths(&self) -> &'static [usize] {
        &[513, 1100, 9000, 70_000, 199_900, 200_000]
    }

    fn probe(&self) -> Unit {
        Unit::one("<13>Jan  1 00:00:00 a b: sentinel")
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| if seen.contains(b"sentinel") { Note::Probe } else { Note::Answer })
    }
}
