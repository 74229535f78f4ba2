//! ngIRCd.

use std::cell::Cell;
use std::process::Command;

use crate::dialect::{Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::Line;
use crate::stage::{Fallible, Stage, find, free_port, version};

pub(crate) fn ngircd(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["ngircd"]) else { return Ok(None) };
    let port = free_port()?;
    let config = format!(
        "[Global]\nName = irc.example\nInfo = test\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = hello\n\
        ServerUID = nobody\nServerGID = nogroup\n[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\n\
        [Options]\nIdent = no\nPAM = no\nDNS = no\n"
    );
    let file = stage.file("n.conf", &config)?;
    stage.start(Command::new(&program).arg("-n").arg("-f").arg(file), &[port])?;
    Ok(Some(Running::new(version(&program, "--version")).speaking(port, Irc::default())))
}

/// Each connection has a name of its own: the server may keep the one of the last for a while.
#[derive(Default)]
struct Irc {
    connections: Cell<u32>,
}

impl Dialect for Irc {
    fn name(&self) -> &'static str {
        "irc"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        self.connections.set(self.connections.get() + 1);
        line.send(format!("NICK n{}\r\nUSER a 0 * :a\r\n", self.connections.get()).as_bytes())?;
        line.until(|seen| seen.contains(b" 376 ") || seen.contains(b" 422 ")).map(|_| ())
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one([b"PING ", text].concat())),
            template(|text| Unit::one([b"PING :a ", text].concat())),
            template(|text| Unit::one([b"NOPE ", text].concat())),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"PING forged".to_vec()]
    }

    /// The specification's limit is 512 bytes. ngIRCd closes the connection after a longer line, but after one of more than
    /// 2048 bytes it never reads that connection again.
    fn lengths(&self) -> &'static [usize] {
        &[490, 513, 1100]
    }

    fn probe(&self) -> Unit {
        Unit::one("PING sentinel")
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| match &seen.message[..] {
            message if message.ends_with(b":sentinel") => Note::Probe,
            // The server asks for a sign of life, or says why it closes the connection.
            message if message.starts_with(b"PING ") || message.starts_with(b"ERROR ") => Note::Part,
            message if message.windows(8).any(|window| window == b" NOTICE ") => Note::Part,
            _ => Note::Answer,
        })
    }
}
