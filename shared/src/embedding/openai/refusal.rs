//! Reads an answer that is no success: whose fault is it, and is another try worth it? Pure.
//!
//! The provider's own sentence is never kept, because it may quote the text; status, type, code and parameter are.

use crate::json;

/// What an answer other than 200 means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// One of the texts, or all of them together, are not taken.
    Input,
    /// The key is not known, or may not do this.
    Key,
    /// The account has no money left. Trying again changes nothing.
    Quota,
    /// How it is asked is wrong: the address, the model, the dimensions.
    Setting(Said),
    /// Too many requests.
    Throttled(Said),
    /// It may be well again soon.
    Trouble(Said),
}

/// What the provider said, without its sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    status: u16,
    kind: String,
    code: String,
    param: String,
}

const NO_MONEY: [&str; 3] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
];

/// What this status and body mean.
pub(super) fn classify(status: u16, body: &[u8]) -> Refusal {
    let said = Said::read(status, body);
    let has_no_money = |word: &String| NO_MONEY.contains(&word.as_str());
    match status {
        402 => Refusal::Quota,
        _ if has_no_money(&said.code) || has_no_money(&said.kind) => Refusal::Quota,
        401 | 403 => Refusal::Key,
        400 | 413 | 422 if said.blames_input() => Refusal::Input,
        429 => Refusal::Throttled(said),
        408 | 409 | 425 | 500.. => Refusal::Trouble(said),
        _ => Refusal::Setting(said),
    }
}

impl Said {
    /// The words of `OpenAI`'s error shape. Other shapes have none, which says nothing against a setting.
    fn read(status: u16, body: &[u8]) -> Self {
        let error = || {
            let document = json::parse(body).ok()?;
            let fields = json::fields(document)?;
            json::fields(fields.get("error")?)
        };
        let fields = error().unwrap_or_default();
        let word = |name| {
            let text = fields.get(name).and_then(|value| json::text(value));
            text.filter(|text| is_word(text)).unwrap_or_default()
        };
        Self {
            status,
            kind: word("type"),
            code: word("code"),
            param: word("param"),
        }
    }

    /// A parameter is `input` or `input[3]`; any other one is about how it was asked.
    fn blames_input(&self) -> bool {
        let param = self.param.is_empty() || self.param.starts_with("input");
        param && self.code != "model_not_found"
    }
}

impl std::error::Error for Said {}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        let words = [&self.kind, &self.code, &self.param];
        let mut words = words.into_iter().filter(|word| !word.is_empty());
        words.try_for_each(|word| write!(f, " {word}"))
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn word(refusal: &Refusal) -> &'static str {
        match refusal {
            Refusal::Input => "input",
            Refusal::Key => "key",
            Refusal::Quota => "quota",
            Refusal::Setting(_) => "setting",
            Refusal::Throttled(_) => "throttled",
            Refusal::Trouble(_) => "trouble",
        }
    }

    #[test]
    fn status_code_and_parameter_decide() {
        let error = |kind: &str, param: Option<&str>, code: Option<&str>| {
            json!({"error": {"message": "m", "type": kind, "param": param, "code": code}})
                .to_string()
        };
        let invalid = |param, code| error("invalid_request_error", param, code);
        for (status, body, expected) in [
            (400, invalid(Some("input"), None), "input"),
            (400, invalid(Some("input[3]"), None), "input"),
            (400, invalid(None, None), "input"),
            (400, String::new(), "input"),
            (413, "too large".to_owned(), "input"),
            (422, r#"{"error":"tokenization"}"#.to_owned(), "input"),
            (400, invalid(Some("dimensions"), None), "setting"),
            (400, invalid(Some("model"), None), "setting"),
            (400, invalid(Some("encoding_format"), None), "setting"),
            (400, invalid(None, Some("model_not_found")), "setting"),
            (404, invalid(None, Some("model_not_found")), "setting"),
            (404, String::new(), "setting"),
            (302, String::new(), "setting"),
            (204, String::new(), "setting"),
            (405, String::new(), "setting"),
            (401, invalid(None, Some("invalid_api_key")), "key"),
            (403, String::new(), "key"),
            (402, String::new(), "quota"),
            (429, error("insufficient_quota", None, None), "quota"),
            (429, error("x", None, Some("insufficient_quota")), "quota"),
            (
                400,
                error("x", None, Some("billing_hard_limit_reached")),
                "quota",
            ),
            (
                429,
                error("requests", None, Some("rate_limit_exceeded")),
                "throttled",
            ),
            (429, "busy".to_owned(), "throttled"),
            (408, String::new(), "trouble"),
            (500, String::new(), "trouble"),
            (503, "<html>".to_owned(), "trouble"),
            (529, String::new(), "trouble"),
        ] {
            let refusal = classify(status, body.as_bytes());
            assert_eq!(word(&refusal), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_kept_quotes_no_text() {
        let body = json!({"error": {
            "message": "Jane Roe said", "type": "Jane Roe", "param": "dimensions", "code": "x".repeat(65),
        }});
        let Refusal::Setting(said) = classify(400, body.to_string().as_bytes()) else {
            panic!("a setting")
        };
        assert_eq!(said.to_string(), "HTTP 400 dimensions");
    }
}
