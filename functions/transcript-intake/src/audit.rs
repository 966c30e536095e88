//! What the audit says of an intake: no text, and no name of a person or conversation. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::domain::hex;
use shared::error::Error;
use shared::injection::Intake;

/// A transcript was taken in, in these parts.
pub(crate) fn accepted(intake: &Intake) -> Value {
    let parts = intake.parts.iter().map(|part| {
        json!({
            "messages": part.messages,
            "bytes": part.payload.len(),
            "sha256": hex(&Sha256::digest(&part.payload)),
        })
    });
    let parts: Vec<_> = parts.collect();
    json!({ "status": "accepted", "parts": parts, "repairs": intake.repairs })
}

/// A transcript broke rules. Which ones is said in our words; where is not, because names of fields are the sender's.
pub(crate) fn validation_failed(error: &Error) -> Value {
    let violations = error.violations();
    let rules: BTreeSet<_> = violations.iter().map(|one| one.detail.as_str()).collect();
    json!({ "status": "validation_failed", "violations": violations.len(), "rules": rules })
}
