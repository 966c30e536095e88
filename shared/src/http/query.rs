//! The parameters of a query: each known, each once, each with a value that makes sense. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::error::Error;
use crate::validation::Violation;

/// A longer name is not repeated in an answer.
const MOST_NAME: usize = 40;

/// The parameters as they were sent, and what is wrong with them.
pub struct Query {
    sent: BTreeMap<String, String>,
    violations: Vec<Violation>,
}

impl Query {
    /// Reads the query of an address.
    pub fn read(text: &str) -> Self {
        let mut query = Self {
            sent: BTreeMap::new(),
            violations: Vec::new(),
        };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let is_again = query
                .sent
                .insert(name.clone().into_owned(), value.into_owned())
                .is_some();
            if is_again {
                query.note(&name, "stands there more than once");
            }
        }
        query
    }

    /// Takes a parameter, which may be missing or empty.
    pub fn take<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.sent.remove(name).filter(|text| !text.is_empty())?;
        let value = text.parse().ok();
        if value.is_none() {
            self.note(name, expected);
        }
        value
    }

    /// What is left is unknown: everything that is wrong is told at once.
    pub fn end(mut self) -> Result<(), Error> {
        for name in std::mem::take(&mut self.sent).into_keys() {
            self.note(&name, "is no parameter of this route");
        }
        if self.violations.is_empty() {
            return Ok(());
        }
        self.violations.sort();
        Err(Error::Invalid(self.violations))
    }

    /// Notes what is wrong with a parameter. Names are the caller's: only a plain one is repeated.
    pub fn note(&mut self, name: &str, detail: &str) {
        let is_plain = name.len() <= MOST_NAME
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let pointer = if is_plain {
            format!("/query/{name}")
        } else {
            "/query".to_owned()
        };
        self.violations.push(Violation::new(pointer, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_at_once_and_never_quoted() {
        let long = "x".repeat(41);
        let odd = format!("{long}=1");
        for (text, wrong) in [
            ("", &[][..]),
            ("flag=true&number=7", &[]),
            ("flag=&number=", &[]),
            ("fl%61g=tr%75e", &[]),
            ("flag=yes&number=x", &["/query/flag", "/query/number"]),
            ("flag=TRUE", &["/query/flag"]),
            ("flag=true&flag=true", &["/query/flag"]),
            ("Flag=true", &["/query/Flag"]),
            ("a%20b=1", &["/query"]),
            (&odd, &["/query"]),
        ] {
            let mut query = Query::read(text);
            query.take::<bool>("flag", "must be true or false");
            query.take::<u32>("number", "must be a number");
            let error = query.end().err();
            let found: Vec<_> = error.iter().flat_map(Error::violations).collect();
            let pointers: Vec<_> = found.iter().map(|one| one.pointer.as_str()).collect();
            assert_eq!(pointers, wrong, "{text}");
            assert!(!format!("{found:?}").contains("yes"));
        }
    }
}
