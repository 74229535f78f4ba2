//! Dovecot, and SMTP with Exim and aiosmtpd.

use std::path::PathBuf;
use std::process::Command;

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::{Line, Seen};
use crate::stage::{Fallible, Stage, as_user, find, free_port, version};

pub(crate) fn dovecot(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["dovecot"]) else { return Ok(None) };
    let port = free_port()?;
    let home = stage.folder("home", "nobody")?;
    let (home, dir) = (home.display(), stage.dir().display());
    let config = format!(
        "base_dir = {dir}/run\nstate_dir = {dir}/run\nlog_path = {dir}/d.log\nprotocols = imap\nlisten = 127.0.0.1\n\
        ssl = no\ndisable_plaintext_auth = no\nmail_location = maildir:{home}/mail\nfirst_valid_uid = 1\n\
        mail_max_userip_connections = 1000\n\
        namespace inbox {{\n  inbox = yes\n  mailbox Sent {{\n    auto = create\n  }}\n}}\n\
        passdb {{\n  driver = static\n  args = nopassword=y\n}}\n\
        userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home={home}\n}}\n\
        service imap-login {{\n  service_count = 0\n  inet_listener imap {{\n    port = {port}\n  }}\n\
        \n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
        service stats {{\n  unix_listener stats-writer {{\n    mode = 0666\n  }}\n}}\n"
    );
    let file = stage.file("d.conf", &config)?;
    stage.start(Command::new(&program).arg("-F").arg("-c").arg(file), &[port])?;
    let running = Running::new(version(&program, "--version"));
    let running = running.speaking(port, Imap { logs_in: false }).speaking(port, Imap { logs_in: true });
    if find(&["curl"]).is_none() {
        return Ok(Some(running));
    }
    let mail = stage.file("mail", "From: a@example\r\nSubject: three\r\n\r\nhello {4}\r\n.\r\n)\r\na1 OK\r\n")?;
    Ok(Some(running.with_clients("imap", port, move |_, port| {
        let url = format!("imap://127.0.0.1:{port}/INBOX");
        let curl = |more: &[&str]| Client::new("curl", &[&["-sS", "-u", "me:secret"], more].concat());
        Ok(vec![
            curl(&[&format!("imap://127.0.0.1:{port}/")]),
            // No other client reads the folder of the mail, so all runs print the same.
            curl(&["-T", &mail.to_string_lossy(), &format!("imap://127.0.0.1:{port}/Sent")]),
            curl(&["-X", "STATUS INBOX (MESSAGES)", &url]),
            curl(&["-X", "NOOP", &url]),
        ])
    })))
}

/// IMAP, before and after the user has logged in: Dovecot has a program for each.
struct Imap {
    logs_in: bool,
}

impl Dialect for Imap {
    fn name(&self) -> &'static str {
        "imap"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.expect()?;
        if self.logs_in {
            line.send(b"l LOGIN me secret\r\n")?;
            line.until(|seen| seen.message.starts_with(b"l OK"))?;
        }
        Ok(())
    }

    fn templates(&self) -> Vec<Template> {
        let mut templates = vec![
            template(|_| Unit::one("a1 NOOP")),
            template(|text| Unit::one([b"a1 NOPE ", text].concat())),
            template(|text| Unit::one([text, b" NOOP"].concat())),
        ];
        if self.logs_in {
            templates.push(template(|text| Unit::one([b"a1 STATUS \"", text, b"\" (MESSAGES)"].concat())));
            templates.push(template(|text| Unit::one([b"a1 LIST \"\" ", text].concat())));
            templates.push(template(|text| {
                let line = format!("a1 STATUS {{{}+}}\r\n", text.len());
                Unit::several([[line.as_bytes(), text].concat(), b" (MESSAGES)".to_vec()], 0)
            }));
        }
        templates
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"a2 NOOP".to_vec(), b"a2 CAPABILITY".to_vec()]
    }

    fn particular(&self) -> Vec<Unit> {
        let ends = [
            "\"{7}",
            "{7} ",
            "{07}",
            "~{7}",
            "{7}\t",
            "{ 7}",
            "{7 }",
            "{+7}",
            "{-7}",
            "{7+}",
            "{7}",
            "{7-}",
            "{99999999999}",
        ];
        let ends = ends.iter().flat_map(|end| {
            let line = format!("a1 NOOP {end}");
            let literal = "a2 NOOP".to_owned();
            let mut units =
                vec![Unit::one(&line[..]), Unit::several([format!("{line}\r\n{literal}"), String::new()], 0)];
            if self.waits(line.as_bytes()) {
                units.push(Unit::several([line, literal, String::new()], 0));
            }
            units
        });
        ends.collect()
    }

    fn waits(&self, message: &[u8]) -> bool {
        message.ends_with(b"}") && !message.ends_with(b"+}")
    }

    fn consents(&self, seen: &Seen) -> bool {
        seen.message.starts_with(b"+")
    }

    fn exception(&self, unit: &Unit, answers: &[Vec<u8>]) -> Option<&'static str> {
        let has_literal = unit.messages.iter().any(|message| message.windows(4).any(|end| end == b"+}\r\n"));
        let is_unread = |answer: &Vec<u8>| {
            let text = String::from_utf8_lossy(answer);
            [" BAD ", " NO ", " OK NOOP"].iter().any(|status| text.contains(status))
        };
        (has_literal && answers.first().is_none_or(is_unread))
            .then_some("a command that Dovecot ends before it has read the literal that followed at once")
    }

    fn probe(&self) -> Unit {
        Unit::one("sentinel NOOP")
    }

    fn reader(&self) -> Reader {
        Box::new(|seen| match &seen.message[..] {
            message if message.starts_with(b"sentinel ") => Note::Probe,
            // A command without a good tag.
            message if message.starts_with(b"* BAD") => Note::Answer,
            [b'*' | b'+', b' ', ..] => Note::Part,
            // The rest of an untagged response after a literal.
            [b' ' | b')', ..] | [] => Note::Part,
            _ => Note::Answer,
        })
    }
}

pub(crate) fn exim(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["exim4", "exim"]) else { return Ok(None) };
    let port = free_port()?;
    let spool = stage.folder_in_memory("nobody")?;
    let (spool, dir) = (spool.display(), stage.dir().display());
    let config = format!(
        "local_interfaces = 127.0.0.1\ndaemon_smtp_ports = {port}\nprimary_hostname = a.example\nspool_directory = {spool}\nlog_file_path = {dir}/%slog\nexim_user = nobody\n\
        exim_group = nogroup\nnever_users =\nhost_lookup =\nrfc1413_hosts =\nsmtp_enforce_sync = false\n\
        smtp_accept_max = 0\nqueue_only = true\npipelining_advertise_hosts = *\nacl_smtp_rcpt = accept\n\
        acl_smtp_vrfy = accept\nacl_smtp_data = drop_all\ntls_advertise_hosts =\n\
        begin acl\ndrop_all:\n  discard\nbegin routers\nbegin transports\n"
    );
    let file = stage.file("e.conf", &config)?;
    let mut command = Command::new(&program);
    command.arg("-C").arg(file).args(["-bdf", "-oP"]).arg(stage.dir().join("pid"));
    stage.start(&mut command, &[port])?;
    Ok(Some(smtp(stage, Running::new(version(&program, "--version")), port)?))
}

pub(crate) fn aiosmtpd(stage: &mut Stage) -> Fallible<Option<Running>> {
    // Debian's package is for Debian's Python.
    let program = PathBuf::from("/usr/bin/python3");
    let has_module =
        || Command::new(&program).args(["-c", "import aiosmtpd"]).stderr(std::process::Stdio::null()).status();
    if !program.is_file() || !has_module()?.success() {
        return Ok(None);
    }
    let port = free_port()?;
    let mut command = Command::new(&program);
    command.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Sink"]);
    as_user(&mut command, "nobody");
    stage.start(&mut command, &[port])?;
    let script = "import aiosmtpd; print(aiosmtpd.__version__)";
    let output = crate::stage::run(Command::new(&program).args(["-c", script]), b"", crate::line::PATIENCE)?;
    Ok(Some(smtp(stage, Running::new(output.text.trim().to_owned()), port)?))
}

fn smtp(stage: &Stage, running: Running, port: u16) -> Fallible<Running> {
    let running = running.speaking(port, Smtp).speaking(port, Mail);
    if find(&["curl"]).is_none() {
        return Ok(running);
    }
    let mail = stage.file("mail", "From: a@example\r\nSubject: one\r\n\r\nhello\r\n.\r\n..dots\r\n.x\r\n")?;
    Ok(running.with_clients("smtp", port, move |_, port| {
        let url = format!("smtp://127.0.0.1:{port}/a.example");
        let mail = mail.to_string_lossy();
        Ok(vec![
            Client::new("curl", &["-sS", &url, "--mail-from", "a@example", "--mail-rcpt", "b@example", "-T", &mail]),
            Client::new("curl", &["-sS", &url, "-X", "NOOP"]),
        ])
    }))
}

fn greet(line: &mut Line, commands: &[&[u8]]) -> Fallible<()> {
    line.until(is_last)?;
    for command in commands {
        line.send(command)?;
        line.until(is_last)?;
    }
    Ok(())
}

/// Whether the line ends a reply: a hyphen after the code announces another one.
fn is_last(seen: &Seen) -> bool {
    seen.message.get(3) != Some(&b'-')
}

/// The probe is an EHLO, whose reply alone is 250 and has several lines. A QUIT would cost a fifth of a second with Exim.
fn smtp_reader() -> Reader {
    let mut is_probe = false;
    Box::new(move |seen| {
        is_probe |= seen.message.starts_with(b"250-");
        match is_last(seen) {
            false => Note::Part,
            true if is_probe => Note::Probe,
            true => Note::Answer,
        }
    })
}

/// Commands of SMTP.
struct Smtp;

impl Dialect for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        greet(line, &[b"EHLO b.example\r\n"])
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|_| Unit::one("RSET")),
            template(|text| Unit::one([b"NOOP ", text].concat())),
            template(|text| Unit::one([b"VRFY ", text].concat())),
            template(|text| Unit::one([b"MAIL FROM:<", text, b"@b.example>"].concat())),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"NOOP".to_vec(), b"MAIL FROM:<forged@b.example>".to_vec()]
    }

    fn exception(&self, _: &Unit, answers: &[Vec<u8>]) -> Option<&'static str> {
        let last = answers.last()?;
        last.starts_with(b"421 Unexpected error")
            .then_some("a reply that is too long for Exim, which breaks off and leaves the connection open")
    }

    fn probe(&self) -> Unit {
        Unit::one("EHLO sentinel")
    }

    fn reader(&self) -> Reader {
        smtp_reader()
    }
}

/// The lines of a mail: all of them get one reply.
struct Mail;

impl Dialect for Mail {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        let commands: [&[u8]; 4] =
            [b"EHLO b.example\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<c@a.example>\r\n", b"DATA\r\n"];
        greet(line, &commands)
    }

    fn templates(&self) -> Vec<Template> {
        vec![template(|text| {
            let line = [b"hello", text].concat();
            Unit::several([b"Subject: one".to_vec(), Vec::new(), line, b"RSET".to_vec(), b".".to_vec()], 2)
        })]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b".".to_vec(), b".\nRSET".to_vec(), b".\r\nRSET".to_vec(), b".\rRSET".to_vec()]
    }

    /// A line that begins with a dot is for the sender to change.
    fn insert_from(&self) -> usize {
        1
    }

    fn probe(&self) -> Unit {
        Unit::one("EHLO sentinel")
    }

    fn reader(&self) -> Reader {
        smtp_reader()
    }
}
