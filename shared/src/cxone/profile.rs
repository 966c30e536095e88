//! What a tenant calls things and where it has them. Nothing about CXone is written anywhere else.
//!
//! [`Profile::v2`] is built in (`profile/v2.json`, where every name stands); a tenant's own document is laid over it. Beside
//! the names of that document there are two short ones: a `base_url` and a `token` at its top are meant for every endpoint that
//! does not say its own.

mod capability;
mod names;
mod overlay;
mod template;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::article::ArticleFields;
use crate::domain::{Locale, Speaker};
use crate::outbound::address;
use crate::transcript::dialect::Dialect;
use crate::transcript::frame::FrameFields;
use crate::transcript::notice::NoticeFields;
pub use capability::Capability;
use capability::Endpoints;
pub use names::{AfterLostAnswer, Parameters, Style};
pub(super) use names::{CardNames, Names};
pub(super) use template::Template;

const V2: &str = include_str!("profile/v2.json");

/// A tenant, as a value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    values: BTreeMap<String, String>,
    pub(super) discovery: Discovery,
    endpoints: Endpoints,
    /// How articles are asked for.
    pub(super) articles: Articles,
    /// How snippets are ordered.
    pub(super) ranking: Ranking,
    /// How interactions are listened to.
    pub(super) stream: Box<Stream>,
    /// How cards are put on an agent's screen.
    pub(super) assist: Assist,
    /// How transcripts are injected.
    pub(super) transcripts: Transcripts,
}

/// Where a tenant is told where its interfaces are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Discovery {
    pub(super) url: String,
    /// The name of the query parameter.
    pub(super) parameter: String,
    /// Its value. Without one, nothing is discovered.
    pub(super) tenant_id: Option<String>,
    /// The fields of the answer, each of which can stand in an address as `{field}`.
    pub(super) answers: Vec<String>,
}

/// Where a capability is, and how one gets in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) base_url: Template,
    pub(super) scopes: Vec<String>,
    /// Sent with every request. No secrets: those are in Secrets Manager.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) token: Token,
}

/// How a token is asked for, told, and shown.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) url: Template,
    pub(super) style: Style,
    #[serde(default)]
    pub(super) names: Names,
}

/// How articles are asked for, and what their fields are called.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Articles {
    pub(super) path: String,
    pub(super) conditional_path: String,
    /// The language of articles that do not say theirs.
    pub(super) locale: Locale,
    pub(super) parameters: Parameters,
    pub(super) fields: ArticleFields,
}

/// How snippets are ordered. `{session}` stands for the session in both paths.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ranking {
    pub(super) path: Template,
    pub(super) session_path: Template,
    /// The field of a session that says how it is.
    pub(super) state: String,
    /// What stands there while no order is taken.
    pub(super) locked: Vec<String>,
}

/// Where interactions are told, and in which dialect.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stream {
    pub(super) path: String,
    pub(super) dialect: Dialect,
    /// What the frames of `v2` call things.
    pub(super) fields: FrameFields,
    /// What the messages of the notification socket call things.
    pub(super) notices: NoticeFields,
}

/// How cards are put on an agent's screen. `{interaction}` stands for the interaction in the path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assist {
    pub(super) path: Template,
    pub(super) names: CardNames,
}

/// How transcripts are injected, and what is done when the answer is lost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transcripts {
    pub(super) path: String,
    /// The field of an answer that names the conversation.
    pub(super) conversation_id: String,
    pub(super) after_lost_answer: AfterLostAnswer,
    pub(super) lookup: Lookup,
}

/// How the conversations of an interaction are looked up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    pub(super) path: String,
    /// The query parameter that names the interaction.
    pub(super) parameter: String,
    /// The field of the answer that lists the conversations.
    pub(super) conversations: String,
    /// The field of a conversation that lists the ids of its messages.
    pub(super) message_ids: String,
}

/// What is wrong with a profile, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProfileFlaw(String);

impl Profile {
    /// The contract of the reference documents.
    pub fn v2() -> Result<Self, ProfileFlaw> {
        "{}".parse()
    }

    /// What the capability needs that the profile does not give, if anything.
    pub fn lacks(&self, capability: Capability) -> Option<String> {
        let endpoint = self.endpoints.get(capability);
        let name = capability.as_str();
        let template = |what: &str, template: &Template| {
            let flaw = self.template_flaw(template)?;
            Some(format!("endpoints.{name}.{what} {flaw}"))
        };
        template("base_url", &endpoint.base_url)
            .or_else(|| template("token.url", &endpoint.token.url))
    }

    pub(super) fn endpoint(&self, capability: Capability) -> &Endpoint {
        self.endpoints.get(capability)
    }

    pub(super) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    fn template_flaw(&self, template: &Template) -> Option<String> {
        for name in template.names() {
            let is_answered = self.discovery.answers.iter().any(|it| it == name);
            if self.values.contains_key(name) || is_answered && self.discovery.tenant_id.is_some() {
                continue;
            }
            let or = if is_answered {
                " or discovery.tenant_id"
            } else {
                ""
            };
            return Some(format!("needs {{{name}}}: set values.{name}{or}"));
        }
        // What is discovered is only known later; then it is checked again.
        let is_known = template.names().all(|name| self.values.contains_key(name));
        let url = is_known.then(|| template.fill(|name| self.values.get(name).cloned()))?;
        address::parse(&url.ok()?).err().map(str::to_owned)
    }

    fn checked(self) -> Result<Self, ProfileFlaw> {
        for (name, value) in &self.values {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            if value.is_empty() || !value.bytes().all(is_plain) {
                return Err(ProfileFlaw(format!(
                    "values.{name} must be letters, digits or -._"
                )));
            }
        }
        let articles = &self.articles;
        for (name, path) in [
            ("articles.path", &articles.path),
            ("articles.conditional_path", &articles.conditional_path),
            ("stream.path", &self.stream.path),
            ("transcripts.path", &self.transcripts.path),
            ("transcripts.lookup.path", &self.transcripts.lookup.path),
        ] {
            if !path.starts_with('/') {
                return Err(ProfileFlaw(format!("{name} must begin with a slash")));
            }
        }
        check_stream(&self.stream)?;
        for (name, path, gap) in [
            ("ranking.path", &self.ranking.path, "session"),
            (
                "ranking.session_path",
                &self.ranking.session_path,
                "session",
            ),
            ("assist.path", &self.assist.path, "interaction"),
        ] {
            let filled = path.fill(|name| (name == gap).then(String::new));
            if !filled.is_ok_and(|path| path.starts_with('/')) {
                return Err(ProfileFlaw(format!(
                    "{name} must begin with a slash, and may hold {{{gap}}} only"
                )));
            }
        }
        address::parse(&self.discovery.url)
            .map_err(|rule| ProfileFlaw(format!("discovery.url {rule}")))?;
        self.endpoints.check().map_err(ProfileFlaw)?;
        Ok(self)
    }
}

/// What is said of the stream fits together.
fn check_stream(stream: &Stream) -> Result<(), ProfileFlaw> {
    if stream.dialect == Dialect::Notices && stream.notices.topics.is_empty() {
        return Err(ProfileFlaw(
            "stream.notices.topics must name the topics that tell which contacts there are"
                .to_owned(),
        ));
    }
    let speakers = stream.fields.speakers.as_ref();
    if speakers.is_some_and(|all| !all.contains(&Speaker::Customer)) {
        return Err(ProfileFlaw(
            "stream.fields.speakers must name the customer among those who speak in the channels"
                .to_owned(),
        ));
    }
    if stream.fields.first_speaker == Some(Speaker::Unknown) {
        return Err(ProfileFlaw(
            "stream.fields.first_speaker must be agent or customer".to_owned(),
        ));
    }
    if stream.fields.first_speaker.and(speakers).is_some() {
        return Err(ProfileFlaw(
            "stream.fields.speakers and stream.fields.first_speaker both say who speaks: one of them must go"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Reads the document of a tenant, laid over `v2`.
impl FromStr for Profile {
    type Err = ProfileFlaw;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |text| -> Result<Value, ProfileFlaw> {
            serde_json::from_str(text).map_err(|error| ProfileFlaw(format!("is not JSON: {error}")))
        };
        let own = overlay::spread(read(text)?).map_err(ProfileFlaw)?;
        let mut whole = read(V2)?;
        for document in own {
            overlay::lay_over(&mut whole, document);
        }
        let profile: Self = serde_path_to_error::deserialize(whole)
            .map_err(|error| ProfileFlaw(format!("{}: {}", error.path(), error.inner())))?;
        profile.checked()
    }
}

#[cfg(test)]
mod tests;
