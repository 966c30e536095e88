//! A table, row by row. Each row is readable without the others, because its cells carry the names of their columns.

use super::row::{Cell, names, plain, write};

/// Columns further to the right have no name.
const MOST_COLUMNS: usize = 256;

/// The table that is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<String>,
    /// The row of the names as it would be written, until a row has used them.
    unused: Option<String>,
    /// For each column, the cell that reaches down from above, and how many more rows it covers.
    from_above: Vec<(String, usize)>,
    row: Vec<Cell>,
    /// How many bytes the cells of the row have.
    row_size: usize,
    cell: Option<Cell>,
    pub(super) is_head: bool,
    /// How deep in lists the table stands.
    pub(super) lists: usize,
}

impl Table {
    pub(super) fn new(lists: usize) -> Self {
        Self {
            lists,
            ..Self::default()
        }
    }

    pub(super) fn cell(&mut self) -> Option<&mut Cell> {
        self.cell.as_mut()
    }

    pub(super) fn size(&self) -> usize {
        self.row_size + self.cell.as_ref().map_or(0, |cell| cell.writer.len())
    }

    pub(super) fn begin_cell(&mut self, cell: Cell) {
        self.end_cell();
        self.cell = Some(cell);
    }

    pub(super) fn end_cell(&mut self) {
        if let Some(mut cell) = self.cell.take() {
            cell.end();
            self.row_size += cell.text.len();
            self.row.push(cell);
        }
    }

    /// What the row that ends here says; the names of columns wait for a row that uses them.
    pub(super) fn end_row(&mut self) -> Vec<String> {
        self.end_cell();
        let row = self.with_cells_from_above();
        if row.iter().all(|cell| cell.text.is_empty()) {
            return Vec::new();
        }
        let names_columns = self.is_head || row.iter().all(|cell| cell.is_header);
        if names_columns && row.len() > 1 {
            return self.name_columns(&row);
        }
        self.unused = None;
        write(&self.names, &row)
    }

    /// Names that cannot be repeated in full are written at once; the others only if no row repeats them.
    fn name_columns(&mut self, row: &[Cell]) -> Vec<String> {
        self.names = row.iter().flat_map(names).take(MOST_COLUMNS).collect();
        let is_incomplete = row.len() > MOST_COLUMNS || row.iter().any(Cell::is_too_long);
        let before = self.unused.take();
        let written = plain(row);
        if is_incomplete {
            return before.into_iter().chain([written]).collect();
        }
        self.unused = Some(written);
        before.into_iter().collect()
    }

    /// What is left to say when the table ends.
    pub(super) fn finish(&mut self) -> Vec<String> {
        let mut lines = self.end_row();
        lines.extend(self.unused.take());
        lines
    }

    /// Gives up on rows: everything that was not written yet, as paragraphs.
    pub(super) fn dissolve(mut self) -> Vec<String> {
        self.end_cell();
        let cells = self.row.into_iter().map(|cell| cell.text);
        let texts = self.unused.into_iter().chain(cells);
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// The row, with the cells that reach down into it in their columns.
    fn with_cells_from_above(&mut self) -> Vec<Cell> {
        let own = std::mem::take(&mut self.row);
        self.row_size = 0;
        if own.is_empty() {
            return own;
        }
        let mut row = Vec::new();
        let mut column = 0;
        for cell in own {
            self.take_from_above(&mut column, &mut row);
            self.reach_down(column, &cell);
            column += cell.columns;
            row.push(cell);
        }
        self.take_from_above(&mut column, &mut row);
        row
    }

    fn take_from_above(&mut self, column: &mut usize, row: &mut Vec<Cell>) {
        while let Some((text, rows @ 1..)) = self.from_above.get_mut(*column) {
            *rows -= 1;
            row.push(Cell::from_above(text.clone()));
            *column += 1;
        }
    }

    fn reach_down(&mut self, column: usize, cell: &Cell) {
        let end = (column + cell.columns).min(MOST_COLUMNS);
        if cell.rows <= 1 || column >= end {
            return;
        }
        if self.from_above.len() < end {
            self.from_above.resize_with(end, Default::default);
        }
        for (index, place) in self.from_above[column..end].iter_mut().enumerate() {
            let text = if index == 0 {
                cell.repeated()
            } else {
                String::new()
            };
            *place = (text, cell.rows - 1);
        }
    }
}
