//! Any text and any JSON: nothing that was found is left after masking, and JSON stays JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::text::pii;

fuzz_target!(|text: &str| {
    let masked = pii::mask(text);
    for finding in &masked.findings {
        assert!(text.get(finding.range.clone()).is_some());
    }
    assert!(pii::find(&masked.text).is_empty());
    if let Ok(masked) = pii::mask_json(text) {
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(&masked).is_ok());
    }
});
