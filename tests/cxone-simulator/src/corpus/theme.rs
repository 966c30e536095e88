//! What an article is about: a subject, a product, an audience, and a way of telling it.

use super::{
    language::Language,
    material::Both,
    section::Part,
    subjects::{SUBJECTS, subject},
};

const PRODUCTS: [&str; 24] = [
    "Fjord Router R1",
    "Fjord Router R2",
    "Fjord Router R3",
    "Halo Hub Mini",
    "Halo Hub 2",
    "Halo Hub Pro",
    "Pebble Cam Indoor",
    "Pebble Cam Outdoor",
    "Pebble Cam Duo",
    "Lumen Thermostat S",
    "Lumen Thermostat M",
    "Lumen Thermostat X",
    "Atlas Phone 5",
    "Atlas Phone 6",
    "Atlas Phone 6 Plus",
    "Tern Headset Air",
    "Tern Headset One",
    "Tern Headset Max",
    "Meridian TV Box",
    "Meridian TV Stick",
    "Meridian Sound Bar",
    "Quill Tablet 8",
    "Quill Tablet 10",
    "Quill Tablet 12",
];

const AUDIENCES: [Both; 4] = [
    ["home customers", "Privatkunden"],
    ["business customers", "Geschäftskunden"],
    ["prepaid customers", "Prepaid-Kunden"],
    ["public institutions", "öffentliche Einrichtungen"],
];

/// A way of telling: how the title begins, and what comes first.
struct Telling {
    title: Both,
    opening: &'static [Part],
}

const TELLINGS: [Telling; 5] = [
    Telling {
        title: ["", ""],
        opening: &[
            Part::Facts,
            Part::Steps,
            Part::Trouble,
            Part::Remark,
            Part::Links,
        ],
    },
    Telling {
        title: ["When it does not work: ", "Wenn es nicht klappt: "],
        opening: &[
            Part::Trouble,
            Part::Facts,
            Part::Steps,
            Part::Code,
            Part::Cases,
        ],
    },
    Telling {
        title: ["Questions and answers: ", "Fragen und Antworten: "],
        opening: &[Part::Questions, Part::Facts, Part::Picture, Part::Remark],
    },
    Telling {
        title: ["Times and fees: ", "Zeiten und Gebühren: "],
        opening: &[Part::Fees, Part::Facts, Part::Remark, Part::Steps],
    },
    Telling {
        title: ["In brief: ", "Kurz erklärt: "],
        opening: BRIEF,
    },
];

/// The opening of the shortest articles.
const BRIEF: &[Part] = &[Part::Facts, Part::Remark, Part::Trouble];

/// How many themes there are; articles beyond share theirs with an earlier one, though not their text.
pub(super) const THEMES: u64 =
    (SUBJECTS * PRODUCTS.len() * TELLINGS.len() * AUDIENCES.len()) as u64;

/// A prime that shares no factor with [`THEMES`], so that its multiples visit every theme once.
const STRIDE: u64 = 7_919;

/// See the module.
pub(super) struct Theme {
    /// Counts through the subjects of all topics.
    pub(super) subject: usize,
    pub(super) product: &'static str,
    telling: usize,
    audience: usize,
}

impl Theme {
    /// The theme of the `nth` article: no two of [`THEMES`] are the same, and neighbours have little in common.
    pub(super) fn of(seed: u64, nth: u64) -> Self {
        let number = (nth % THEMES * STRIDE + seed % THEMES) % THEMES;
        // It is below a product of usizes.
        let mut rest = usize::try_from(number).unwrap_or(0);
        let mut next = |count: usize| {
            let place = rest % count;
            rest /= count;
            place
        };
        Self {
            subject: next(SUBJECTS),
            product: PRODUCTS[next(PRODUCTS.len())],
            telling: next(TELLINGS.len()),
            audience: next(AUDIENCES.len()),
        }
    }

    pub(super) fn title(&self, language: Language) -> String {
        let beginning = language.of(TELLINGS[self.telling].title);
        let subject = language.of(subject(self.subject).title);
        let link = language.of(["for", "für"]);
        let audience = language.of(AUDIENCES[self.audience]);
        format!("{beginning}{subject} – {} {link} {audience}", self.product)
    }

    /// The first line of an article, which no article of another theme shares.
    pub(super) fn beginning(&self, language: Language) -> String {
        let (about, link) = (language.of(["About", "Zu"]), language.of(["for", "für"]));
        let audience = language.of(AUDIENCES[self.audience]);
        format!(
            "<p class=\"scope\">{about} {}, {link} {audience}.</p>\n",
            self.product
        )
    }

    /// What an article of about this many bytes begins with.
    pub(super) fn opening(&self, bytes: usize) -> &'static [Part] {
        if bytes < 600 {
            BRIEF
        } else {
            TELLINGS[self.telling].opening
        }
    }
}
