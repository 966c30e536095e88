use proptest::prelude::*;

use super::*;

const WIDTH: u16 = 6;

fn vector(numbers: &[f32]) -> Embedding {
    Embedding::parse(numbers.to_vec(), u16::try_from(numbers.len()).unwrap()).unwrap()
}

fn vectors() -> impl Strategy<Value = Vec<Embedding>> {
    let numbers = prop::collection::vec(-1.0_f32..1.0, usize::from(WIDTH));
    let sound = numbers.prop_filter_map("has a length", |numbers| {
        (length(&numbers) > 0.1).then(|| vector(&numbers))
    });
    prop::collection::vec(sound, 0..40)
}

/// How much of a difference the rows have along a direction.
fn spread(rows: &Rows, direction: &[f32]) -> f32 {
    let along = rows.along(direction);
    dot(&along, &along)
}

fn is_near(a: Place, b: Place) -> bool {
    (a.x - b.x).abs() < 1e-2 && (a.y - b.y).abs() < 1e-2
}

proptest! {
    #[test]
    fn every_vector_has_a_place_inside(vectors in vectors()) {
        let places = lay_out(&vectors);
        prop_assert_eq!(places.len(), vectors.len());
        for place in &places {
            prop_assert!((-1.0..=1.0).contains(&place.x) && (-1.0..=1.0).contains(&place.y), "{place:?}");
        }
        let differ = vectors.iter().any(|one| one.cosine(&vectors[0]) < 0.99);
        let reaches_the_edge = places.iter().any(|one| one.x.abs().max(one.y.abs()) > 0.999);
        prop_assert!(!differ || reaches_the_edge);
    }

    #[test]
    fn no_other_direction_differs_more(vectors in vectors(), other in prop::collection::vec(-1.0_f32..1.0, usize::from(WIDTH))) {
        let rows = Rows::centred(&vectors);
        let found = spread(&rows, &rows.longest());
        let mut other = other;
        make_unit(&mut other);
        // After forty rounds what differs by a quarter more is told apart in all but one of a hundred million.
        prop_assert!(spread(&rows, &other) <= found * 1.25 + 1e-5);
        for axis in 0..usize::from(WIDTH) {
            let mut one = vec![0.0; usize::from(WIDTH)];
            one[axis] = 1.0;
            prop_assert!(spread(&rows, &one) <= found * 1.001 + 1e-5);
        }
    }

    #[test]
    fn the_second_direction_is_another_one(vectors in vectors()) {
        let mut rows = Rows::centred(&vectors);
        let first = rows.longest();
        rows.take_out_longest();
        let second = rows.longest();
        let is_rounding = spread(&rows, &second) < 1e-6;
        prop_assert!(is_rounding || dot(&first, &second).abs() < 1e-2);
        prop_assert!(spread(&rows, &first) < 1e-6 * f32::from(u16::try_from(vectors.len()).unwrap()) + 1e-6);
    }

    #[test]
    fn lengths_do_not_matter(vectors in vectors(), power in -4..5) {
        // By powers of two, which are multiplied by without rounding.
        let times = 2.0_f32.powi(power);
        let longer = vectors.iter().map(|one| one.as_slice().iter().map(|number| number * times).collect::<Vec<_>>());
        let longer: Vec<_> = longer.map(|numbers| vector(&numbers)).collect();
        prop_assert_eq!(lay_out(&vectors), lay_out(&longer));
    }

    /// Of points in a plane, however it lies in the space, the distances stay as they are, but for one scale.
    #[test]
    fn what_lies_in_a_plane_keeps_its_shape(
        points in prop::collection::vec((-0.2_f32..0.2, -0.2_f32..0.2), 3..20), turn in 0.0_f32..3.0,
    ) {
        let (sin, cos) = turn.sin_cos();
        let vectors: Vec<_> = points.iter().map(|(a, b)| {
            let (a, b) = (a * cos - b * sin, a * sin + b * cos);
            vector(&[a * 0.6, b, a * 0.8, 0.0, (1.0 - a * a - b * b).sqrt()])
        }).collect();
        let places = lay_out(&vectors);
        let apart = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
        let mut scales = Vec::new();
        for (one, place) in points.iter().zip(&places) {
            for (other, there) in points.iter().zip(&places) {
                let real = apart(*one, *other);
                if real > 0.05 {
                    scales.push(apart((place.x, place.y), (there.x, there.y)) / real);
                }
            }
        }
        let (least, most) = scales.iter().fold((f32::MAX, 0.0_f32), |(a, b), one| (a.min(*one), b.max(*one)));
        prop_assert!(scales.is_empty() || most <= least * 1.6, "{least} {most}");
    }
}

#[test]
fn groups_lie_apart_and_the_same_lies_together() {
    let group = |at: usize| {
        (0..10_u8).map(move |number| {
            let mut numbers = [0.02 * f32::from(number), 0.0, 0.0, 0.0];
            numbers[at] += 1.0;
            vector(&numbers)
        })
    };
    let vectors: Vec<_> = (1..4).flat_map(group).collect();
    let places = lay_out(&vectors);
    let apart = |a: Place, b: Place| (a.x - b.x).hypot(a.y - b.y);
    for one in 0..30 {
        for other in 0..30 {
            let distance = apart(places[one], places[other]);
            assert_eq!(
                distance < 0.5,
                one / 10 == other / 10,
                "{one} {other}: {distance}"
            );
        }
    }
    let twice = [vectors[0].clone(), vectors[0].clone(), vectors[15].clone()];
    let places = lay_out(&twice);
    assert!(is_near(places[0], places[1]) && !is_near(places[0], places[2]));
}

#[test]
fn what_is_nothing_to_compare_lies_in_the_middle() {
    let one = vector(&[1.0, 2.0]);
    for vectors in [vec![], vec![one.clone()], vec![one.clone(), one]] {
        let places = lay_out(&vectors);
        assert_eq!(places, vec![Place::default(); vectors.len()]);
    }
}

#[test]
fn the_order_of_the_vectors_changes_no_place() {
    let mut random = fastrand::Rng::with_seed(5);
    let mut numbers = || [8.0, 4.0, 2.0, 1.0, 0.5].map(|most| (random.f32() - 0.5) * most);
    let mut vectors: Vec<_> = (0..50).map(|_| vector(&numbers())).collect();
    let places = lay_out(&vectors);
    vectors.reverse();
    let reversed = lay_out(&vectors);
    for (a, b) in places.into_iter().zip(reversed.into_iter().rev()) {
        assert!(is_near(a, b), "{a:?} {b:?}");
    }
}

#[test]
fn a_row_that_lies_across_is_no_place_to_begin_for_all() {
    let rows = [
        [0.8, 0.6, 0.0],
        [0.8, 0.6, 0.0],
        [0.8, -0.6, 0.0],
        [0.8, -0.6, 0.0],
        [0.7, 0.0, 0.714],
        [0.7, 0.0, -0.714],
    ];
    let rows = Rows::centred(&rows.map(|row| vector(&row)));
    assert!(spread(&rows, &rows.longest()) > 1.4);
}
