//! Bars of named things, one below the other.

use maud::{Markup, html};

use super::{Picture, WIDTH, frame, place, scale};

/// A thing with its value.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// What stands behind the bar.
    pub(crate) said: String,
}

/// Room for a bar with its name.
const EACH: f64 = 26.0;
/// Where bars begin, and how long the longest is.
const BEGIN: f64 = 140.0;
const LONGEST: f64 = WIDTH - BEGIN - 110.0;

/// A bar for each thing, the longest as long as there is room.
pub(crate) fn bars(picture: &Picture<'_>, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let inside = html! {
        @for (index, bar) in bars.iter().enumerate() {
            @let y = scale::number(index) * EACH;
            @let length = length(bar.value, most);
            text class="axis" x=(BEGIN - 8.0) y=(place(y + 17.0)) text-anchor="end" { (bar.name) }
            rect class="first" x=(BEGIN) y=(place(y + 5.0)) width=(place(length)) height="16" {}
            text class="value" x=(place(BEGIN + length + 6.0)) y=(place(y + 17.0)) { (bar.said) }
        }
    };
    frame(picture, scale::number(bars.len()) * EACH, &inside)
}

/// Whatever is there at all can be seen.
fn length(value: f64, most: f64) -> f64 {
    if value <= 0.0 || most <= 0.0 {
        return 0.0;
    }
    (value / most * LONGEST).clamp(1.0, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bar_is_as_long_as_its_value_and_never_too_long(value in 0.0_f64..1e9, most in 0.0_f64..1e9) {
            let length = length(value, most);
            prop_assert!((0.0..=LONGEST).contains(&length));
            prop_assert_eq!(length > 0.0, value > 0.0 && most > 0.0);
        }
    }
}
