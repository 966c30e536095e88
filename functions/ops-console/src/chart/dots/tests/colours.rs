//! The colours of groups, as people see them who lack a kind of cone (the matrices of Machado, Oliveira and Fernandes, 2009).

use super::super::MOST_GROUPS;

type Colour = [f64; 3];

const STYLE: &str = include_str!("../../../style.css");
/// What WCAG 2.2 asks of graphics.
const LEAST_CONTRAST: f64 = 3.0;
/// Ten times what an eye just tells apart side by side.
const LEAST_DIFFERENCE: f64 = 25.0;

const VISIONS: [(&str, [Colour; 3]); 4] = [
    (
        "all cones",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "no red",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "no green",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "no blue",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// The values of a variable by day and by night, as amounts of light.
fn read(name: &str) -> Vec<Colour> {
    let name = format!("{name}: #");
    let values = STYLE.split(&name).skip(1);
    let part =
        |hex: &str, at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
    let light = |part: f64| {
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    values
        .map(|hex| [0, 2, 4].map(|at| light(part(hex, at))))
        .collect()
}

fn weigh(weights: Colour, colour: Colour) -> f64 {
    weights
        .iter()
        .zip(colour)
        .map(|(weight, part)| weight * part)
        .sum()
}

fn luminance(colour: Colour) -> f64 {
    weigh([0.2126, 0.7152, 0.0722], colour)
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    (a / b).max(b / a)
}

fn seen(vision: [Colour; 3], colour: Colour) -> Colour {
    vision.map(|row| weigh(row, colour).clamp(0.0, 1.0))
}

/// A colour in CIELAB, in which a distance is how unlike two colours look.
fn lab(colour: Colour) -> Colour {
    let bend = |light: f64| {
        if light > 0.008_856 {
            light.cbrt()
        } else {
            7.787 * light + 16.0 / 116.0
        }
    };
    let red = bend(weigh([0.4124, 0.3576, 0.1805], colour) / 0.950_47);
    let green = bend(luminance(colour));
    let blue = bend(weigh([0.0193, 0.1192, 0.9505], colour) / 1.088_83);
    [
        116.0 * green - 16.0,
        500.0 * (red - green),
        200.0 * (green - blue),
    ]
}

fn difference(one: Colour, other: Colour) -> f64 {
    let squares = lab(one).into_iter().zip(lab(other));
    let squares = squares.map(|(one, other)| (one - other).powi(2));
    squares.sum::<f64>().sqrt()
}

#[test]
fn everybody_can_tell_the_colours_of_groups_apart_by_day_and_by_night() {
    let panels = read("--panel");
    let groups: Vec<_> = (0..MOST_GROUPS)
        .map(|index| read(&format!("--dot-{index}")))
        .collect();
    assert_eq!(panels.len(), 2);
    for (time, panel) in panels.iter().enumerate() {
        for (one, colours) in groups.iter().enumerate() {
            assert!(STYLE.contains(&format!(".dot-{one} {{")));
            let contrast = contrast(colours[time], *panel);
            assert!(contrast >= LEAST_CONTRAST, "{one}: {contrast}");
            for (vision, cones) in VISIONS {
                for (other, others) in groups.iter().enumerate().skip(one + 1) {
                    let difference =
                        difference(seen(cones, colours[time]), seen(cones, others[time]));
                    assert!(
                        difference >= LEAST_DIFFERENCE,
                        "{one} and {other}, {vision}: {difference}"
                    );
                }
            }
        }
    }
}
