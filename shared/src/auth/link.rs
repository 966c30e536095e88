//! Signed links: a browser sends no header, so its address carries the right to open one page for a short while. Pure.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::Reason;
use crate::domain::{hex, unhex};
use crate::error::Error;

/// A key that is shorter can be guessed.
const LEAST_KEY_BYTES: usize = 32;
/// No link lives longer, whoever made it.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Signs links and vouches for them.
pub struct LinkKey(Hmac<Sha256>);

/// What stands in a link beside the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// After this second it opens nothing.
    pub expires: i64,
    /// Over the path and that second.
    pub signature: LinkSignature,
}

/// A signature in the one spelling that is taken: 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkSignature([u8; 32]);

impl std::str::FromStr for LinkSignature {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = unhex(text).filter(|bytes| hex(bytes) == text);
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or("must be 64 hexadecimal digits in lower case")
    }
}

impl std::fmt::Display for LinkSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl LinkKey {
    /// Takes a secret text of at least 32 bytes.
    pub fn parse(text: &SecretString) -> Result<Self, Error> {
        let key = text.expose_secret().as_bytes();
        let key = (key.len() >= LEAST_KEY_BYTES).then_some(key);
        let mac = key.and_then(|key| Hmac::new_from_slice(key).ok());
        mac.map(Self).ok_or_else(|| {
            Error::misconfigured("the secret of link keys must be a text of at least 32 bytes")
        })
    }

    /// The right to open `path` until then.
    pub fn sign(&self, path: &str, until: Timestamp) -> Pass {
        let expires = until.as_second();
        let signature = LinkSignature(self.mac(path, expires));
        Pass { expires, signature }
    }

    /// Vouches for a link to `path`, or says why not. Comparing takes constant time, and a wrong signature is told before a late one.
    pub fn check(&self, path: &str, pass: Pass, now: Timestamp) -> Result<(), Reason> {
        let expected = self.mac(path, pass.expires);
        if !bool::from(expected.ct_eq(&pass.signature.0)) {
            return Err(Reason::WrongKey);
        }
        let left = pass.expires.saturating_sub(now.as_second());
        let is_live = (1..=LONGEST_LIFE.as_secs()).contains(&left);
        is_live.then_some(()).ok_or(Reason::Stale)
    }

    /// A path holds no line break, so no two links sign alike; the first line keeps other uses of a key apart.
    fn mac(&self, path: &str, expires: i64) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(format!("link\n{path}\n{expires}").as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/console";

    fn key(text: &str) -> LinkKey {
        LinkKey::parse(&text.into()).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_link_opens_its_page_until_it_ends_and_nothing_else() {
        let ours = key("0123456789abcdef0123456789abcdef");
        let other = key("other-0123456789abcdef0123456789");
        let pass = ours.sign(PATH, at(1_000));
        for (key, path, pass, now, outcome) in [
            (&ours, PATH, pass, 999, Ok(())),
            (&ours, PATH, pass, 1_000, Err(Reason::Stale)),
            (&ours, PATH, pass, -2_600, Ok(())),
            (&ours, PATH, pass, -2_601, Err(Reason::Stale)),
            (&ours, "/other", pass, 999, Err(Reason::WrongKey)),
            (&other, PATH, pass, 999, Err(Reason::WrongKey)),
            (
                &ours,
                PATH,
                Pass {
                    expires: 1_001,
                    ..pass
                },
                999,
                Err(Reason::WrongKey),
            ),
        ] {
            assert_eq!(key.check(path, pass, at(now)), outcome, "{path} {now}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_signature_is_found() {
        let key = key("0123456789abcdef0123456789abcdef");
        let pass = key.sign(PATH, at(1_000));
        for bit in 0..256 {
            let mut bytes = pass.signature.0;
            bytes[bit / 8] ^= 1 << (bit % 8);
            let signature = LinkSignature(bytes);
            let forged = Pass { signature, ..pass };
            assert_eq!(key.check(PATH, forged, at(999)), Err(Reason::WrongKey));
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let key = key("0123456789abcdef0123456789abcdef");
        let signature = key.sign(PATH, at(1_000)).signature;
        let text = signature.to_string();
        assert_eq!(text.parse(), Ok(signature));
        for wrong in [&text.to_uppercase(), &text[2..], "", &format!("{text}00")] {
            assert!(wrong.parse::<LinkSignature>().is_err(), "{wrong}");
        }
        assert!(LinkKey::parse(&"short".into()).is_err());
    }
}
