//! What we send to others is signed as Standard Webhooks, by every key that is in force.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::signature::{Signature, SigningKey};
use crate::error::Error;

/// Signs what we send.
pub struct Signer {
    signature: Signature,
    keys: Vec<SigningKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keys: Vec<String>,
}

impl Signer {
    /// Reads `{"keys": ["whsec_<new>", "whsec_<old>"]}`. While receivers change to a new key both sign; later the new one stands alone.
    /// What is wrong is said without the keys.
    pub fn parse(secret: &SecretString) -> Result<Self, Error> {
        let wrong =
            |what: &str| Error::misconfigured(format!("the secret of callback keys {what}"));
        let written: Result<Written, _> = serde_json::from_str(secret.expose_secret());
        let form = "must be {\"keys\": [\"whsec_…\"]}, each key base64 of at least 16 bytes";
        let written = written.map_err(|_| wrong(form))?;
        let signature = Signature::standard().map_err(|what| wrong(&what))?;
        let keys = written.keys.iter().map(|key| signature.read_key(key));
        let keys: Vec<_> = keys.collect::<Result<_, _>>().map_err(|_| wrong(form))?;
        if keys.is_empty() {
            return Err(wrong("holds no key: callbacks wait until it does"));
        }
        Ok(Self { signature, keys })
    }

    /// The headers of a request with this id and body: the id, the time, and a signature by each key.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> Vec<(String, String)> {
        self.signature.sign(&self.keys, id, at, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Headers;

    const NEW: (&str, &str) = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "v1,m2qiP5ITU3HRoEyNXFL5+jf0g9C7jZbf7GZ3vlEv9XE=",
    );
    const OLD: (&str, &str) = (
        "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQ=",
        "v1,zGQWsyoD++qCeD09bdmUd3F8yaK4ZAdMSqzYGLchiO4=",
    );
    const NOW: i64 = 1_768_473_000;
    const ID: &str = "msg_2Kw7";
    const BODY: &[u8] = br#"{"n": 1.0}"#;

    fn sign(keys: &[&str], id: &str, at: i64, body: &[u8]) -> Vec<(String, String)> {
        let secret = serde_json::json!({ "keys": keys }).to_string();
        let signer = Signer::parse(&SecretString::from(secret)).unwrap();
        signer.sign(id, Timestamp::from_second(at).unwrap(), body)
    }

    fn signature(keys: &[&str], id: &str, at: i64, body: &[u8]) -> String {
        let headers = Headers::from_pairs(sign(keys, id, at, body));
        headers.get("webhook-signature").unwrap().to_owned()
    }

    /// The signatures were computed by another implementation of HMAC, over `{id}.{seconds}.{body}`.
    #[test]
    fn each_key_makes_the_signature_that_others_make() {
        let both = format!("{} {}", NEW.1, OLD.1);
        for (keys, expected) in [
            (vec![NEW.0], NEW.1),
            (vec![OLD.0], OLD.1),
            (vec![NEW.0, OLD.0], both.as_str()),
        ] {
            let mut headers = sign(&keys, ID, NOW, BODY);
            headers.sort();
            let expected = [
                ("webhook-id", ID),
                ("webhook-signature", expected),
                ("webhook-timestamp", "1768473000"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(headers, expected, "{keys:?}");
        }
    }

    #[test]
    fn who_holds_either_key_can_check_and_nobody_else() {
        let headers = Headers::from_pairs(sign(&[NEW.0, OLD.0], ID, NOW, BODY));
        let rule = Signature::standard().unwrap();
        let now = Timestamp::from_second(NOW).unwrap();
        for (key, is_theirs) in [
            (NEW.0, true),
            (OLD.0, true),
            ("whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI=", false),
        ] {
            let keys = [rule.read_key(key).unwrap()];
            let checked = rule.check(&keys, &headers, BODY, now);
            assert_eq!(checked.is_ok(), is_theirs, "{key}");
        }
    }

    #[test]
    fn id_time_and_body_are_signed() {
        let signed = signature(&[NEW.0], ID, NOW, BODY);
        for (other, what) in [
            (signature(&[NEW.0], "msg_2Kw8", NOW, BODY), "id"),
            (signature(&[NEW.0], ID, NOW + 1, BODY), "time"),
            (signature(&[NEW.0], ID, NOW, br#"{"n": 1}"#), "body"),
        ] {
            assert_ne!(signed, other, "{what}");
        }
    }
}
