//! Goes through the tags and texts of an article, one after the other.

use html5gum::{StartTag, State};
use url::Url;

use super::Page;
use super::element::{Role, is_empty, raw_content};
use super::flow::number;
use super::hidden::is_hidden;
use super::links::{Attributes, Links};
use super::open::{Element, Open};
use super::outline::Outline;
use super::table::Table;
use super::writer::Writer;

/// What is known at one point of an article.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) open: Open,
    /// How many lists are open.
    pub(super) lists: usize,
    /// How many elements are open that keep lines and blanks.
    pub(super) verbatim: usize,
    pub(super) outline: Outline,
    pub(super) heading: Option<(u8, Writer)>,
    /// The innermost table, unless it holds more than rows.
    pub(super) table: Option<Table>,
    links: Links,
}

impl Walk {
    /// Enters an element. Answers how its content has to be read, if not as usual.
    pub(super) fn start(&mut self, tag: &StartTag<()>) -> Option<State> {
        let name = String::from_utf8_lossy(&tag.name);
        let role = Role::of(&name);
        self.writer().seam();
        self.make_room(role);
        self.note_links(&name, &tag.attributes);
        if is_empty(&name) {
            self.show_empty(&name, role, &tag.attributes);
            return None;
        }
        if tag.self_closing
            && (role == Role::Foreign || self.open.innermost(Role::Foreign).is_some())
        {
            return None;
        }
        let hides = role == Role::Hidden || is_hidden(&tag.attributes);
        let is_shown = !hides && !self.open.is_hidden();
        if is_shown {
            self.enter(role, &tag.attributes);
        }
        if role != Role::Inline || !is_shown {
            self.push(&name, role, is_shown, hides, &tag.attributes);
        }
        raw_content(&name)
    }

    fn push(
        &mut self,
        name: &str,
        role: Role,
        is_shown: bool,
        hides: bool,
        attributes: &Attributes,
    ) {
        let counts = name == "ol";
        let first = number(attributes, "start").unwrap_or(1);
        let element = Element {
            name: name.to_owned(),
            role,
            is_shown,
            next: counts.then_some(first),
        };
        let is_followed = self.open.push(element, hides);
        if is_followed && is_shown {
            self.lists += usize::from(role.indents());
            self.verbatim += usize::from(role.is_verbatim());
        }
    }

    /// Ends what cannot stay open beside an element of this role.
    fn make_room(&mut self, role: Role) {
        if !role.is_block() {
            return;
        }
        let is_line = |open: &Element| open.name == "p" || open.role == Role::Code;
        while let Some(depth) = self.open.within_block(is_line) {
            self.close_to(depth);
        }
        if let Some(depth) = self.open.below(role, |open| role.ends(&open.name)) {
            self.close_to(depth);
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(element) = self.open.pop() else {
                return;
            };
            if element.is_shown {
                self.leave(element.role);
            }
        }
    }

    /// Leaves an element, and all that is open in it.
    pub(super) fn end(&mut self, name: &str) {
        let role = Role::of(name);
        self.writer().seam();
        let is_untracked = role == Role::Inline && !self.open.is_hidden();
        if !is_untracked && !self.open.pop_deeper() {
            let is_heading = matches!(role, Role::Heading(_));
            let meant = |open: &Element| open.name == name || is_heading && role.ends(&open.name);
            if let Some(depth) = self.open.below(role, meant) {
                self.close_to(depth);
            }
        }
        if name == "br" {
            self.writer().add_break();
        } else if role.is_block() && !self.open.is_hidden() {
            self.separate(role);
        }
    }

    /// What a visible element does before its content.
    fn enter(&mut self, role: Role, attributes: &Attributes) {
        if role.is_block() {
            self.separate(role);
        }
        match role {
            Role::Heading(level) => {
                self.dissolve_table();
                self.heading = Some((level, Writer::default()));
            }
            Role::Item => self.mark_item(attributes),
            Role::Table => self.begin_table(),
            Role::Head | Role::Rows => self.with_table(|table| table.is_head = role == Role::Head),
            Role::Row => self.end_row(),
            Role::Cell { is_header } => self.begin_cell(is_header, attributes),
            Role::Pre => self.with_table(|table| {
                if let Some(cell) = table.cell() {
                    cell.has_code = true;
                }
            }),
            _ => {}
        }
    }

    /// What a visible element does after its content.
    fn leave(&mut self, role: Role) {
        if role.is_block() {
            self.separate(role);
        }
        match role {
            Role::Heading(_) => self.end_heading(),
            Role::Item => self.writer().mark(None),
            Role::Head => self.with_table(|table| table.is_head = false),
            Role::Row => self.end_row(),
            Role::Cell { .. } => self.with_table(Table::end_cell),
            Role::Table => self.end_table(),
            _ => {}
        }
        self.lists -= usize::from(role.indents());
        self.verbatim -= usize::from(role.is_verbatim());
    }

    /// The article as it is known now.
    pub(super) fn finish(mut self, base: Option<&Url>, is_cut: bool) -> Page {
        self.end_heading();
        self.end_table();
        Page {
            sections: self.outline.finish(),
            links: self.links.resolve(base),
            is_cut,
        }
    }

    /// About how many bytes the text has.
    pub(super) fn size(&self) -> usize {
        let heading = self.heading.as_ref().map_or(0, |(_, writer)| writer.len());
        self.outline.size() + heading + self.table.as_ref().map_or(0, Table::size)
    }

    /// The sources of films and sounds stand inside them, where everything else is for browsers that cannot play them.
    fn note_links(&mut self, name: &str, attributes: &Attributes) {
        let is_source = matches!(name, "base" | "source" | "track");
        if is_source || !self.open.is_hidden() && !is_hidden(attributes) {
            self.links.note(name, attributes);
        }
    }
}
