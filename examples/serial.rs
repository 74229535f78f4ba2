//! A serial line that loses and changes bytes, read with `Resync`: a pseudo-terminal pair in raw mode.
//!
//! ```text
//!  sender ──frames with a CRC──▶ noise ──▶ pseudo-terminal ──▶ reader with a time-out: frames and skipped stretches
//! ```
//!
//! ```sh
//! cargo run --example serial
//! ```

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    unix::main()
}

#[cfg(not(unix))]
fn main() {
    println!("pseudo-terminals are a matter of Unix");
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::os::fd::AsFd;
    use std::thread;
    use std::time::Duration;

    use anysplit::io::FrameReader;
    use anysplit::order::Order;
    use anysplit::sum::Crc;
    use anysplit::sum::SumForm;
    use anysplit::{Event, Framing, Recovery, Stuffed};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::pty::openpty;
    use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

    /// After this much silence an unfinished frame is given up.
    const GAP: Duration = Duration::from_millis(100);

    /// A terminal whose reads time out.
    struct Line(File);

    impl Read for Line {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let gap = PollTimeout::try_from(GAP).map_err(io::Error::other)?;
            if poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], gap)? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.0.read(room)
        }
    }

    /// Loses one byte in 97 and changes one in 89.
    fn damaged(wire: &[u8]) -> Vec<u8> {
        let kept = wire.iter().enumerate().filter(|(at, _)| at % 97 != 96);
        kept.map(|(at, &byte)| if at % 89 == 88 { byte ^ 4 } else { byte }).collect()
    }

    pub(super) fn main() -> Result<(), Box<dyn std::error::Error>> {
        let pair = openpty(None, None)?;
        for end in [&pair.master, &pair.slave] {
            // No echo, no line ends, no control characters: bytes as they are.
            let mut settings = tcgetattr(end)?;
            cfmakeraw(&mut settings);
            tcsetattr(end, SetArg::TCSANOW, &settings)?;
        }
        let (mut sender, receiver) = (File::from(pair.master), File::from(pair.slave));

        let crc = Crc::named("CRC-16/XMODEM").ok_or("no such CRC")?;
        let framing = Stuffed::cobs().with_max_payload_len(64).with_sum(crc, SumForm::Binary(Order::Big));
        let mut wire = Vec::new();
        for number in 0..20 {
            framing.encode(format!("measurement {number}").as_bytes(), &mut wire)?;
        }
        // The sender dies inside a frame.
        framing.encode(b"never complete", &mut wire)?;
        wire.truncate(wire.len() - 5);
        let sending = thread::spawn(move || {
            for chunk in damaged(&wire).chunks(23) {
                sender.write_all(chunk)?;
                thread::sleep(Duration::from_millis(1));
            }
            // Closing it before the reader is done would be an error there.
            thread::sleep(5 * GAP);
            Ok::<_, io::Error>(())
        });

        let mut reader = FrameReader::new(Line(receiver), framing).with_recovery(Recovery::Resync);
        let mut frames = 0;
        loop {
            let event = match reader.read_event() {
                Err(error) if error.kind() == io::ErrorKind::TimedOut => match reader.idle_event()? {
                    None => break,
                    event => event,
                },
                other => other?,
            };
            match event {
                Some(Event::Frame(frame)) => {
                    frames += 1;
                    println!("byte {:3}  {}", frame.offset(), frame.payload().escape_ascii());
                }
                Some(Event::Skipped(stretch)) => println!("{stretch}"),
                None => break,
            }
        }
        sending.join().map_err(|_| "the sender panicked")??;
        println!(
            "{frames} frames, {} bytes in {} stretches skipped",
            reader.skipped().bytes,
            reader.skipped().stretches
        );
        // Each of the 20 frames is damaged, or it came.
        assert!((10..20).contains(&frames) && reader.skipped().stretches > 1);
        Ok(())
    }
}
