//! The cells of one row, and the lines that they make.

use super::outline::shortened;
use super::writer::Writer;

/// A name, or a cell that spans rows, is repeated no further than this many letters.
const LONGEST_REPEATED: usize = 80;
/// A cell with more lines is not put on one.
const MOST_LINES: usize = 6;

/// A cell.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) is_header: bool,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Whether its lines must not be joined.
    pub(super) has_code: bool,
    pub(super) writer: Writer,
    pub(super) text: String,
}

impl Cell {
    pub(super) fn new(is_header: bool, columns: usize, rows: usize) -> Self {
        Self {
            is_header,
            columns,
            rows,
            ..Self::default()
        }
    }

    /// A cell that reaches down from the row above.
    pub(super) fn from_above(text: String) -> Self {
        Self {
            columns: 1,
            text,
            ..Self::default()
        }
    }

    /// Takes over what was written.
    pub(super) fn end(&mut self) {
        self.text = self.writer.take();
    }

    /// Whether what is repeated of it is not all.
    pub(super) fn is_too_long(&self) -> bool {
        self.line().chars().count() > LONGEST_REPEATED
    }

    /// As much of the line as is repeated in other rows.
    pub(super) fn repeated(&self) -> String {
        shortened(&self.line(), LONGEST_REPEATED)
    }

    /// The text on one line.
    pub(super) fn line(&self) -> String {
        let lines = self
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("; ")
    }
}

/// The name that a header cell gives to each of its columns.
pub(super) fn names(cell: &Cell) -> impl Iterator<Item = String> {
    std::iter::repeat_n(cell.repeated(), cell.columns)
}

/// The row as one line; as several where a cell has too many or holds code; as it is where it has only one cell.
pub(super) fn write(names: &[String], row: &[Cell]) -> Vec<String> {
    let labelled = labelled(names, row);
    let is_long = |cell: &Cell| cell.has_code || cell.text.lines().count() > MOST_LINES;
    match labelled.as_slice() {
        [("", only)] => vec![only.text.clone()],
        cells if cells.iter().any(|(_, cell)| is_long(cell)) => {
            let block = |(name, cell): &(&str, &Cell)| with_name(name, ":\n", &cell.text);
            cells.iter().map(block).collect()
        }
        cells => {
            let cell = |(name, cell): &(&str, &Cell)| with_name(name, ": ", &cell.line());
            vec![cells.iter().map(cell).collect::<Vec<_>>().join(" | ")]
        }
    }
}

/// The cells that say something, each with the name of its first column.
fn labelled<'row>(names: &'row [String], row: &'row [Cell]) -> Vec<(&'row str, &'row Cell)> {
    let mut column = 0;
    let mut labelled = Vec::new();
    for cell in row {
        let name = names.get(column).map_or("", String::as_str);
        column += cell.columns;
        if !cell.text.is_empty() {
            labelled.push((name, cell));
        }
    }
    labelled
}

/// The row without names.
pub(super) fn plain(row: &[Cell]) -> String {
    let cells = row.iter().map(Cell::line).filter(|line| !line.is_empty());
    cells.collect::<Vec<_>>().join(" | ")
}

fn with_name(name: &str, separator: &str, text: &str) -> String {
    if name.is_empty() {
        text.to_owned()
    } else {
        format!("{name}{separator}{text}")
    }
}
