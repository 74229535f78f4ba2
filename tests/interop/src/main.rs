//! Speaks to real servers with the crate's encoders and decoders.
//!
//! ```text
//! cargo run --manifest-path tests/interop/Cargo.toml
//! cargo run --manifest-path tests/interop/Cargo.toml redis nginx        only these servers
//! ```
//!
//! It starts every server that is installed, on loopback, in a temporary directory, and does this with each:
//!
//! - It sends what the crate's encoder writes for good and for hostile messages: a hostile one has line ends, zero bytes
//!   or a second command in it. The encoder may refuse it. If it writes it, the server must give one answer.
//! - It decodes the answers at random cuts and compares the frames with those of one piece.
//! - Where a server reads a message in a way that no framing can know, and the protocol's documentation says so, the dialect
//!   gives the reason. Such an attempt is a known exception and counted apart.
//! - It runs stock clients directly and through a proxy that decodes and encodes every frame again. The clients must
//!   print the same. For WebSocket, MariaDB and HTTP/1 another proxy joins the frames of each message, and writes the message
//!   again in parts of other sizes.
//!
//! One protocol is sent again with a framing that refuses no line ends, and must then get two answers to one message.
//! Otherwise the test could not find a forged message. The last line has the counts, and the program ends with 1 if
//! anything failed.

mod attempts;
mod dialect;
mod line;
mod proxy;
mod random;
mod rejoin;
mod servers;
mod stage;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anysplit::Delimited;

use attempts::Counts;
use dialect::{Clients, Running, named};
use proxy::Proxy;
use servers::{SERVERS, Server};
use stage::{Fallible, Output, Stage, run};

/// The time for everything.
const LIMIT: Duration = Duration::from_secs(300);

/// The time for one client.
const CLIENT: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let start = Instant::now();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    thread::spawn(|| {
        thread::sleep(LIMIT);
        println!("not done after {} s", LIMIT.as_secs());
        stage::kill_all();
        std::process::exit(1);
    });
    let (mut servers, mut total) = (0, Counts::default());
    let mut missing = Vec::new();
    for server in SERVERS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == server.name) {
            continue;
        }
        let begun = Instant::now();
        let counts = match try_server(server) {
            Ok(Some((version, counts))) => {
                servers += 1;
                println!("{} {version}: {counts}, {:.1} s", server.name, begun.elapsed().as_secs_f32());
                counts
            }
            Ok(None) => {
                println!("{}: not here, skipped", server.name);
                missing.push(server.name);
                continue;
            }
            Err(error) => {
                println!("{}: FAILED: {error}", server.name);
                Counts { failed: 1, ..Counts::default() }
            }
        };
        total += counts;
    }
    if !missing.is_empty() {
        println!("missing: {}", missing.join(", "));
    }
    println!("{servers} servers, {total}, {:.0} s", start.elapsed().as_secs_f32());
    ExitCode::from(u8::from(total.failed > 0))
}

/// Does everything with one server. `None` if the server is not installed, or needs rights that this program does not have.
fn try_server(server: &Server) -> Fallible<Option<(String, Counts)>> {
    let mut stage = Stage::new(server.name)?;
    let running = match (server.start)(&mut stage) {
        Ok(Some(running)) => running,
        Ok(None) => return Ok(None),
        Err(error) if !stage::is_root() => {
            println!("{}: does not start without root's rights: {error}", server.name);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut total = Counts::default();
    for (port, dialect) in &running.dialects {
        match attempts::run(server.name, *port, &**dialect, None) {
            Ok(counts) => total += counts,
            Err(error) => {
                println!("{}: FAILED: {error}", server.name);
                total.failed += 1;
            }
        }
    }
    if server.forgets {
        check_the_test(server, &running)?;
    }
    for clients in &running.clients {
        let (frames, failed) = try_clients(server.name, &mut stage, clients)?;
        total.frames += frames;
        total.failed += failed;
    }
    Ok(Some((running.version, total)))
}

/// Sends the same messages with a framing that refuses CR LF alone. The server must be seen to answer some of them twice.
fn check_the_test(server: &Server, running: &Running) -> Fallible<()> {
    let (port, dialect) = running.dialects.first().ok_or("no dialect")?;
    let counts = attempts::run(server.name, *port, &**dialect, Some(Delimited::crlf().into()))?;
    if counts.forged == 0 {
        return Err("a framing that forbids nothing forges nothing: the test cannot find forged messages".into());
    }
    println!("{}: with a framing that forbids nothing, one message gets two answers, as it must", server.name);
    Ok(())
}

/// Runs the clients directly and through the proxy. Returns how many frames passed and how many clients failed.
fn try_clients(name: &str, stage: &mut Stage, clients: &Clients) -> Fallible<(usize, usize)> {
    let passes = match &clients.passes {
        Some(passes) => Arc::clone(passes),
        None => proxy::frames(named(clients.protocol)?, named(clients.protocol)?),
    };
    // The first run leaves on the server what the next ones find there.
    outputs(stage, clients, clients.port)?;
    let direct = outputs(stage, clients, clients.port)?;
    let proxy = Proxy::start(&passes, clients.port, clients.cuts, 1)?;
    let through = outputs(stage, clients, proxy.port)?;
    proxy.wait();
    let mut failed = 0;
    for ((program, direct), (_, through)) in direct.iter().zip(&through) {
        let direct = direct.as_ref().map_err(|error| format!("{program} without the proxy: {error}"))?;
        if direct.code != Some(0) {
            return Err(format!("{program} without the proxy ends with {:?}: {}", direct.code, direct.text).into());
        }
        match through {
            Ok(through) if through == direct => {}
            Ok(through) => {
                let [through, direct] = [through, direct].map(|output| line::shown(output.text.as_bytes()));
                println!("{name}: {program} prints \"{through}\" through the proxy, not \"{direct}\"");
                failed += 1;
            }
            Err(error) => {
                println!("{name}: {program} through the proxy: {error}");
                failed += 1;
            }
        }
    }
    for error in proxy.passed.errors.lock().iter().flat_map(|errors| errors.iter()) {
        println!("{name}: the proxy of {} failed {error}", clients.protocol);
        failed += 1;
    }
    let frames = proxy.passed.frames.load(Ordering::Relaxed);
    println!("{name}: {} clients through a proxy of {}, {frames} frames", direct.len(), clients.protocol);
    if frames == 0 {
        return Err("no frame passed the proxy".into());
    }
    Ok((frames, failed))
}

/// Runs the clients of one port, and returns what each printed.
fn outputs(stage: &mut Stage, clients: &Clients, port: u16) -> Fallible<Vec<(String, Fallible<Output>)>> {
    let made = (clients.make)(stage, port)?;
    let outputs = made.into_iter().map(|mut client| {
        let program = client.command.get_program().to_string_lossy().into_owned();
        // The port is all that differs, and some clients print it.
        let output = run(&mut client.command, &client.input, CLIENT).map(|mut output| {
            output.text = output.text.replace(&port.to_string(), "PORT");
            output.text = output.text.split_inclusive('\n').filter(|line| (client.compares)(line)).collect();
            output
        });
        (program, output)
    });
    Ok(outputs.collect())
}
