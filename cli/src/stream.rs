//! The loop from an input that is one stream to a sink for its frames.

use anysplit::AnyFraming;

use crate::failure::Failure;
use crate::flow::{Flow, Options, Stop};
use crate::input::Input;
use crate::output::Output;
use crate::sink::{Place, Sink};

/// Reads the stream to its end, and passes everything in it to `sink`.
pub(crate) fn run(
    framing: AnyFraming,
    mut input: Input,
    options: Options,
    sink: &mut (impl Sink + ?Sized),
    out: &mut Output,
) -> Result<(), Failure> {
    let mut flow = Flow::new(framing, options, Place::default());
    let failure = match pump(&mut flow, &mut input, sink, out) {
        Ok(()) => None,
        Err(Stop::Bad(error)) => {
            let (error, text) = flow.explain(error, |offset| input.byte(offset));
            sink.failed(&error, flow.frames(), flow.place, out)?;
            Some(Failure::Data(text))
        }
        Err(Stop::Failed(failure)) => {
            // A failure does not lose the output before it.
            out.flush()?;
            return Err(failure);
        }
    };
    let ended = sink.end(out);
    out.flush()?;
    match failure {
        Some(failure) => Err(failure),
        None => ended.and_then(|()| flow.verdict()),
    }
}

fn pump(flow: &mut Flow, input: &mut Input, sink: &mut (impl Sink + ?Sized), out: &mut Output) -> Result<(), Stop> {
    while input.advance()? {
        for chunk in input.chunks() {
            flow.feed(chunk, sink, out)?;
        }
        // The next read may wait for long, and the reader of the output should not.
        sink.idle(out)?;
        out.flush().map_err(Failure::from)?;
    }
    flow.finish(sink, out)
}
