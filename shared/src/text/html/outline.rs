//! The sections of an article, as its headings open them.

use super::Section;
use super::writer::Writer;

/// A heading that is longer is shortened where it is repeated, and stands in full in the text.
const LONGEST_HEADING: usize = 200;
/// What a section takes beside its letters.
const SECTION: usize = size_of::<Section>();

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Outline {
    path: Vec<(u8, String)>,
    done: Vec<Section>,
    size: usize,
    /// The text of the current section.
    pub(super) writer: Writer,
}

impl Outline {
    /// A heading opens a section under those of lower levels. Without words it is none.
    pub(super) fn open(&mut self, level: u8, heading: &str) {
        let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
        if heading.is_empty() {
            return;
        }
        self.close();
        while self.path.last().is_some_and(|(above, _)| *above >= level) {
            self.path.pop();
        }
        let short = shortened(&heading, LONGEST_HEADING);
        if short != heading {
            self.writer.words(&heading, 0);
            self.writer.break_line(1);
        }
        self.path.push((level, short));
    }

    fn close(&mut self) {
        let text = self.writer.take();
        let heading_path: Vec<_> = self
            .path
            .iter()
            .map(|(_, heading)| heading.clone())
            .collect();
        if !text.is_empty() || !heading_path.is_empty() {
            let headings: usize = heading_path
                .iter()
                .map(|heading| heading.len() + size_of::<String>())
                .sum();
            self.size += SECTION + headings + text.len();
            self.done.push(Section { heading_path, text });
        }
    }

    /// How many bytes all of it takes.
    pub(super) fn size(&self) -> usize {
        self.size + self.writer.len()
    }

    pub(super) fn finish(mut self) -> Vec<Section> {
        self.close();
        self.done
    }
}

/// The beginning of a text, with a mark where letters are missing.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map(|(index, _)| index);
    end.map_or_else(
        || text.to_owned(),
        |end| format!("{}…", text[..end].trim_end()),
    )
}
