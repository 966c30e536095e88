//! Where the copy is, out of the environment: `ELASTICSEARCH_URL`, `ELASTICSEARCH_SECRET_ID`, `ELASTICSEARCH_INDEX`.

use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Url;
use secrecy::SecretString;

use super::Mirror;
use super::credentials::Credentials;
use crate::aws::{self, SdkConfig};
use crate::config::Reader;
use crate::error::Error;
use crate::outbound::{Pace, address};
use crate::secrets::Secret;

/// The index of the reference.
const INDEX: &str = "cxone_knowledge_index";
/// Credentials are read again after this long.
const CREDENTIALS_TTL: SignedDuration = SignedDuration::from_mins(5);

/// The settings, all of them sound.
#[derive(Debug, Clone)]
pub struct Settings {
    base: Url,
    secret_id: String,
    index: String,
}

impl Settings {
    /// Reads the variables; `None` where no copy is wanted, or where something is wrong, which the reader has noted.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let base: Option<Base> = read.optional("ELASTICSEARCH_URL");
        if !read.is_set("ELASTICSEARCH_URL") {
            return None;
        }
        let secret_id: Option<String> = read.required("ELASTICSEARCH_SECRET_ID");
        let index = read.or("ELASTICSEARCH_INDEX", Index(INDEX.to_owned()));
        Some(Self {
            base: base?.0,
            secret_id: secret_id?,
            index: index.0,
        })
    }

    /// Whether credentials can be read out of the text of the secret. Nobody is asked, and what is wrong is said without them.
    pub fn read_credentials(text: &SecretString) -> Result<(), Error> {
        Credentials::parse(text).map(drop)
    }

    /// The copy. Opens no connection yet.
    pub fn open(self, sdk: &SdkConfig) -> Result<Mirror, Error> {
        let client = aws::secrets_client(sdk);
        let parse = Credentials::parse;
        let credentials = Secret::new(client, self.secret_id, CREDENTIALS_TTL, parse);
        let pace = Pace {
            attempt: Duration::from_secs(20),
            ..Pace::default()
        };
        Mirror::new(self.base, self.index, credentials, pace)
    }
}

struct Base(Url);

impl FromStr for Base {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        address::parse(text).map(Self)
    }
}

/// What Elasticsearch takes as the name of an index, and no path.
struct Index(String);

impl FromStr for Index {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_fit = text.bytes().next().is_some_and(is_letter)
            && text
                .bytes()
                .all(|byte| is_letter(byte) || b"-_.".contains(&byte))
            && text.len() <= 255;
        let fit = is_fit.then(|| Self(text.to_owned()));
        fit.ok_or("must be lower-case letters, digits, and - _ . between them")
    }
}
