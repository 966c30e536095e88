//! Dots in a plane, in groups. Groups differ by shape, not by colour alone.

use maud::{Markup, html};

use super::{Picture, WIDTH, frame, place, scale};

/// Dots that belong together.
pub(crate) struct Group {
    pub(crate) name: String,
    /// Both numbers between -1 and 1.
    pub(crate) places: Vec<(f64, f64)>,
}

/// So many groups look different: how each of their dots is drawn, as a path that begins in its middle. The style sheet has a colour for
/// each.
const SHAPES: [&str; 7] = [
    "m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
    "m-2-2h4v4h-4z",
    "m0-2.6 2.6 4.6h-5.2z",
    "m0-2.8 2.8 2.8-2.8 2.8-2.8-2.8z",
    "m-2.6 0h5.2m-2.6-2.6v5.2",
    "m0 2.6 2.6-4.6h-5.2z",
    "m-2-2 4 4m0-4-4 4",
];
/// The most groups that can be told apart.
pub(crate) const MOST_GROUPS: usize = SHAPES.len();
/// From the middle to the edge, and room for dots that lie on it.
const REACH: f64 = WIDTH / 2.0 - MARGIN;
const MARGIN: f64 = 8.0;
/// Room for the name of a group.
const EACH: f64 = 20.0;
/// A longer name would not fit beside its dot; the table has it whole.
const MOST_LETTERS: usize = 45;

/// All groups, those that come later on top of those before; below them their names.
pub(crate) fn dots(picture: &Picture<'_>, groups: &[Group]) -> Markup {
    let places = groups.iter().flat_map(|group| &group.places);
    let tallest = places.fold(0.0, |most: f64, (_, y)| most.max(y.abs()));
    let middle = REACH * tallest + MARGIN;
    let legend = middle * 2.0 + EACH / 2.0;
    let inside = html! {
        @for (index, group) in groups.iter().enumerate() {
            path class=(look(index)) d=(path(group, index, middle)) {}
        }
        @for (index, group) in groups.iter().enumerate() {
            @let y = legend + scale::number(index) * EACH;
            path class=(look(index)) d=(dot(index, MARGIN, y)) {}
            text class="axis" x=(MARGIN * 2.5) y=(place(y + 4.5)) { (short(&group.name)) }
        }
    };
    let height = legend + scale::number(groups.len()) * EACH;
    frame(picture, height, &inside)
}

fn look(index: usize) -> String {
    format!("dot dot-{}", index % MOST_GROUPS)
}

fn path(group: &Group, index: usize, middle: f64) -> String {
    let dots = group.places.iter();
    let dots = dots.map(|(x, y)| dot(index, WIDTH / 2.0 + x * REACH, middle - y * REACH));
    dots.collect()
}

fn dot(index: usize, x: f64, y: f64) -> String {
    let shape = SHAPES[index % MOST_GROUPS];
    format!("M{} {}{shape}", place(x), place(y))
}

fn short(name: &str) -> String {
    match name.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
