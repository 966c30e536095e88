//! Requests with one wrong byte, and the two ways to check them.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;
use shared::auth::{Keyring, Unverified};
use shared::http::Headers;
use shared::testing;

use crate::bench::Outcome;
use crate::requests::KEY;

const SCHEME: &str = "standard-webhooks";
const SIGNATURE: &str = "webhook-signature";
const BODY: &[u8] = b"{}";

/// Where the byte stands that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    First,
    Last,
}

/// How a signature is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// As the product does.
    Ours,
    /// The same, and then a comparison that stops at the first byte that differs.
    Leaky,
}

/// Who has almost the right signature.
pub(super) struct Forger {
    keyring: Keyring,
    at: Timestamp,
}

/// A request that is to be refused.
pub(super) struct Forged {
    request: Unverified,
    forged: [u8; 32],
    right: [u8; 32],
}

impl Wrong {
    pub(crate) const ALL: [Self; 2] = [Self::First, Self::Last];

    pub(super) fn drawn() -> Self {
        Self::ALL[usize::from(fastrand::bool())]
    }

    fn place(self) -> usize {
        match self {
            Self::First => 0,
            Self::Last => 31,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first byte wrong",
            Self::Last => "last byte wrong",
        })
    }
}

impl Check {
    pub(super) const ALL: [Self; 2] = [Self::Ours, Self::Leaky];

    /// How long the request waits for its refusal.
    pub(super) fn time(self, sender: &Forger, forged: Forged) -> Outcome<Duration> {
        let started = Instant::now();
        let refused = black_box(self.refuses(sender, black_box(forged)));
        let time = started.elapsed();
        if refused {
            Ok(time)
        } else {
            Err("a forged signature was accepted".into())
        }
    }

    #[inline(never)]
    pub(super) fn refuses(self, sender: &Forger, forged: Forged) -> bool {
        let Forged {
            request,
            forged,
            right,
        } = forged;
        let refused = request.verify(&sender.keyring, sender.at).is_err();
        match self {
            Self::Ours => refused,
            Self::Leaky => refused && !is_equal(&forged, &right),
        }
    }
}

/// What a careless programmer writes; the box keeps the compiler from comparing all at once.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    for (one, other) in one.iter().zip(other) {
        if black_box(*one) != *other {
            return false;
        }
    }
    true
}

impl Forger {
    pub(super) fn new() -> Outcome<Self> {
        let keys = json!({ SCHEME: [KEY] }).to_string();
        Ok(Self {
            keyring: testing::keyring(&format!("[\"{SCHEME}\"]"), &keys)?,
            at: Timestamp::from_second(1_768_473_000)?,
        })
    }

    /// The request of this number, whose signature is right but for one byte.
    pub(super) fn request(&self, number: usize, wrong: Wrong) -> Outcome<Forged> {
        let id = format!("msg_{number:012}");
        let signed = self.keyring.sign(SCHEME, &id, self.at, BODY);
        let mut headers = signed.ok_or("there is nothing to sign with")?;
        let signature = headers.iter_mut().find(|(name, _)| name == SIGNATURE);
        let (_, text) = signature.ok_or("a signed request has no signature")?;
        let bare = text
            .strip_prefix("v1,")
            .ok_or("the signature has no version")?;
        let right: [u8; 32] = STANDARD
            .decode(bare)?
            .try_into()
            .map_err(|_| "the signature has no 32 bytes")?;
        let mut forged = right;
        forged[wrong.place()] ^= 0x55;
        *text = format!("v1,{}", STANDARD.encode(forged));
        Ok(Forged {
            request: Unverified::new(Headers::from_pairs(headers), BODY.to_vec()),
            forged,
            right,
        })
    }
}
