//! Columns over time.

use maud::{Markup, html};

use super::{HEIGHT, LEFT, PLOT, Picture, TOP, axes, frame, place, scale};

/// A column for each name.
pub(crate) fn columns(picture: &Picture<'_>, values: &[(String, f64)]) -> Markup {
    let (names, values): (Vec<_>, Vec<_>) = values.iter().cloned().unzip();
    let most = scale::end_of_scale(values.iter().copied());
    let columns = scale::columns(&values, PLOT, most);
    let inside = html! {
        (axes(picture, most, &names))
        @for one in columns.iter().filter(|one| one.height > 0.0) {
            rect class="first" x=(place(LEFT + one.x)) y=(place(TOP + one.y)) width=(place(one.width)) height=(place(one.height.max(1.0))) {}
        }
    };
    frame(picture, HEIGHT, &inside)
}
