//! How words, images and breaks get into the text.

use super::element::Role;
use super::hidden::is_hidden;
use super::links::{Attributes, attribute};
use super::table::Table;
use super::walk::Walk;
use super::writer::Writer;

impl Walk {
    pub(super) fn text(&mut self, text: &str) {
        if self.open.is_hidden() {
            return;
        }
        let indent = self.indent();
        if self.verbatim > 0 {
            self.writer().lines(text, indent);
        } else {
            self.writer().words(text, indent);
        }
    }

    /// Passes over something that says nothing.
    pub(super) fn skip(&mut self) {
        self.writer().seam();
    }

    /// An element without content.
    pub(super) fn show_empty(&mut self, name: &str, role: Role, attributes: &Attributes) {
        if self.open.is_hidden() || is_hidden(attributes) {
            return;
        }
        match name {
            "br" => self.writer().add_break(),
            "img" => self.show_image(attributes),
            _ if role.is_block() => self.separate(role),
            _ => {}
        }
    }

    fn show_image(&mut self, attributes: &Attributes) {
        let alt = attribute(attributes, "alt").unwrap_or_default();
        // A tag in an attribute needs no escaping in the source; it is none in the text either.
        let alt = alt.replace('<', "< ");
        let indent = self.indent();
        self.writer().space();
        self.writer().words(&alt, indent);
        self.writer().space();
    }

    /// Where the next words go.
    pub(super) fn writer(&mut self) -> &mut Writer {
        let cell = self.table.as_mut().and_then(Table::cell);
        match (&mut self.heading, cell) {
            (Some((_, writer)), _) => writer,
            (None, Some(cell)) => &mut cell.writer,
            (None, None) => &mut self.outline.writer,
        }
    }

    /// How deep in lists the next words stand.
    pub(super) fn indent(&mut self) -> usize {
        let table = self.table.as_mut();
        let outside = table.and_then(|table| table.cell().is_some().then_some(table.lists));
        self.lists - outside.unwrap_or_default().min(self.lists)
    }

    /// Keeps the words before and after a block apart. A heading ends there, if it has words: what follows is text.
    pub(super) fn separate(&mut self, role: Role) {
        if self
            .heading
            .as_ref()
            .is_some_and(|(_, writer)| !writer.is_empty())
        {
            self.end_heading();
        }
        let is_loose = role.is_paragraph() && self.lists == 0 && self.table.is_none();
        self.writer().break_line(if is_loose { 2 } else { 1 });
    }

    pub(super) fn end_heading(&mut self) {
        if let Some((level, mut writer)) = self.heading.take() {
            self.outline.open(level, &writer.take());
        }
    }

    pub(super) fn mark_item(&mut self, attributes: &Attributes) {
        let value = number(attributes, "value");
        let list = self.open.innermost(Role::List);
        let marker = match list.and_then(|list| list.next.as_mut()) {
            Some(next) => {
                let own = value.unwrap_or(*next);
                *next = own.saturating_add(1);
                format!("{own}. ")
            }
            None => "- ".to_owned(),
        };
        self.writer().mark(Some(marker));
    }
}

/// The number that an attribute gives.
pub(super) fn number(attributes: &Attributes, name: &str) -> Option<i32> {
    attribute(attributes, name)?.trim().parse().ok()
}
