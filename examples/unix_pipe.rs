//! Run: cargo run --example unix_pipe
//!
//! Frames between processes, over pipes: this program starts itself again, writes to the child's standard input, and
//! reads from its standard output. The child answers each request with its length.

use std::io;
use std::process::{Command, Stdio};

use anysplit::io::{FrameReader, FrameWriter};
use anysplit::number::Varint;
use anysplit::{Fixed, Prefix};

const REQUESTS: usize = 10_000;

fn child() -> io::Result<()> {
    let mut reader = FrameReader::new(io::stdin(), Prefix::new(Varint::leb128()));
    let mut writer = FrameWriter::new(io::stdout(), Fixed::new(4).expect("4 is not 0"));
    while let Some(mut frames) = reader.read_frames()? {
        while let Some(frame) = frames.next_frame()? {
            let len = u32::try_from(frame.payload().len()).expect("the limit is 8 MiB");
            writer.write(len.to_be_bytes())?;
        }
        // Flush when no more can be read for now, or the other side would wait for ever.
        writer.flush()?;
    }
    Ok(())
}

fn main() -> io::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("child") {
        return child();
    }
    let mut child =
        Command::new(std::env::current_exe()?).arg("child").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else { unreachable!("both are piped") };

    // Writes in another thread: two pipes that are both full would make both processes wait for each other.
    let sender = std::thread::spawn(move || -> io::Result<()> {
        let mut writer = FrameWriter::new(stdin, Prefix::new(Varint::leb128()));
        for number in 0..REQUESTS {
            writer.write_with(|out| out.resize(out.len() + number % 300, b'x'))?;
        }
        writer.flush()
        // The pipe is closed here, which is the end of the child's input.
    });

    let mut reader = FrameReader::new(stdout, Fixed::new(4).expect("4 is not 0"));
    let mut count = 0;
    while let Some(frame) = reader.read_frame()? {
        let length = frame.payload().iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        assert_eq!(length, count % 300);
        count += 1;
    }
    sender.join().expect("the sender does not panic")?;
    let status = child.wait()?;
    println!("{count} requests answered by another process, which then ended with {status}");
    Ok(())
}
