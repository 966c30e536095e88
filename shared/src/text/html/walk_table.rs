//! How a walk goes through a table.

use super::links::{Attributes, attribute};
use super::row::Cell;
use super::table::Table;
use super::walk::Walk;

/// Spans are believed up to here, in either direction.
const MOST_SPAN: usize = 256;

impl Walk {
    pub(super) fn with_table(&mut self, act: impl FnOnce(&mut Table)) {
        if let Some(table) = &mut self.table {
            act(table);
        }
    }

    pub(super) fn begin_table(&mut self) {
        self.dissolve_table();
        self.table = Some(Table::new(self.lists));
    }

    pub(super) fn begin_cell(&mut self, is_header: bool, attributes: &Attributes) {
        let span = |name| {
            let span = attribute(attributes, name).and_then(|span| span.trim().parse().ok());
            span.unwrap_or(1_usize).clamp(1, MOST_SPAN)
        };
        let cell = Cell::new(is_header, span("colspan"), span("rowspan"));
        self.with_table(|table| table.begin_cell(cell));
    }

    pub(super) fn end_row(&mut self) {
        if let Some(table) = &mut self.table {
            let (lines, lists) = (table.end_row(), table.lists);
            self.write_blocks(&lines, lists);
        }
    }

    pub(super) fn end_table(&mut self) {
        if let Some(mut table) = self.table.take() {
            self.write_blocks(&table.finish(), table.lists);
        }
    }

    /// A table with headings or tables in its cells is there for the layout: what its cells say stands one below the other.
    pub(super) fn dissolve_table(&mut self) {
        if let Some(table) = self.table.take() {
            let lists = table.lists;
            self.write_blocks(&table.dissolve(), lists);
        }
    }

    fn write_blocks(&mut self, blocks: &[String], indent: usize) {
        for block in blocks {
            self.outline.writer.break_line(1);
            self.outline.writer.lines(block, indent);
            self.outline.writer.break_line(1);
        }
    }
}
