//! HMAC-SHA256 signatures over the raw bytes of a request. Standard Webhooks and CXone Expert are values of this.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::scheme::{Encoding, KeyForm};
use super::template::Template;
use super::{Headers, Reason, SHORTEST_KEY};
use crate::domain::{hex, unhex};

/// More signatures than this in one header are not read: a sender rotating keys sends two.
const MOST_CANDIDATES: usize = 16;

/// A signature scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub(super) header: String,
    pub(super) prefix: String,
    pub(super) encoding: Encoding,
    pub(super) template: Template,
    pub(super) timestamp_header: Option<String>,
    pub(super) id_header: Option<String>,
    pub(super) tolerance_seconds: u64,
    pub(super) key_form: KeyForm,
}

/// The key of a signature scheme, long enough not to be guessed.
pub(super) type SigningKey = SecretSlice<u8>;

impl Signature {
    /// Vouches for a request, or says why not. Every key and every candidate is tried; comparing takes constant time.
    pub(super) fn check(
        &self,
        keys: &[SigningKey],
        headers: &Headers,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Reason> {
        let header = headers.get(&self.header).ok_or(Reason::NoCredentials)?;
        let (id, timestamp) = self.signed_fields(headers)?;
        let candidates = self.candidates(header);
        if candidates.is_empty() {
            return Err(Reason::Malformed);
        }
        if self.timestamp_header.is_some() && !is_fresh(timestamp, now, self.tolerance_seconds)? {
            return Err(Reason::Stale);
        }
        let mut matches = 0_u8;
        for key in keys {
            let expected = self.mac(key, id, timestamp, body);
            for candidate in &candidates {
                matches |= expected.ct_eq(candidate).unwrap_u8();
            }
        }
        if matches == 1 {
            Ok(())
        } else {
            Err(Reason::WrongKey)
        }
    }

    /// The headers that a sender holding these keys adds to a request: a signature by each.
    pub(super) fn sign(
        &self,
        keys: &[SigningKey],
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Vec<(String, String)> {
        let timestamp = at.as_second().to_string();
        let signature = |key| {
            let mac = self.mac(key, id, &timestamp, body);
            let encoded = match self.encoding {
                Encoding::Base64 => STANDARD.encode(mac),
                Encoding::Hex => hex(&mac),
            };
            format!("{}{encoded}", self.prefix)
        };
        let signatures: Vec<_> = keys.iter().map(signature).collect();
        let mut headers = vec![(self.header.clone(), signatures.join(" "))];
        headers.extend(self.timestamp_header.clone().map(|name| (name, timestamp)));
        headers.extend(self.id_header.clone().map(|name| (name, id.to_owned())));
        headers
    }

    /// Reads a key as it is written in the secret.
    pub(super) fn read_key(&self, text: &str) -> Result<SigningKey, &'static str> {
        let bytes = match self.key_form {
            KeyForm::Text => text.as_bytes().to_vec(),
            KeyForm::Base64 => STANDARD
                .decode(text.strip_prefix("whsec_").unwrap_or(text))
                .map_err(|_| "is not base64 after an optional whsec_")?,
            KeyForm::Hex => unhex(text).ok_or("is not hexadecimal")?,
        };
        if bytes.len() < SHORTEST_KEY {
            return Err("is shorter than 16 bytes");
        }
        Ok(SecretSlice::from(bytes))
    }

    /// Id and timestamp as sent. A header that is doubled arrives joined by a comma, which neither may hold.
    fn signed_fields<'h>(&self, headers: &'h Headers) -> Result<(&'h str, &'h str), Reason> {
        let field = |name: &Option<String>, rule: fn(&str) -> bool| match name {
            Some(name) => match headers.get(name) {
                None => Err(Reason::NoCredentials),
                Some(value) if rule(value) => Ok(value),
                Some(_) => Err(Reason::Malformed),
            },
            None => Ok(""),
        };
        Ok((
            field(&self.id_header, is_id)?,
            field(&self.timestamp_header, is_seconds)?,
        ))
    }

    /// All signatures in the header that have the right form. Two headers that were joined by a comma are two candidates.
    fn candidates(&self, header: &str) -> Vec<[u8; 32]> {
        let mut found = Vec::new();
        for word in header.split_ascii_whitespace() {
            let mut rest = Some(word);
            while let Some(text) = rest {
                let candidate = text.strip_prefix(self.prefix.as_str());
                let (item, after) = split_comma(candidate.unwrap_or(text));
                rest = after;
                if candidate.is_some() && found.len() < MOST_CANDIDATES {
                    found.extend(self.decode(item));
                }
            }
        }
        found
    }

    fn decode(&self, text: &str) -> Option<[u8; 32]> {
        match self.encoding {
            Encoding::Base64 if text.len() == 44 => STANDARD.decode(text).ok()?.try_into().ok(),
            Encoding::Hex if text.len() == 64 => unhex(text)?.try_into().ok(),
            _ => None,
        }
    }

    fn mac(&self, key: &SigningKey, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let key = key.expose_secret();
        // HMAC takes a key of any length, so the other branch is never taken; a MAC under no key would match nothing known.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
            return [0; 32];
        };
        self.template
            .write(id, timestamp, body, |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }
}

fn split_comma(text: &str) -> (&str, Option<&str>) {
    text.split_once(',')
        .map_or((text, None), |(item, after)| (item, Some(after)))
}

/// Without dots, `a.1` + `2` and `a` + `1.2` cannot sign alike.
fn is_id(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_seconds(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_fresh(timestamp: &str, now: Timestamp, tolerance: u64) -> Result<bool, Reason> {
    let signed: i64 = timestamp.parse().map_err(|_| Reason::Malformed)?;
    Ok(now.as_second().saturating_sub(signed).unsigned_abs() <= tolerance)
}
