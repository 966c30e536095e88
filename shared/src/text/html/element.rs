//! What elements do to the text around them.

use html5gum::State;

/// The part that an element plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It leaves no mark.
    Inline,
    /// Its content begins on a line of its own.
    Line,
    /// A blank line stands before and after it.
    Paragraph,
    /// Opens a section of this level.
    Heading(u8),
    List,
    Item,
    /// A list of terms, a term, and what it means.
    Terms,
    Term,
    Explanation,
    Table,
    /// The rows that name the columns.
    Head,
    /// Other groups of rows.
    Rows,
    Row,
    Cell {
        is_header: bool,
    },
    Caption,
    /// Lines and blanks stay as they are.
    Pre,
    /// Likewise, within a line.
    Code,
    /// Drawings and formulas, in which XML's rules hold.
    Foreign,
    /// Never shown.
    Hidden,
}

impl Role {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "p" | "blockquote" | "hr" | "figure" | "fieldset" => Self::Paragraph,
            "address" | "article" | "aside" | "body" | "button" | "center" | "details"
            | "dialog" | "dir" | "div" | "fieldgroup" | "figcaption" | "footer" | "form"
            | "head" | "header" | "hgroup" | "html" | "legend" | "main" | "nav" | "optgroup"
            | "option" | "search" | "section" | "select" | "summary" => Self::Line,
            "ul" | "ol" | "menu" => Self::List,
            "li" => Self::Item,
            "dl" => Self::Terms,
            "dt" => Self::Term,
            "dd" => Self::Explanation,
            "table" => Self::Table,
            "thead" => Self::Head,
            "tbody" | "tfoot" => Self::Rows,
            "tr" => Self::Row,
            "td" => Self::Cell { is_header: false },
            "th" => Self::Cell { is_header: true },
            "caption" => Self::Caption,
            "pre" | "listing" | "xmp" | "plaintext" => Self::Pre,
            "code" => Self::Code,
            "svg" | "math" => Self::Foreign,
            "audio" | "canvas" | "datalist" | "iframe" | "noembed" | "noframes" | "noscript"
            | "script" | "style" | "template" | "textarea" | "title" | "video" => Self::Hidden,
            _ => Self::Inline,
        }
    }

    /// Whether words before and after its tags stand apart.
    pub(super) fn is_block(self) -> bool {
        !matches!(
            self,
            Self::Inline | Self::Code | Self::Foreign | Self::Hidden
        )
    }

    /// Whether a blank line stands around it, outside of lists and tables.
    pub(super) fn is_paragraph(self) -> bool {
        matches!(
            self,
            Self::Paragraph | Self::Heading(_) | Self::List | Self::Terms | Self::Table | Self::Pre
        )
    }

    /// Whether its text stands further to the right.
    pub(super) fn indents(self) -> bool {
        matches!(self, Self::List | Self::Explanation)
    }

    /// Whether its lines and blanks are kept.
    pub(super) fn is_verbatim(self) -> bool {
        matches!(self, Self::Pre | Self::Code)
    }

    /// Whether an element of this role ends an open one of that name, because it cannot stand inside it.
    pub(super) fn ends(self, open: &str) -> bool {
        match self {
            Self::Item => open == "li",
            Self::Term | Self::Explanation => matches!(open, "dt" | "dd"),
            Self::Heading(_) => matches!(open, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
            Self::Cell { .. } => matches!(open, "td" | "th" | "caption"),
            Self::Row => matches!(open, "tr" | "caption"),
            Self::Head | Self::Rows => matches!(open, "thead" | "tbody" | "tfoot" | "caption"),
            _ => false,
        }
    }

    /// Whether what an element of the role `inner` ends lies outside of this one, and stays open.
    pub(super) fn shields_from(self, inner: Self) -> bool {
        let is_cell = matches!(self, Self::Cell { .. } | Self::Caption);
        match inner {
            Self::Table | Self::Head | Self::Rows | Self::Row | Self::Cell { .. } => {
                self == Self::Table
            }
            Self::Item if self == Self::List => true,
            Self::Term | Self::Explanation if self == Self::Terms => true,
            _ => is_cell || self == Self::Table,
        }
    }
}

/// Elements that have no content, and no end tag.
pub(super) fn is_empty(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// How the tokenizer must read the content of elements in which tags are no tags. All of them are hidden. Two that are not, `xmp` and
/// `plaintext`, are read like any other markup, so that no tag of theirs becomes text.
pub(super) fn raw_content(name: &str) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        "style" | "iframe" | "noembed" | "noframes" | "noscript" => Some(State::RawText),
        "textarea" | "title" => Some(State::RcData),
        _ => None,
    }
}
