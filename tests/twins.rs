//! Every framing, of any configuration, gives the same as its naive twin, and keeps the laws.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "twins/serial.rs"]
mod serial;
#[path = "common/small.rs"]
mod small;

use anysplit::testing::{self, Case, DriverKind};
use anysplit::{Framing, Recovery};
use common::{Config, Twin, configs, twin};
use proptest::prelude::*;

/// The results of the decoder and of the twin.
fn compare(config: &Config, framing: &dyn Framing, stream: &[u8]) -> Result<(), TestCaseError> {
    for recovery in [Recovery::Fail, Recovery::SkipOversize] {
        let driver = DriverKind::NextEvent.open(framing, recovery, stream.len());
        let outcome =
            testing::outcome(driver, stream, &[]).map_err(|violation| TestCaseError::fail(violation.to_string()))?;
        prop_assert_eq!(
            Twin::from(&outcome),
            twin(config, stream, recovery == Recovery::SkipOversize),
            "{:?} of \"{}\" by {:?}",
            recovery,
            stream.escape_ascii(),
            config
        );
    }
    Ok(())
}

fn check(config: &Config, case: &Case, noise: &[u8]) -> Result<(), TestCaseError> {
    let framing = config.build().unwrap();
    compare(config, &*framing, noise)?;
    compare(config, &*framing, &case.stream(&*framing))?;
    testing::check_case(&*framing, case).map_err(|violation| TestCaseError::fail(format!("{violation}, by {config:?}")))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn framings_of_any_configuration_agree_with_their_twins(
        config in configs(),
        case in testing::cases(),
        noise in testing::messages(40),
    ) {
        check(&config, &case, &noise)?;
    }
}
