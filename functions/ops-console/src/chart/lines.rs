//! Lines over time. They differ by dashes and marks, not by colour alone.

use maud::{Markup, html};

use super::{HEIGHT, LEFT, PLOT, Picture, TOP, axes, frame, place, scale};

/// A line; where nothing was measured it is broken.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) values: Vec<Option<f64>>,
}

/// How the first and the second line look.
const LOOKS: [(&str, &str); 2] = [("line first", "mark first"), ("line second", "mark second")];
/// More marks than these would hide the line.
const MOST_MARKS: usize = 30;
/// Above the plot, for the names of the lines.
const LEGEND: f64 = 18.0;

/// Up to two lines over the same names.
pub(crate) fn lines(picture: &Picture<'_>, names: &[String], lines: &[Line]) -> Markup {
    let all = lines.iter().flat_map(|line| &line.values);
    let most = scale::end_of_scale(all.filter_map(|value| *value));
    let inside = html! {
        g transform=(format!("translate(0 {LEGEND})")) {
            (axes(picture, most, names))
            @for (line, (look, mark)) in lines.iter().zip(LOOKS) {
                @let parts = parts(&line.values, most);
                @for part in &parts {
                    polyline class=(look) points=(path(part)) {}
                    @if names.len() <= MOST_MARKS || part.len() == 1 {
                        @for (x, y) in part { (dot(mark, *x, *y)) }
                    }
                }
            }
        }
        @for (index, (line, (look, mark))) in lines.iter().zip(LOOKS).enumerate() {
            @let x = LEFT + scale::number(index) * 170.0;
            polyline class=(look) points=(format!("{x},10 {},10", x + 24.0)) {}
            (dot(mark, x + 12.0, 10.0))
            text class="axis" x=(x + 30.0) y="14" { (line.name) }
        }
    };
    frame(picture, HEIGHT + LEGEND, &inside)
}

/// Round for the first line, square for the second.
fn dot(mark: &str, x: f64, y: f64) -> Markup {
    html! {
        @if mark.ends_with("first") {
            circle class=(mark) cx=(place(x)) cy=(place(y)) r="3" {}
        } @else {
            rect class=(mark) x=(place(x - 2.5)) y=(place(y - 2.5)) width="5" height="5" {}
        }
    }
}

/// The places of the values, in parts without a gap.
fn parts(values: &[Option<f64>], most: f64) -> Vec<Vec<(f64, f64)>> {
    let mut parts = vec![Vec::new()];
    for (index, value) in values.iter().enumerate() {
        match (value, parts.last_mut()) {
            (Some(value), Some(part)) => {
                let (x, y) = scale::point(index, values.len(), *value, PLOT, most);
                part.push((LEFT + x, TOP + y));
            }
            _ => parts.push(Vec::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn path(part: &[(f64, f64)]) -> String {
    let points = part
        .iter()
        .map(|(x, y)| format!("{},{}", place(*x), place(*y)));
    points.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_nothing_was_measured() {
        let values = [None, Some(1.0), Some(2.0), None, None, Some(1.0)];
        let lengths: Vec<_> = parts(&values, 2.0).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1]);
        assert!(parts(&[None], 1.0).is_empty());
    }
}
