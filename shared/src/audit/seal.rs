//! What is written under the key of a subject, which an erasure takes away. Pure.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::Hash;
use crate::domain::hex;

/// What no subject's name begins with: so no digest is written as a pseudonym would be.
const DIGEST: &[u8] = b"\0";

/// The key of a subject.
pub struct SubjectKey(Vec<u8>);

impl SubjectKey {
    /// From its bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The pseudonym of the subject with this name.
    pub fn pseudonym(&self, subject: &str) -> Hash {
        self.hmac(&[subject.as_bytes()])
    }

    /// The content as it is kept. A digest in it, which is a text of 64 hexadecimal digits, would show for ever to whoever has what was
    /// digested that it was this: in its place stands its HMAC under the key, and `_hmac` behind the name of the member that holds it.
    pub fn seal(&self, content: Value) -> Value {
        match content {
            Value::String(text) if is_digest(&text) => {
                Value::String(hex(&self.hmac(&[DIGEST, text.as_bytes()])))
            }
            Value::Array(values) => values.into_iter().map(|value| self.seal(value)).collect(),
            Value::Object(members) => {
                let seal = |(name, value): (String, Value)| {
                    let is_digest = value.as_str().is_some_and(is_digest);
                    let name = if is_digest { name + "_hmac" } else { name };
                    (name, self.seal(value))
                };
                Value::Object(members.into_iter().map(seal).collect())
            }
            other => other,
        }
    }

    fn hmac(&self, parts: &[&[u8]]) -> Hash {
        // HMAC takes a key of any length, so the other branch is never taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return Hash::default();
        };
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(byte: u8) -> SubjectKey {
        SubjectKey::new(vec![byte; 32])
    }

    /// Computed by another program: of a NUL and the digits.
    #[test]
    fn digests_are_sealed_wherever_they_stand_and_nothing_else_is() {
        let digest = "ab".repeat(32);
        let content = json!({
            "checksum": digest, "parts": [{ "sha256": digest, "bytes": 12 }], "plain": [digest], "status": "posted", "at": null,
        });
        let sealed = key(1).seal(content);
        let expected = "dc652598b3903c4775a93a699b4401ca707f506f604b619463396a6a0e47f0b7";
        assert_eq!(
            sealed,
            json!({
                "checksum_hmac": expected, "parts": [{ "sha256_hmac": expected, "bytes": 12 }], "plain": [expected],
                "status": "posted", "at": null,
            })
        );
    }

    #[test]
    fn under_another_key_nothing_is_the_same() {
        let digest = json!("ab".repeat(32));
        assert_eq!(key(1).seal(digest.clone()), key(1).seal(digest.clone()));
        assert_ne!(key(1).seal(digest.clone()), key(2).seal(digest.clone()));
        assert_ne!(key(1).pseudonym("s-1"), key(2).pseudonym("s-1"));
        let text = digest.as_str().unwrap_or_default();
        assert_ne!(
            key(1).seal(digest.clone()),
            json!(hex(&key(1).pseudonym(text))),
            "a digest is not written as the name of a subject"
        );
    }
}
