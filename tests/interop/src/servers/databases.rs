//! PostgreSQL and MariaDB.

use std::process::Command;
use std::time::Duration;

use crate::dialect::{Client, Dialect, Note, Reader, Running, Template, Unit, template};
use crate::line::Line;
use crate::random::Random;
use crate::rejoin;
use crate::stage::{Fallible, Stage, as_user, find, free_port, ids, is_root, run, version};

const PREPARE: Duration = Duration::from_secs(60);

pub(crate) fn postgresql(stage: &mut Stage) -> Fallible<Option<Running>> {
    let (Some(initdb), Some(program)) = (find(&["initdb"]), find(&["postgres"])) else { return Ok(None) };
    let port = free_port()?;
    let user = if ids("postgres").is_some() { "postgres" } else { "nobody" };
    let data = stage.folder("db", user)?;
    let mut command = Command::new(initdb);
    command
        .arg("-D")
        .arg(&data)
        .args(["-A", "trust", "-U", "me", "-N", "-E", "UTF8", "--locale=C"])
        .current_dir(stage.dir());
    as_user(&mut command, user);
    let made = run(&mut command, b"", PREPARE)?;
    if made.code != Some(0) {
        return Err(format!("initdb: {}", made.text).into());
    }
    let mut command = Command::new(&program);
    command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F", "-k"]).arg(stage.dir());
    as_user(&mut command, user);
    stage.start(&mut command, &[port])?;
    wait_until_ready(port)?;
    let running = Running::new(version(&program, "--version")).speaking(port, Postgres);
    if find(&["psql"]).is_none() {
        return Ok(Some(running));
    }
    Ok(Some(running.with_clients("postgres", port, |_, port| {
        let target = format!("host=127.0.0.1 port={port} user=me dbname=postgres sslmode=disable gssencmode=disable");
        let script = b"drop table if exists t;\ncreate table t (a int, b text);\n\
            copy t from stdin;\n1\thello\n2\t\\N\n\\.\nselect * from t;\nselect nothing;\ncopy t to stdout;\n\
            select repeat('x', 20000);\n\\bind 7\nselect 1 as one \\gdesc\nselect E'a\\nQ\\x0b';\n";
        let queries = ["-c", "select 1", "-c", "select 'a;b'; select 2"];
        Ok(vec![
            Client::new("psql", &["-X", &target]).with_input(script),
            Client::new("psql", &[&["-X", &target], &queries[..]].concat()),
        ])
    })))
}

/// Waits until the server accepts connections: it listens some time before.
fn wait_until_ready(port: u16) -> Fallible<()> {
    for _ in 0..100 {
        let (stream, source) = Postgres.connect(port)?;
        let mut line = Line::new(stream, source, Postgres.answers()?, 1)?;
        if Postgres.open(&mut line).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("PostgreSQL does not accept connections".into())
}

struct Postgres;

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.send(b"\0\0\0\x23\0\x03\0\0user\0me\0database\0postgres\0\0")?;
        line.until(|seen| seen.message.starts_with(b"Z")).map(|_| ())
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|text| Unit::one([b"Qselect '", text, b"'\0"].concat())),
            template(|text| {
                let parse = [b"P\0select '", text, b"'\0\0\0"].concat();
                Unit::several([parse, b"B\0\0\0\0\0\0\0\0".to_vec(), b"E\0\0\0\0\0".to_vec(), b"S".to_vec()], 0)
            }),
            template(|text| {
                let copy = b"Qcopy (select 1) to stdout\0".to_vec();
                Unit::several([[&copy[..copy.len() - 1], b" /* ", text, b" */\0"].concat()], 0)
            }),
            template(|text| {
                let create = b"Qcreate temp table t (b text); copy t from stdin\0".to_vec();
                Unit::several([create, [b"d", text, b"\n"].concat(), b"c".to_vec()], 1)
            }),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"Q\0\0\0\x0dselect 2\0".to_vec(), b"S\0\0\0\x04".to_vec(), b"select 2".to_vec()]
    }

    fn insert_from(&self) -> usize {
        1
    }

    fn particular(&self) -> Vec<Unit> {
        let complete =
            [&b"Q"[..], b"S", b"SS\0\0\0\x04", b"Qselect 1", b"?", b"\0\0\0\x04", b"d", b"c", b"p\0"].map(Unit::one);
        // The server answers an error in these when it has seen a Sync.
        let parts = [&b"H"[..], b"Cx", b"Dx\0", b"B\0", b"E"].map(|message| Unit::several([message, b"S"], 0));
        complete.into_iter().chain(parts).collect()
    }

    fn probe(&self) -> Unit {
        Unit::one("Qselect 'sentinel'\0")
    }

    /// Counts the server's "ready for query". Hostile messages may leave out their own, and get the probe's only.
    fn reader(&self) -> Reader {
        let mut is_probe = false;
        Box::new(move |seen| {
            is_probe |= seen.message.starts_with(b"D") && seen.contains(b"sentinel");
            match seen.message.first() {
                Some(b'Z') if is_probe => Note::Probe,
                Some(b'Z') => Note::Answer,
                _ => Note::Part,
            }
        })
    }
}

pub(crate) fn mariadb(stage: &mut Stage) -> Fallible<Option<Running>> {
    let Some(program) = find(&["mariadbd", "mysqld"]) else { return Ok(None) };
    let port = free_port()?;
    let user = if ids("mysql").is_some() { "mysql" } else { "nobody" };
    let data = stage.folder("db", user)?;
    let dir = stage.dir().display().to_string();
    let mut command = Command::new(&program);
    // Without the tables of rights: they would take longer to make than all of this test.
    command.args(["--no-defaults", "--skip-grant-tables", "--skip-networking=0", "--bind-address=127.0.0.1"]);
    command.args([format!("--datadir={}", data.display()), format!("--port={port}")]);
    command.args([format!("--socket={dir}/sock"), format!("--pid-file={dir}/pid"), "--innodb-log-file-size=4M".into()]);
    command.args(["--max-connections=1000", "--max-connect-errors=100000", "--skip-name-resolve"]);
    command.arg("--max-allowed-packet=64M");
    if is_root() {
        command.arg(format!("--user={user}"));
    }
    stage.start(&mut command, &[port])?;
    let running = Running::new(version(&program, "--version")).speaking(port, Mysql);
    let Some(client) = find(&["mariadb", "mysql"]) else { return Ok(Some(running)) };
    let client = client.to_string_lossy().into_owned();
    let large = client.clone();
    let running = running.with_clients("mysql", port, move |_, port| {
        let port = port.to_string();
        let common = ["--no-defaults", "-h", "127.0.0.1", "-P", &port, "-u", "root", "--skip-ssl", "--force"];
        let script = b"drop database if exists d; create database d; use d;\ncreate table t (a int, b text);\n\
            insert into t values (1, 'hello'), (2, null);\nselect * from t;\nselect repeat('x', 100000);\n\
            select 'a\\r\\nb\\0c';\ndrop database d;\n";
        Ok(vec![
            Client::new(&client, &common).with_input(script),
            Client::new(&client, &[&common[..], &["-e", "select 1; select 2, 'a;b'"]].concat()),
        ])
    });
    // A statement of 40 MiB, which is three packets, and so is its row; and what fills packets exactly.
    let running = running.with_clients("MySQL messages", port, move |_, port| {
        let port = port.to_string();
        let arguments =
            ["--no-defaults", "-h", "127.0.0.1", "-P", &port, "-u", "root", "--skip-ssl", "--max-allowed-packet=64M"];
        let mut random = Random::new(1);
        let text: Vec<u8> = (0..40 << 20).map(|_| b"abcdefghijklmnop"[random.below(16)]).collect();
        let script = [b"select '", &text[..], b"' as a;\n"].concat();
        // The statement has a byte for the command, and the row four for its length: one packet filled to its end, and one less.
        let exact = [0xff_ffff_usize, 0xff_fffe].map(|len| {
            let len = len - 1 - "select length('') as a".len();
            [
                b"select length('",
                &text[..len],
                b"') as a;\nselect repeat('x', ",
                (len + 23 - 4).to_string().as_bytes(),
                b") as a;\n",
            ]
            .concat()
        });
        Ok(vec![
            Client::new(&large, &arguments).with_input(&script),
            Client::new(&large, &arguments).with_input(&exact.concat()),
        ])
    });
    Ok(Some(running.through(rejoin::mysql_messages())))
}

struct Mysql;

/// A command, with its length left to the framing.
fn command(code: u8, text: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 0, code], text].concat()
}

impl Dialect for Mysql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn open(&self, line: &mut Line) -> Fallible<()> {
        line.expect()?;
        // Protocol 4.1, transactions, secure connection; a largest packet of 16 MiB; UTF-8; root without a password.
        let mut login = vec![0, 0xa2, 0, 0, 0, 0, 0, 1, 33];
        login.resize(32, 0);
        login.extend_from_slice(b"root\0\0");
        let len = u8::try_from(login.len())?;
        line.send(&[&[len, 0, 0, 1], &login[..]].concat())?;
        line.until(|seen| seen.payload.first() != Some(&0xfe)).map(|_| ())
    }

    fn templates(&self) -> Vec<Template> {
        vec![
            template(|_| Unit::one(command(0x0e, b""))),
            template(|text| Unit::one(command(0x03, &[b"select '", text, b"'"].concat()))),
            template(|text| Unit::one(command(0x03, &[b"do 1 /* ", text, b" */"].concat()))),
            template(|text| Unit::one(command(0x02, text))),
        ]
    }

    fn forged(&self) -> Vec<Vec<u8>> {
        vec![b"\x01\0\0\0\x0e".to_vec(), b"\x09\0\0\0\x03select 2".to_vec(), b"; select 2".to_vec()]
    }

    fn insert_from(&self) -> usize {
        5
    }

    fn probe(&self) -> Unit {
        Unit::one(command(0x03, b"select 'sentinel'"))
    }

    /// An answer is one packet, or a result: the number of columns, the columns, EOF, the rows, EOF.
    fn reader(&self) -> Reader {
        let mut ends = 0;
        let mut is_probe = false;
        Box::new(move |seen| {
            is_probe |= seen.contains(b"sentinel") && seen.payload.first() != Some(&0xff) && ends == 1;
            let is_end = seen.payload.first() == Some(&0xfe) && seen.payload.len() < 9;
            match (ends, seen.payload.first()) {
                (0, Some(0x00 | 0xff)) => return Note::Answer,
                (0, _) => {
                    ends = 2;
                    return Note::Part;
                }
                (_, Some(0xff)) => ends = 0,
                _ => ends -= usize::from(is_end),
            }
            match (ends, is_probe) {
                (0, false) => Note::Answer,
                (0, true) => Note::Probe,
                _ => Note::Part,
            }
        })
    }
}
