//! Any `Retry-After`: what is understood is a pause that has an end.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use shared::retry::retry_after;

fuzz_target!(|text: &str| {
    for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        if let Some(pause) = retry_after(text, now) {
            assert!(text.trim().bytes().all(|byte| byte.is_ascii_digit()) || pause.as_secs() < 1 << 40);
        }
    }
});
