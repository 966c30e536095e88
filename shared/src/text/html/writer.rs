//! Puts letters on lines.

/// Nothing stands further to the right.
const DEEPEST_INDENT: usize = 8;
/// One blank line between paragraphs.
const MOST_BREAKS: usize = 2;

/// A text that grows.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    /// Line ends that stand before the next letter.
    breaks: usize,
    /// Blanks that stand before the next letter.
    blanks: String,
    /// What the next line begins with.
    marker: Option<String>,
    /// Whether something of the source was left out since the last letter.
    is_seam: bool,
}

impl Writer {
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether no letter has come yet.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    /// A tag stood here.
    pub(super) fn seam(&mut self) {
        self.is_seam = true;
    }

    /// The next letter stands so many lines below.
    pub(super) fn break_line(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.blanks.clear();
    }

    /// One more line end.
    pub(super) fn add_break(&mut self) {
        self.breaks = (self.breaks + 1).min(MOST_BREAKS);
        self.blanks.clear();
    }

    /// The next letter does not touch the last.
    pub(super) fn space(&mut self) {
        if self.breaks == 0 && !self.text.is_empty() && self.blanks.is_empty() {
            self.blanks.push(' ');
        }
    }

    pub(super) fn mark(&mut self, marker: Option<String>) {
        self.marker = marker;
    }

    /// Words whose blanks mean no more than a space.
    pub(super) fn words(&mut self, words: &str, indent: usize) {
        for letter in words.chars() {
            if is_blank(letter) {
                self.space();
            } else {
                self.letter(letter, indent);
            }
        }
    }

    /// Lines whose blanks are kept, except at their ends.
    pub(super) fn lines(&mut self, lines: &str, indent: usize) {
        for letter in lines.chars() {
            match letter {
                '\n' => self.add_break(),
                '\t' => self.blanks.push('\t'),
                _ if is_blank(letter) => self.blanks.push(' '),
                _ => self.letter(letter, indent),
            }
        }
    }

    fn letter(&mut self, letter: char, indent: usize) {
        if is_invisible(letter) {
            self.seam();
            return;
        }
        if self.breaks > 0 || self.text.is_empty() {
            self.begin_line(indent.min(DEEPEST_INDENT));
        }
        self.text.push_str(&self.blanks);
        self.blanks.clear();
        // What was no tag in the source must not become one because something between its letters is gone.
        let would_be_tag = letter.is_ascii_alphabetic() || matches!(letter, '/' | '!' | '?');
        if self.is_seam && would_be_tag && self.text.ends_with('<') {
            self.text.push(' ');
        }
        self.text.push(letter);
        self.is_seam = false;
    }

    fn begin_line(&mut self, indent: usize) {
        if !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', self.breaks));
        }
        self.breaks = 0;
        let marker = self.marker.take();
        let depth = indent - usize::from(marker.is_some()).min(indent);
        self.text.extend(std::iter::repeat_n("  ", depth));
        self.text.push_str(&marker.unwrap_or_default());
    }
}

/// Control characters stand for a blank: no reader wants them, and Postgres does not keep NUL.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

/// Where a word may be broken, and marks of byte order: they would keep words from being found.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{feff}')
}
