//! Where somebody wants to be told of a ranking.

use std::fmt;

use url::{Host, Url};

/// A longer address is none.
const MOST: usize = 2_048;
/// What an address must be, as those are told who sent another one.
const RULE: &str = "must be an https address of at most 2048 characters, without credentials";

/// An address that may be called as far as its writing tells: `https`, without credentials. `http` is taken to this machine alone, for the
/// local stack. Whether it leads somewhere public is the caller's to check. Its debug form is its host: paths and queries hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackUrl(Url);

impl CallbackUrl {
    /// Takes an address as it is written.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        // The parser drops blanks and line breaks, so that what was checked by others would not be what is called.
        let is_plain = text.len() <= MOST && text.bytes().all(|byte| byte.is_ascii_graphic());
        let url = is_plain.then(|| Url::parse(text).ok()).flatten();
        let url = url.filter(|url| is_fit(url) && url.as_str().len() <= MOST);
        url.map(Self).ok_or(RULE)
    }

    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address, in one spelling.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackUrl({})", self.0.host_str().unwrap_or_default())
    }
}

fn is_fit(url: &Url) -> bool {
    let is_guarded = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_this_machine(url),
        _ => false,
    };
    is_guarded && url.username().is_empty() && url.password().is_none()
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_without_credentials() {
        let long = format!("https://example.com/{}", "x".repeat(MOST));
        for (text, taken) in [
            ("https://example.com/told?key=1", true),
            ("https://example.com:8443/", true),
            ("HTTPS://EXAMPLE.COM", true),
            ("https://203.0.113.7/", true),
            ("http://127.0.0.1:8080/told", true),
            ("http://[::1]/", true),
            ("http://localhost:9/", true),
            ("http://example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://localhost.example.com/", false),
            ("https://user@example.com/", false),
            ("https://:word@example.com/", false),
            ("https://", false),
            ("https://exa mple.com/", false),
            ("https://example.com/\n", false),
            ("\thttps://example.com/", false),
            ("//example.com/", false),
            ("/told", false),
            ("ftp://example.com/", false),
            ("javascript:alert(1)", false),
            ("", false),
            (&long[..MOST], true),
            (&long[..=MOST], false),
        ] {
            assert_eq!(CallbackUrl::parse(text).is_ok(), taken, "{text}");
        }
    }

    #[test]
    fn the_debug_form_tells_the_host_alone() {
        let url = CallbackUrl::parse("https://example.com/canary?key=canary").unwrap();
        assert_eq!(format!("{url:?}"), "CallbackUrl(example.com)");
    }
}
