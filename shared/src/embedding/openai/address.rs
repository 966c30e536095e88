//! Where a provider is.

use std::str::FromStr;

use reqwest::Url;

use crate::outbound::address;

/// The address that embeddings are asked at. Text goes there, so it is TLS, except on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// The full URL.
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

/// Reads a base URL, with or without `/v1` and a slash at its end.
impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = address::parse(text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must end with its path");
        }
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base);
        let path = format!("{base}/v1/embeddings");
        url.set_path(&path);
        Ok(Self(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_completed_once() {
        for (base, url) in [
            (
                "https://api.openai.com",
                "https://api.openai.com/v1/embeddings",
            ),
            (
                "https://api.openai.com/",
                "https://api.openai.com/v1/embeddings",
            ),
            (
                "https://api.openai.com/v1",
                "https://api.openai.com/v1/embeddings",
            ),
            (
                "https://api.openai.com/v1/",
                "https://api.openai.com/v1/embeddings",
            ),
            (
                "https://host/openai/v1//",
                "https://host/openai/v1/embeddings",
            ),
            (
                "https://host:8443/tei",
                "https://host:8443/tei/v1/embeddings",
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/v1/embeddings",
            ),
            ("http://127.8.0.1", "http://127.8.0.1/v1/embeddings"),
            ("http://[::1]:11434", "http://[::1]:11434/v1/embeddings"),
            (
                "http://localhost:11434/v1",
                "http://localhost:11434/v1/embeddings",
            ),
        ] {
            assert_eq!(base.parse::<Address>().unwrap().url().as_str(), url);
        }
    }

    #[test]
    fn nothing_leaves_this_machine_in_the_clear() {
        for base in [
            "http://api.openai.com",
            "http://10.0.0.1",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://[::ffff:10.0.0.1]",
            "ftp://localhost",
            "file:///etc",
            "https://user:word@api.openai.com",
            "https://user@api.openai.com",
            "https://api.openai.com?key=1",
            "https://api.openai.com#v1",
            "api.openai.com",
            "",
        ] {
            assert!(base.parse::<Address>().is_err(), "{base}");
        }
    }
}
