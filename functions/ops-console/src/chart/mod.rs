//! Pictures as SVG. Each has a title and a description for who does not see it; its table stands beside it. Pure.
//!
//! Colours are classes, which the style sheet fills for light and for dark; no picture depends on colour alone.

mod bars;
mod columns;
mod dots;
mod lines;
mod scale;

use maud::{Markup, html};

pub(crate) use bars::{Bar, bars};
pub(crate) use columns::columns;
pub(crate) use dots::{Group, MOST_GROUPS, dots};
pub(crate) use lines::{Line, lines};

/// What stands in a picture, whatever its kind.
pub(crate) struct Picture<'a> {
    /// Unlike that of every other picture of the page.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The main thing in words, for who does not see it.
    pub(crate) description: String,
    /// How a value of the axis is written.
    pub(crate) unit: fn(f64) -> String,
}

/// The width of every picture in its own units. Text of 13 of them can be read on a phone.
const WIDTH: f64 = 400.0;
/// The height of those with axes.
const HEIGHT: f64 = 180.0;
/// Room beside the plot for what stands at the axes.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;
/// The plot itself.
const PLOT: scale::Plot = scale::Plot {
    width: WIDTH - LEFT - RIGHT,
    height: HEIGHT - TOP - BOTTOM,
};

fn frame(picture: &Picture<'_>, height: f64, inside: &Markup) -> Markup {
    let (title, description) = (
        format!("{}-title", picture.id),
        format!("{}-text", picture.id),
    );
    html! {
        svg role="img" aria-labelledby=(format!("{title} {description}")) viewBox=(format!("0 0 {WIDTH} {height}")) {
            title id=(title) { (picture.title) }
            desc id=(description) { (picture.description) }
            (inside)
        }
    }
}

/// Lines at nothing, at half and at the end of the scale, with their values; names below, as many as there is room for.
fn axes(picture: &Picture<'_>, most: f64, names: &[String]) -> Markup {
    let levels = [0.0, 0.5, 1.0];
    let last = names.len().saturating_sub(1);
    let places = [(0, "start"), (last / 2, "middle"), (last, "end")];
    html! {
        @for level in levels {
            @let y = TOP + PLOT.height * (1.0 - level);
            line class="grid" x1=(LEFT) x2=(WIDTH - RIGHT) y1=(place(y)) y2=(place(y)) {}
            text class="axis" x=(LEFT - 6.0) y=(place(y + 4.0)) text-anchor="end" { ((picture.unit)(most * level)) }
        }
        @for (index, anchor) in places {
            @if let Some(name) = names.get(index) {
                @let x = match anchor { "start" => LEFT, "end" => WIDTH - RIGHT, _ => LEFT + PLOT.width / 2.0 };
                text class="axis" x=(place(x)) y=(HEIGHT - 6.0) text-anchor=(anchor) { (name) }
            }
        }
    }
}

/// A place in a picture: a tenth of a unit cannot be seen.
fn place(number: f64) -> String {
    format!("{number:.1}")
}
