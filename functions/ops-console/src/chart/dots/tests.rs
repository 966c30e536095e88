mod colours;

use super::*;
use proptest::prelude::*;

fn picture() -> Picture<'static> {
    Picture {
        id: "map",
        title: "A map",
        description: String::new(),
        unit: |number| number.to_string(),
    }
}

fn group(places: Vec<(f64, f64)>) -> Group {
    Group {
        name: "a name".to_owned(),
        places,
    }
}

/// The middles of the dots of a path.
fn middles(path: &str) -> Vec<(f64, f64)> {
    let read = |dot: &str| {
        let (place, _) = dot.split_once('m')?;
        let (x, y) = place.split_once(' ')?;
        Some((x.parse().ok()?, y.parse().ok()?))
    };
    path.split('M').filter_map(read).collect()
}

#[test]
fn groups_differ_in_shape() {
    let shapes: std::collections::BTreeSet<_> = SHAPES.iter().collect();
    assert_eq!(shapes.len(), MOST_GROUPS);
}

#[test]
fn a_long_name_ends_and_a_short_one_does_not() {
    assert_eq!(short("größer"), "größer");
    let long = short(&"ü".repeat(64));
    assert_eq!(long.chars().count(), MOST_LETTERS + 1);
}

proptest! {
    #[test]
    fn every_dot_is_drawn_inside_and_as_far_from_the_others_as_it_lies(
        places in prop::collection::vec((-1.0_f64..=1.0, -1.0_f64..=1.0), 1..50), index in 0..MOST_GROUPS,
    ) {
        let tallest = places.iter().fold(0.0, |most: f64, (_, y)| most.max(y.abs()));
        let middle = REACH * tallest + MARGIN;
        let drawn = middles(&path(&group(places.clone()), index, middle));
        prop_assert_eq!(drawn.len(), places.len());
        for ((x, y), (px, py)) in drawn.iter().zip(&places) {
            prop_assert!((3.0..=WIDTH - 3.0).contains(x) && (3.0..=middle * 2.0 - 3.0).contains(y), "{x} {y}");
            for ((x2, y2), (px2, py2)) in drawn.iter().zip(&places) {
                let (real, shown) = ((px - px2).hypot(py - py2), (x - x2).hypot(y - y2));
                prop_assert!((real * REACH - shown).abs() < 0.3, "{real} {shown}");
            }
        }
    }

    #[test]
    fn a_picture_has_a_name_for_each_group(counts in prop::collection::vec(1_usize..4, 0..MOST_GROUPS)) {
        let groups: Vec<_> = counts.iter().map(|count| group(vec![(0.5, -0.5); *count])).collect();
        let html = dots(&picture(), &groups).into_string();
        prop_assert_eq!(html.matches("<text").count(), groups.len());
        prop_assert_eq!(html.matches("<path").count(), groups.len() * 2);
    }
}
