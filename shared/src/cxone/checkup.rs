//! Whether a tenant lets us in, capability by capability: what `cargo local doctor` asks.

use std::num::NonZeroU32;

use secrecy::SecretString;
use tokio::time::Instant;

use super::client::Client;
use super::credentials::Credentials;
use super::knowledge::{ArticlePage, Knowledge, ListArticles};
use super::profile::{Capability, Profile, Style};
use super::rights::Rights;
use crate::error::Error;
use crate::outbound::Pace;
use crate::secrets::Source;
use crate::transcript::dialect::Dialect;

/// A tenant, and credentials that are tried there.
pub struct Checkup {
    profile: Profile,
    credentials: SecretString,
    pace: Pace,
}

impl Checkup {
    /// Tries these credentials, in the form of the secret of `CXONE_SECRET_ID`.
    pub fn new(profile: Profile, credentials: SecretString, pace: Pace) -> Self {
        Self {
            profile,
            credentials,
            pace,
        }
    }

    /// Whether credentials can be read out of the text of the secret, for some way to a token. Nobody is asked, and what is wrong is said
    /// without them.
    pub fn read_credentials(text: &SecretString) -> Result<(), Error> {
        let read = |style| Credentials::parse(style, text).map(drop);
        read(Style::ClientCredentials).or_else(|error| read(Style::AccessKey).map_err(|_| error))
    }

    /// What the profile does not say of a capability, if anything: then it cannot be tried.
    pub fn lacks(&self, capability: Capability) -> Option<String> {
        self.profile.lacks(capability)
    }

    /// How the stream of interactions is listened to.
    pub fn dialect(&self) -> Dialect {
        self.profile.stream.dialect
    }

    /// Asks for a token; says whether it has the scopes that were asked for.
    pub async fn token(&self, capability: Capability, until: Instant) -> Result<Rights, Error> {
        self.client(capability)?.check_token(until).await
    }

    /// Asks for a page of at most `limit` articles.
    pub async fn articles(&self, limit: NonZeroU32, until: Instant) -> Result<ArticlePage, Error> {
        let client = self.client(Capability::Knowledge)?;
        let query = ListArticles {
            modified_since: None,
            language: None,
            territory: None,
            offset: 0,
            limit,
        };
        Knowledge::new(client, self.profile.articles.clone())
            .list(&query, until)
            .await
    }

    fn client(&self, capability: Capability) -> Result<Client, Error> {
        let credentials = Source::Text(self.credentials.clone());
        Client::new(&self.profile, capability, credentials, self.pace)
    }
}
