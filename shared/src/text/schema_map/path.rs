//! Where values stand in a payload: `transcript.segments[*].text`, `lines[0]`, `custom."order.number"`.
//!
//! A name that holds `.`, `[`, `]` or `"` is written as a JSON string.

use std::fmt;
use std::str::FromStr;

use crate::json::MAX_DEPTH;

/// A way from a value to values inside it; at least one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

/// One level down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the member of this name.
    Name(String),
    /// Into the item at this index, from 0.
    Index(usize),
    /// Into every item.
    Each,
}

impl Path {
    /// The path through members of these names.
    pub(super) fn through<const N: usize>(names: [&str; N]) -> Self {
        Self(names.map(|name| Step::Name(name.to_owned())).into())
    }

    /// Every item of what stands at this path.
    pub(super) fn each(mut self) -> Self {
        self.0.push(Step::Each);
        self
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

/// The error names the path.
impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |flaw: &str| format!("the path {text:?} {flaw}");
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = next_step(rest, steps.is_empty()).map_err(wrong)?;
            steps.push(step);
            rest = after;
        }
        match steps.len() {
            0 => Err(wrong("is empty")),
            1..=MAX_DEPTH => Ok(Self(steps)),
            _ => Err(wrong("is deeper than any payload")),
        }
    }
}

fn next_step(text: &str, is_first: bool) -> Result<(Step, &str), &'static str> {
    if let Some(text) = text.strip_prefix('[') {
        let (inside, rest) = text.split_once(']').ok_or("has a [ without its ]")?;
        return Ok((bracketed(inside)?, rest));
    }
    let text = match text.strip_prefix('.') {
        None if is_first => text,
        Some(text) if !is_first => text,
        Some(_) => return Err("begins with a dot"),
        None => return Err("goes on after a step with neither . nor ["),
    };
    let (name, rest) = if text.starts_with('"') {
        quoted(text)?
    } else {
        bare(text)?
    };
    Ok((Step::Name(name), rest))
}

fn bracketed(inside: &str) -> Result<Step, &'static str> {
    if inside == "*" {
        return Ok(Step::Each);
    }
    let digits = Some(inside).filter(|inside| inside.bytes().all(|byte| byte.is_ascii_digit()));
    let index = digits.and_then(|digits| digits.parse().ok());
    index
        .map(Step::Index)
        .ok_or("has neither an index nor * between [ and ]")
}

fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let name = strings
        .next()
        .and_then(Result::ok)
        .ok_or("has a quoted name that is no JSON string")?;
    Ok((name, &text[strings.byte_offset()..]))
}

fn bare(text: &str) -> Result<(String, &str), &'static str> {
    let (name, rest) = text.split_at(text.find(is_special).unwrap_or(text.len()));
    match name {
        "" => Err("has an empty name"),
        _ if name.trim() != name => {
            Err("has a space at the edge of a name; a name with spaces there is quoted")
        }
        _ => Ok((name.to_owned(), rest)),
    }
}

fn is_special(letter: char) -> bool {
    matches!(letter, '.' | '[' | ']' | '"')
}

/// As it is written; reading that again gives the same path.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Each => f.write_str("[*]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Name(name) => {
                    f.write_str(if index == 0 { "" } else { "." })?;
                    write_name(name, f)?;
                }
            }
        }
        Ok(())
    }
}

fn write_name(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_bare = !name.is_empty() && name.trim() == name && !name.contains(is_special);
    if is_bare {
        return f.write_str(name);
    }
    f.write_str(&serde_json::to_string(name).map_err(|_| fmt::Error)?)
}
