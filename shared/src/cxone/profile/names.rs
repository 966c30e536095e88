//! What the fields of requests and answers are called.

use serde::Deserialize;

/// How a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// A form with client id and secret: `grant_type=client_credentials`.
    ClientCredentials,
    /// Client id and secret as Basic, an access key as user and password in a form: `grant_type=password`.
    Password,
    /// JSON with an access key.
    AccessKey,
}

/// What is done with a transcript of which nobody knows whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterLostAnswer {
    /// It is sent again: the tenant knows messages by their ids, and makes no second conversation of them.
    SendAgain,
    /// It is looked for before it is sent again.
    LookUp,
    /// It is held until a person decides.
    Hold,
}

/// What stands in the request for a token and in its answer, and how the token is shown afterwards.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::cxone) struct Names {
    pub(in crate::cxone) grant_type: String,
    pub(in crate::cxone) client_id: String,
    pub(in crate::cxone) client_secret: String,
    pub(in crate::cxone) scope: String,
    pub(in crate::cxone) username: String,
    pub(in crate::cxone) password: String,
    pub(in crate::cxone) access_key_id: String,
    pub(in crate::cxone) access_key_secret: String,
    /// In the answer: the token.
    pub(in crate::cxone) access_token: String,
    /// In the answer: its lifetime in seconds.
    pub(in crate::cxone) expires_in: String,
    /// The lifetime in seconds of a token whose answer does not say.
    pub(in crate::cxone) lifetime_s: u32,
    /// The header that shows the token.
    pub(in crate::cxone) header: String,
    /// What stands before the token in that header.
    pub(in crate::cxone) scheme: String,
}

impl Default for Names {
    fn default() -> Self {
        let owned = str::to_owned;
        Self {
            grant_type: owned("grant_type"),
            client_id: owned("client_id"),
            client_secret: owned("client_secret"),
            scope: owned("scope"),
            username: owned("username"),
            password: owned("password"),
            access_key_id: owned("accessKeyId"),
            access_key_secret: owned("accessKeySecret"),
            access_token: owned("access_token"),
            expires_in: owned("expires_in"),
            lifetime_s: 3_600,
            header: owned("authorization"),
            scheme: owned("Bearer"),
        }
    }
}

/// The query parameters of a list of articles.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    pub(in crate::cxone) limit: String,
    pub(in crate::cxone) offset: String,
    pub(in crate::cxone) modified_since: String,
    pub(in crate::cxone) language: String,
    pub(in crate::cxone) territory: String,
}

/// The fields of a card, and of the message that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cxone) struct CardNames {
    pub(in crate::cxone) messages: String,
    pub(in crate::cxone) r#type: String,
    /// What stands in the type of a card.
    pub(in crate::cxone) card: String,
    pub(in crate::cxone) content: String,
    pub(in crate::cxone) title: String,
    pub(in crate::cxone) body: String,
    pub(in crate::cxone) score: String,
}
