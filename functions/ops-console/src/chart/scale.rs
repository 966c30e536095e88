//! From values to places.

/// The part of a picture in which values have places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A rectangle; `y` is its upper edge, counted from above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The end of a scale on which every value has room: 1, 2 or 5 times a power of ten. Where nothing is, it is 1.
pub(super) fn end_of_scale(values: impl IntoIterator<Item = f64>) -> f64 {
    let most = values
        .into_iter()
        .filter(|one| one.is_finite())
        .fold(0.0, f64::max);
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let fits = |step: &f64| step * power >= most;
    steps.into_iter().find(fits).unwrap_or(10.0) * power
}

/// A column for each value, side by side, each with its share of the width.
pub(super) fn columns(values: &[f64], plot: Plot, most: f64) -> Vec<Rectangle> {
    let each = plot.width / number(values.len().max(1));
    let column = |(index, value): (usize, &f64)| {
        let height = plot.height * (value / most).clamp(0.0, 1.0);
        Rectangle {
            x: each * (number(index) + 0.1),
            y: plot.height - height,
            width: each * 0.8,
            height,
        }
    };
    values.iter().enumerate().map(column).collect()
}

/// The place of a value among so many.
pub(super) fn point(index: usize, of: usize, value: f64, plot: Plot, most: f64) -> (f64, f64) {
    let each = plot.width / number(of.max(1));
    let share = (value / most).clamp(0.0, 1.0);
    (each * (number(index) + 0.5), plot.height * (1.0 - share))
}

/// A count as a number of units.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLOT: Plot = Plot {
        width: 300.0,
        height: 100.0,
    };

    #[test]
    fn a_scale_ends_at_a_round_number() {
        for (values, end) in [
            (&[][..], 1.0),
            (&[0.0], 1.0),
            (&[f64::NAN, 3.0], 5.0),
            (&[1.0], 1.0),
            (&[0.3, 7.0], 10.0),
            (&[120.0], 200.0),
            (&[1_001.0], 2_000.0),
        ] {
            let found = end_of_scale(values.iter().copied());
            assert!((found - end).abs() < 1e-9, "{values:?}: {found}");
        }
    }

    proptest! {
        #[test]
        fn every_value_has_room_and_none_is_squeezed(values in proptest::collection::vec(0.0_f64..1e9, 1..60)) {
            let end = end_of_scale(values.iter().copied());
            let most = values.iter().copied().fold(0.0, f64::max);
            prop_assert!(end >= most);
            prop_assert!(most < 1e-9 || end <= most * 2.5 + 1e-9, "{most} of {end}");
        }

        #[test]
        fn columns_stand_side_by_side_inside_and_are_as_high_as_their_values(
            values in proptest::collection::vec(0.0_f64..1e6, 1..80),
        ) {
            let end = end_of_scale(values.iter().copied());
            let columns = columns(&values, PLOT, end);
            prop_assert_eq!(columns.len(), values.len());
            for (column, value) in columns.iter().zip(&values) {
                prop_assert!(column.x >= 0.0 && column.x + column.width <= PLOT.width);
                prop_assert!(column.y >= -1e-9 && (column.y + column.height - PLOT.height).abs() < 1e-6);
                prop_assert!((column.height / PLOT.height - value / end).abs() < 1e-6);
            }
            for pair in columns.windows(2) {
                prop_assert!(pair[0].x + pair[0].width < pair[1].x);
            }
        }

        #[test]
        fn a_larger_value_lies_higher(a in 0.0_f64..100.0, b in 0.0_f64..100.0, index in 0_usize..10) {
            let (x, low) = point(index, 10, a.min(b), PLOT, 100.0);
            let (_, high) = point(index, 10, a.max(b), PLOT, 100.0);
            prop_assert!(high <= low && (0.0..=PLOT.height).contains(&high) && (0.0..=PLOT.width).contains(&x));
        }
    }
}
