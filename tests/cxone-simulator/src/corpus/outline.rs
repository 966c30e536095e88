//! Which sections an article has: those of its theme, then related ones until it is as long as it should be.

use super::{
    dice::Dice,
    language::Language,
    material::SUBJECTS_OF_TOPIC,
    section::{Part, Scene, Section},
    subjects::{SUBJECTS, of_same_topic},
    theme::Theme,
};

/// German is longer than the English that is measured, and blemishes come on top: together they stay under 40 kB.
const MOST_MEASURED: usize = 32_000;

const RELATED: [Part; 14] = [
    Part::Facts,
    Part::Steps,
    Part::Facts,
    Part::Steps,
    Part::Trouble,
    Part::Trouble,
    Part::Questions,
    Part::Fees,
    Part::Cases,
    Part::Changes,
    Part::Code,
    Part::Remark,
    Part::Links,
    Part::Picture,
];

/// The sections of an article.
pub(super) fn outline(theme: &Theme, dice: &mut Dice) -> Vec<Section> {
    let target = target(dice);
    let scene = Scene {
        product: theme.product,
        seed: dice.roll(),
    };
    let mut sections: Vec<Section> = Vec::new();
    let mut measured = String::new();
    let mut opening = theme.opening(target).iter();
    let mut related = 0;
    while measured.len() < target {
        let (part, subject) = if let Some(part) = opening.next() {
            (*part, theme.subject)
        } else {
            related += 1;
            (*dice.pick(&RELATED), nth_related(theme.subject, related))
        };
        if sections.iter().any(|it| says_the_same(it, part, subject)) {
            continue;
        }
        let section = Section {
            part,
            subject,
            scene,
            seed: dice.roll(),
        };
        section.write(Language::English, &mut measured);
        if measured.len() > MOST_MEASURED {
            break;
        }
        sections.push(section);
    }
    sections
}

/// Some parts are about a whole topic, and once is enough.
fn says_the_same(section: &Section, part: Part, subject: usize) -> bool {
    let about_the_topic = !matches!(
        part,
        Part::Facts | Part::Steps | Part::Trouble | Part::Picture
    );
    let same_topic = of_same_topic(subject).contains(&section.subject);
    section.part == part && (section.subject == subject || about_the_topic && same_topic)
}

/// Most articles are short, some are handbooks.
fn target(dice: &mut Dice) -> usize {
    let (from, to) = match dice.below(100) {
        0..10 => (300, 500),
        10..35 => (600, 1_500),
        35..82 => (1_500, 4_000),
        82..96 => (4_000, 10_000),
        _ => (10_000, MOST_MEASURED),
    };
    from + dice.below(to - from)
}

/// First the other subjects of the topic, then those of all topics in turn.
fn nth_related(subject: usize, nth: usize) -> usize {
    if nth < SUBJECTS_OF_TOPIC {
        return subject / SUBJECTS_OF_TOPIC * SUBJECTS_OF_TOPIC
            + (subject + nth) % SUBJECTS_OF_TOPIC;
    }
    (subject + 5 * nth) % SUBJECTS
}
