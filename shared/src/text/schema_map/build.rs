//! A map is built from what is written, or not at all.

use super::map::{Field, SchemaMap, Turns};
use super::path::Path;
use super::version::MapVersion;
use super::written::{WrittenMap, WrittenTurns};

impl SchemaMap {
    /// Builds a map; else says which path or label is wrong.
    pub(super) fn build(written: WrittenMap) -> Result<Self, String> {
        let fields = written.fields.0.into_iter();
        let fields = fields
            .map(|(path, label)| Field::build(&path, label))
            .collect::<Result<Vec<_>, _>>()?;
        let turns = written
            .turns
            .into_iter()
            .map(Turns::build)
            .collect::<Result<Vec<_>, _>>()?;
        let required = written
            .required
            .iter()
            .map(|path| path.parse())
            .collect::<Result<Vec<Path>, _>>()?;
        if fields.is_empty() && turns.is_empty() {
            return Err("has neither fields nor turns".to_owned());
        }
        let twice =
            twice(fields.iter().map(|field| &field.path)).or_else(|| twice(required.iter()));
        match twice {
            Some(path) => Err(format!("the path {:?} is there twice", path.to_string())),
            None => Ok(Self::assemble(fields, turns, required, written.supersedes)),
        }
    }

    fn assemble(
        fields: Vec<Field>,
        turns: Vec<Turns>,
        required: Vec<Path>,
        supersedes: bool,
    ) -> Self {
        let version = MapVersion::of(&fields, &turns, &required, supersedes);
        Self {
            fields,
            turns,
            required,
            supersedes,
            version,
        }
    }
}

/// The built-in map.
impl Default for SchemaMap {
    fn default() -> Self {
        let field = |path, label: &str| Field {
            path,
            label: label.to_owned(),
        };
        let fields = vec![
            field(Path::through(["subject"]), "Subject"),
            field(Path::through(["transcript", "agent"]), "Agent"),
            field(Path::through(["transcript", "customer"]), "Customer"),
        ];
        let segments = Turns {
            each: Path::through(["transcript", "segments"]).each(),
            who: Some(Path::through(["speaker"])),
            what: Path::through(["text"]),
            label: "Speaker".to_owned(),
        };
        Self::assemble(fields, vec![segments], Vec::new(), true)
    }
}

impl Field {
    fn build(path: &str, label: String) -> Result<Self, String> {
        let label = checked(label, path)?;
        Ok(Self {
            path: path.parse()?,
            label,
        })
    }
}

impl Turns {
    fn build(written: WrittenTurns) -> Result<Self, String> {
        Ok(Self {
            label: checked(written.label, &written.each)?,
            each: written.each.parse()?,
            who: written.who.map(|who| who.parse()).transpose()?,
            what: written.what.parse()?,
        })
    }
}

/// A label stands at the beginning of a line.
fn checked(label: String, path: &str) -> Result<String, String> {
    if label.trim().is_empty() || label.chars().any(char::is_control) {
        return Err(format!(
            "the label of the path {path:?} must be one line that is not empty"
        ));
    }
    Ok(label)
}

fn twice<'map>(paths: impl Iterator<Item = &'map Path>) -> Option<&'map Path> {
    let mut seen = Vec::new();
    for path in paths {
        if seen.contains(&path) {
            return Some(path);
        }
        seen.push(path);
    }
    None
}
