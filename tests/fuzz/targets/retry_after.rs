//! Any `Retry-After`: what is understood is a pause of a day at most.
#![no_main]

use std::time::Duration;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use shared::retry::retry_after;

fuzz_target!(|text: &str| {
    for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        if let Some(pause) = retry_after(text, now) {
            assert!(pause <= Duration::from_hours(24));
        }
    }
});
