//! The addresses that an article refers to.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use html5gum::{HtmlString, Spanned};
use url::Url;

/// No article has more that are worth a visit.
const MOST_LINKS: usize = 4_096;
/// No server promises to take a longer one.
const LONGEST_LINK: usize = 2_048;

pub(super) type Attributes = BTreeMap<HtmlString, Spanned<HtmlString, ()>>;

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<Cow<'a, str>> {
    let value = attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value))
}

/// Addresses as they are written.
#[derive(Debug, Default)]
pub(super) struct Links {
    base: Option<String>,
    written: Vec<String>,
    seen: HashSet<String>,
}

impl Links {
    /// Notes what the element refers to.
    pub(super) fn note(&mut self, name: &str, attributes: &Attributes) {
        let value = |attribute| self::attribute(attributes, attribute).map(Cow::into_owned);
        if name == "base" {
            self.base = self.base.take().or_else(|| value("href"));
            return;
        }
        for attribute in referring(name) {
            self.add(value(attribute));
        }
    }

    fn add(&mut self, written: Option<String>) {
        let Some(written) = written else { return };
        let written = written.trim();
        let is_elsewhere = !written.is_empty() && !written.starts_with('#');
        let has_room = self.written.len() < MOST_LINKS && written.len() <= LONGEST_LINK;
        if is_elsewhere && has_room && self.seen.insert(written.to_owned()) {
            self.written.push(written.to_owned());
        }
    }

    /// The addresses that can be visited. The base that the article names is relative to the tenant's, and holds for all links.
    pub(super) fn resolve(self, base: Option<&Url>) -> Vec<Url> {
        let own = self.base.and_then(|own| parse(base, own.trim()));
        let base = own.as_ref().or(base);
        let mut seen = HashSet::new();
        let urls = self
            .written
            .iter()
            .filter_map(|written| parse(base, written));
        urls.filter(|url| seen.insert(url.clone())).collect()
    }
}

/// The attributes of an element that hold an address.
fn referring(element: &str) -> &'static [&'static str] {
    match element {
        "a" | "area" => &["href"],
        "audio" | "embed" | "frame" | "iframe" | "img" | "input" | "source" | "track" => &["src"],
        "video" => &["src", "poster"],
        "object" => &["data"],
        _ => &[],
    }
}

/// An address of the web, without its fragment.
fn parse(base: Option<&Url>, written: &str) -> Option<Url> {
    let mut url = Url::options().base_url(base).parse(written).ok()?;
    url.set_fragment(None);
    let can_be_visited =
        matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_LINK;
    can_be_visited.then_some(url)
}
