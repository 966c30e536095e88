//! What a signature is made over: `{id}.{timestamp}.{body}`, as configuration.

/// A part of the signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Fixed text.
    Text(String),
    /// The id header.
    Id,
    /// The timestamp header, as sent.
    Timestamp,
    /// The raw body.
    Body,
}

/// A checked template: it ends with the body, and no two requests give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads a template. Between two placeholders stands a character that neither an id nor a timestamp can hold, and the
    /// body comes last: so the signed bytes can be split in one way only.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = next_part(rest)?;
            parts.push(part);
            rest = after;
        }
        let fields: Vec<_> = parts
            .iter()
            .filter(|part| !matches!(part, Part::Text(_)))
            .collect();
        let once = |wanted: &Part| fields.iter().filter(|part| **part == wanted).count() <= 1;
        if parts.last() != Some(&Part::Body) {
            return Err("must end with {body}");
        }
        if !(once(&Part::Id) && once(&Part::Timestamp) && once(&Part::Body)) {
            return Err("names a placeholder twice");
        }
        if parts
            .windows(2)
            .any(|pair| !is_separated(&pair[0], &pair[1]))
        {
            return Err("needs a separator such as . after {id} and {timestamp}");
        }
        Ok(Self { parts })
    }

    /// Whether `part` is signed.
    pub(super) fn has(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    /// Feeds the signed bytes to `sink`, in order.
    pub(super) fn write(
        &self,
        id: &str,
        timestamp: &str,
        body: &[u8],
        mut sink: impl FnMut(&[u8]),
    ) {
        for part in &self.parts {
            match part {
                Part::Text(text) => sink(text.as_bytes()),
                Part::Id => sink(id.as_bytes()),
                Part::Timestamp => sink(timestamp.as_bytes()),
                Part::Body => sink(body),
            }
        }
    }
}

fn next_part(text: &str) -> Result<(Part, &str), &'static str> {
    for (name, part) in [
        ("{id}", Part::Id),
        ("{timestamp}", Part::Timestamp),
        ("{body}", Part::Body),
    ] {
        if let Some(rest) = text.strip_prefix(name) {
            return Ok((part, rest));
        }
    }
    if text.starts_with('{') {
        return Err("knows the placeholders {id}, {timestamp} and {body}");
    }
    let (fixed, rest) = text.split_at(text.find('{').unwrap_or(text.len()));
    Ok((Part::Text(fixed.to_owned()), rest))
}

fn is_separated(left: &Part, right: &Part) -> bool {
    match (left, right) {
        (Part::Id | Part::Timestamp, Part::Text(text)) => {
            !text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c))
        }
        (Part::Id | Part::Timestamp, _) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_that_could_be_split_two_ways_are_refused() {
        for good in [
            "{id}.{timestamp}.{body}",
            "{timestamp}.{body}",
            "{body}",
            "v0:{timestamp}:{body}",
        ] {
            assert!(Template::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "{id}",
            "{timestamp}{body}",
            "{id}-{body}",
            "{body}.{id}",
            "{body}{body}",
            "{id}.{id}.{body}",
            "{timestamp}.{timestamp}.{body}",
            "{what}.{body}",
            "{",
        ] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
