//! Which authentication schemes are active, as a value: `["standard-webhooks", {"kind": "hmac", …}]`.

use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::credential::Credential;
use super::signature::Signature;
use super::template::{Part, Template};

/// An authentication scheme: a name, under which its keys are kept, and its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    pub(super) name: String,
    pub(super) rule: Rule,
}

/// How a scheme decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    Signature(Signature),
    Credential(Credential),
}

/// All active schemes, at least one, each name once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schemes(Vec<Scheme>);

/// How the bytes of a key are written in the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyForm {
    /// The text itself.
    Text,
    /// Base64, after an optional `whsec_`.
    Base64,
    /// Hexadecimal.
    Hex,
}

/// How a signature is written in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Standard base64 with padding.
    Base64,
    /// Lower-case hexadecimal.
    Hex,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Full {
    StandardWebhooks,
    CxoneExpert,
    Bearer,
    Basic,
    Header { name: String, header: String },
    Hmac(Box<Hmac>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hmac {
    name: String,
    signature_header: String,
    #[serde(default)]
    prefix: String,
    encoding: Encoding,
    template: String,
    timestamp_header: Option<String>,
    id_header: Option<String>,
    #[serde(default = "default_tolerance")]
    tolerance_seconds: u64,
    #[serde(default = "default_key_form")]
    key_form: KeyForm,
}

fn default_tolerance() -> u64 {
    300
}

fn default_key_form() -> KeyForm {
    KeyForm::Text
}

impl Schemes {
    /// The schemes, in the order in which they are tried.
    pub fn as_slice(&self) -> &[Scheme] {
        &self.0
    }
}

/// Reads the JSON of the configuration; an error says what to write instead.
impl FromStr for Schemes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no_array = |_| "must be a JSON array of schemes".to_owned();
        let written: Vec<Value> = serde_json::from_str(text).map_err(no_array)?;
        let build =
            |(index, value)| Scheme::build(value).map_err(|what| format!("item {index} {what}"));
        let schemes = written
            .into_iter()
            .enumerate()
            .map(build)
            .collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<_> = schemes.iter().map(|scheme| scheme.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            _ if schemes.is_empty() => Err("must name at least one scheme".to_owned()),
            Some(twice) => Err(format!("names the scheme {} twice", twice[0])),
            None => Ok(Self(schemes)),
        }
    }
}

impl Scheme {
    /// Under which its keys are kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The headers by which the holder of a key, as it is written in the secret, proves who sends this body; or what is wrong with the
    /// key, without the key.
    pub fn prove(
        &self,
        key: &str,
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Result<Vec<(String, String)>, &'static str> {
        match &self.rule {
            Rule::Signature(rule) => Ok(rule.sign(&[rule.read_key(key)?], id, at, body)),
            Rule::Credential(rule) => rule.read_key(key).map(|_| vec![rule.present(key)]),
        }
    }

    /// What is wrong is said without the value: someone may have put a key here.
    fn build(written: Value) -> Result<Self, String> {
        let written = if written.is_string() {
            json!({ "kind": written })
        } else {
            written
        };
        let fields = "must be standard-webhooks, cxone-expert, bearer, basic, or an object: kind header with name and header; kind \
            hmac with name, signature_header, encoding, template, and optionally prefix, timestamp_header, id_header, \
            tolerance_seconds, key_form";
        let full: Full = serde_json::from_value(written).map_err(|_| fields.to_owned())?;
        match full {
            Full::StandardWebhooks => Self::from_hmac(standard_webhooks()),
            Full::CxoneExpert => Self::from_hmac(cxone_expert()),
            Full::Bearer => Ok(Self::from_credential("bearer", Credential::Bearer)),
            Full::Basic => Ok(Self::from_credential("basic", Credential::Basic)),
            Full::Header { name, header } => Ok(Self::from_credential(
                &name,
                Credential::Header(header.to_ascii_lowercase()),
            )),
            Full::Hmac(hmac) => Self::from_hmac(*hmac),
        }
    }

    fn from_credential(name: &str, credential: Credential) -> Self {
        Self {
            name: name.to_owned(),
            rule: Rule::Credential(credential),
        }
    }

    fn from_hmac(hmac: Hmac) -> Result<Self, String> {
        Ok(Self {
            name: hmac.name.clone(),
            rule: Rule::Signature(Signature::build(hmac)?),
        })
    }
}

impl Signature {
    fn build(hmac: Hmac) -> Result<Self, String> {
        let wrong = |what: &str| format!("({}): {what}", hmac.name);
        let template =
            Template::parse(&hmac.template).map_err(|what| wrong(&format!("template {what}")))?;
        if template.has(&Part::Timestamp) != hmac.timestamp_header.is_some() {
            return Err(wrong(
                "{timestamp} and timestamp_header go together: an unsigned time proves nothing",
            ));
        }
        if template.has(&Part::Id) != hmac.id_header.is_some() {
            return Err(wrong("{id} and id_header go together"));
        }
        let lower = |header: String| header.to_ascii_lowercase();
        Ok(Signature {
            header: lower(hmac.signature_header),
            prefix: hmac.prefix,
            encoding: hmac.encoding,
            template,
            timestamp_header: hmac.timestamp_header.map(lower),
            id_header: hmac.id_header.map(lower),
            tolerance_seconds: hmac.tolerance_seconds,
            key_form: hmac.key_form,
        })
    }

    /// The signature of Standard Webhooks.
    pub(super) fn standard() -> Result<Self, String> {
        Self::build(standard_webhooks())
    }
}

fn standard_webhooks() -> Hmac {
    Hmac {
        name: "standard-webhooks".to_owned(),
        signature_header: "webhook-signature".to_owned(),
        prefix: "v1,".to_owned(),
        encoding: Encoding::Base64,
        template: "{id}.{timestamp}.{body}".to_owned(),
        timestamp_header: Some("webhook-timestamp".to_owned()),
        id_header: Some("webhook-id".to_owned()),
        tolerance_seconds: default_tolerance(),
        key_form: KeyForm::Base64,
    }
}

fn cxone_expert() -> Hmac {
    Hmac {
        name: "cxone-expert".to_owned(),
        signature_header: "x-nexus-signature-256".to_owned(),
        prefix: "sha256=".to_owned(),
        encoding: Encoding::Hex,
        template: "{timestamp}.{body}".to_owned(),
        timestamp_header: Some("x-nexus-timestamp".to_owned()),
        id_header: None,
        tolerance_seconds: default_tolerance(),
        key_form: KeyForm::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_and_objects_are_read() {
        let text = r#"["standard-webhooks", {"kind": "hmac", "name": "expert", "signature_header": "X-Sig", "encoding": "hex",
            "template": "{timestamp}.{body}", "timestamp_header": "X-Time"}, {"kind": "header", "name": "studio", "header": "X-Key"}]"#;
        let schemes: Schemes = text.parse().unwrap();
        let names: Vec<_> = schemes
            .as_slice()
            .iter()
            .map(|scheme| scheme.name.as_str())
            .collect();
        assert_eq!(names, ["standard-webhooks", "expert", "studio"]);
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_reason() {
        let hmac = |rest: &str| {
            format!(
                r#"[{{"kind": "hmac", "name": "x", "signature_header": "s", "encoding": "hex", {rest}}}]"#
            )
        };
        for (text, reason) in [
            ("[]".to_owned(), "at least one"),
            ("{}".to_owned(), "JSON array"),
            (
                r#"["magic"]"#.to_owned(),
                "item 0 must be standard-webhooks",
            ),
            (r#"["basic", "whsec_canary"]"#.to_owned(), "item 1 must be"),
            (r#"["basic", "basic"]"#.to_owned(), "twice"),
            (hmac(r#""template": "{timestamp}.{body}""#), "go together"),
            (
                hmac(r#""template": "{body}", "timestamp_header": "t""#),
                "go together",
            ),
            (hmac(r#""template": "{id}.{body}""#), "{id} and id_header"),
            (
                hmac(r#""template": "{body}", "id_header": "i""#),
                "{id} and id_header",
            ),
            (
                hmac(r#""template": "{id}{body}", "id_header": "i""#),
                "separator",
            ),
        ] {
            let error = text.parse::<Schemes>().unwrap_err();
            assert!(
                error.contains(reason) && !error.contains("canary"),
                "{text}: {error}"
            );
        }
    }
}
