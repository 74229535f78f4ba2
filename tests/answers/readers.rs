//! The readers of tokio and embedded-io, which get the framing of each answer between two frames.

use anysplit::embedded::{self, ReadError};
use anysplit::io::{Cause, cause};
use anysplit::tokio;
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{Asked, End, Expecting, Seen, asked, by_decoder, of_eof, script, seen};
use crate::transport::{Awaited, Plan, Source, Turn, drive};

/// More polls than any plan here needs.
const POLLS: usize = 10_000;

fn of_io(error: &std::io::Error) -> End {
    match cause(error) {
        Some(Cause::Decode(error)) => End::Stream(error),
        Some(Cause::End(error)) => of_eof(error),
        _ => panic!("{error}"),
    }
}

fn of_embedded(error: ReadError<embedded_io::ErrorKind>) -> End {
    match error {
        ReadError::Decode(error) => End::Stream(error),
        ReadError::End(error) => of_eof(error),
        other => panic!("{other:?}"),
    }
}

/// Reads with this reader and this call, until the stream ends.
macro_rules! by {
    ($name:ident, $source:expr, $reader:expr, $read:ident, $error:expr $(, $await:ident)?) => {
        fn $name(script: &[Asked], stream: &[u8], plan: &Plan) -> (Vec<Seen>, End) {
            let (mut answers, mut all) = (asked(script), vec![]);
            let mut reader = $reader($source(Source::new(stream, plan.clone())));
            let read = async {
                loop {
                    answers.prepare(&mut reader);
                    let frame = reader.$read()$(.$await)?.map_err($error)?;
                    let Some(frame) = frame else { break };
                    all.push(seen(&mut answers, &frame)?);
                }
                answers.finish().map_err(End::Answer)
            };
            let end = drive(read, POLLS).unwrap().err().unwrap_or(End::Clean);
            // An error stays, whatever is expected after it.
            if let End::Stream(_) | End::Cut(_) = end {
                answers.reset();
                answers.expect(Asked::Line).unwrap();
                answers.prepare(&mut reader);
                let again = drive(async { reader.$read()$(.$await)?.map(drop).map_err($error) }, POLLS).unwrap();
                assert_eq!(again, Err(end.clone()));
            }
            (all, end)
        }
    };
}

fn buffered<R>(source: R) -> embedded::FrameReader<R, Expecting<super::AnyAnswer>, [u8; 128]> {
    embedded::FrameReader::new(source, Expecting::nothing(), [0; 128])
}

fn tokio_reader<R>(source: R) -> tokio::FrameReader<R, Expecting<super::AnyAnswer>> {
    tokio::FrameReader::new(source, Expecting::nothing())
}

by!(
    by_tokio,
    |source| source,
    |source| tokio_reader(source).with_block_len(64),
    read_frame,
    |error| of_io(&error),
    await
);
by!(by_exact_tokio, |source| source, |source| tokio_reader(source).exact(), read_frame, |error| of_io(&error), await);
by!(by_embedded, |source| source, buffered, read_frame, of_embedded);
by!(by_exact_embedded, |source| source, |source| buffered(source).exact(), read_frame, of_embedded);
by!(by_async_embedded, Awaited, buffered, read_frame_async, of_embedded, await);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The stream ends anywhere, or bytes come that nobody asked for.
    #[test]
    fn readers_with_a_changing_framing_give_the_same(
        script in script(),
        cut in prop_oneof![Just(None), any::<Index>().prop_map(Some)],
        more in several(any::<u8>(), 0..4),
        turns in several((1_usize..9, any::<bool>()), 1..6),
    ) {
        let mut stream: Vec<u8> = script.iter().flat_map(|(_, answer)| answer).copied().collect();
        match cut {
            Some(cut) => stream.truncate(cut.index(stream.len() + 1)),
            None => stream.extend(more),
        }
        let asked: Vec<Asked> = script.iter().map(|(asked, _)| *asked).collect();
        let whole = by_decoder(&asked, &stream, &[]);
        let turn = |&(len, waits): &(usize, bool)| [Some(Turn::Bytes(len)), waits.then_some(Turn::NotReady)];
        let waiting = Plan::repeating(turns.iter().flat_map(turn).flatten());
        let plan = Plan::repeating(turns.iter().map(|&(len, _)| Turn::Bytes(len)));
        prop_assert_eq!(&by_tokio(&asked, &stream, &waiting), &whole);
        prop_assert_eq!(&by_exact_tokio(&asked, &stream, &waiting), &whole);
        prop_assert_eq!(&by_embedded(&asked, &stream, &plan), &whole);
        prop_assert_eq!(&by_exact_embedded(&asked, &stream, &plan), &whole);
        prop_assert_eq!(&by_async_embedded(&asked, &stream, &waiting), &whole);
    }
}
