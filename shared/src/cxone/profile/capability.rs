//! The parts of CXone, each of which has an endpoint.

use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::Endpoint;

/// A part of CXone that has its own host, token and scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Articles.
    Knowledge,
    /// The interaction stream, and cards for agents.
    Assist,
    /// The order of snippets.
    Ranking,
    /// What configures Data Actions; only the doctor asks for its token.
    DataActions,
    /// Conversations put into CXone.
    Transcripts,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Knowledge,
        Self::Assist,
        Self::Ranking,
        Self::DataActions,
        Self::Transcripts,
    ];

    /// Its name in a profile.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Knowledge => "knowledge",
            Self::Assist => "assist",
            Self::Ranking => "ranking",
            Self::DataActions => "data_actions",
            Self::Transcripts => "transcripts",
        }
    }

    /// Its name in a sentence.
    pub(in crate::cxone) fn spoken(self) -> &'static str {
        match self {
            Self::Knowledge => "CXone's knowledge interface",
            Self::Assist => "CXone's assist interface",
            Self::Ranking => "CXone's ranking interface",
            Self::DataActions => "CXone's data action interface",
            Self::Transcripts => "CXone's transcript interface",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoints {
    knowledge: Endpoint,
    assist: Endpoint,
    ranking: Endpoint,
    data_actions: Endpoint,
    transcripts: Endpoint,
}

impl Endpoints {
    pub(super) fn get(&self, capability: Capability) -> &Endpoint {
        match capability {
            Capability::Knowledge => &self.knowledge,
            Capability::Assist => &self.assist,
            Capability::Ranking => &self.ranking,
            Capability::DataActions => &self.data_actions,
            Capability::Transcripts => &self.transcripts,
        }
    }

    /// What cannot be a header is said now, not with the first request.
    pub(super) fn check(&self) -> Result<(), String> {
        for capability in Capability::ALL {
            let endpoint = self.get(capability);
            let names = &endpoint.token.names;
            let own = endpoint.headers.iter();
            let shown = [(&names.header, &names.scheme)];
            for (name, value) in own.chain(shown) {
                let is_name = HeaderName::try_from(name).is_ok();
                if !is_name || HeaderValue::try_from(value).is_err() {
                    let capability = capability.as_str();
                    return Err(format!(
                        "endpoints.{capability} has a header {name} that cannot be sent"
                    ));
                }
            }
        }
        Ok(())
    }
}
