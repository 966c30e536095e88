//! A made-up knowledge base of any size: a provider of network, phones and devices for the home, in English and German.
//!
//! Everything follows from the seed and the place of an article, so that a smaller corpus is the start of a larger one. Among its
//! articles are drafts and archived ones, some without one of the languages, some changed at the same instant, some with broken or
//! active HTML; the text of scripts, styles and comments says `dataLayer`, which no reader ever sees.

mod blemish;
mod dice;
mod figures;
mod language;
mod listing;
mod material;
mod outline;
mod pen;
mod section;
mod snippets;
mod subjects;
mod theme;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::knowledge::{Article, Locale, Status};
use blemish::Blemishes;
use dice::Dice;
use language::Language;
use material::TOPICS;
use theme::Theme;

/// The territories that articles hold in.
pub const TERRITORIES: [&str; 6] = ["US", "CA", "GB", "DE", "AT", "CH"];
/// Those of articles that are in German only.
const GERMAN_TERRITORIES: &[&str] = &["DE", "AT", "CH"];
/// 2023-01-01; all articles were last changed in the three years from then on.
const FIRST_DAY: i64 = 1_672_531_200;
const THREE_YEARS_MS: usize = 1_096 * 86_400 * 1_000;
/// So many neighbours come out of one import, if they do, and share their date.
const IMPORT: u64 = 10;

/// The first `count` articles of a seed.
pub fn corpus(seed: u64, count: usize) -> Vec<Article> {
    (0..count as u64).map(|nth| article(seed, nth)).collect()
}

/// The uuid of every category and what it is called in English; the same for every seed.
pub fn categories() -> Vec<(String, &'static str)> {
    let category = |(place, topic): (usize, &material::Topic)| (category(place), topic.name[0]);
    TOPICS.iter().enumerate().map(category).collect()
}

fn category(topic: usize) -> String {
    uuid(&mut Dice::new(0, topic as u64))
}

fn article(seed: u64, nth: u64) -> Article {
    let mut dice = Dice::new(seed, nth);
    let theme = Theme::of(seed, nth);
    let sections = outline::outline(&theme, &mut dice);
    let blemishes = Blemishes::draw(sections.len(), &mut dice);
    let (languages, territories) = languages(&mut dice);
    let locale = |language: &Language| {
        let title = theme.title(*language);
        let content = blemishes.write(&theme.beginning(*language), &sections, *language);
        (language.tag().to_owned(), Locale { title, content })
    };
    Article {
        uuid: uuid(&mut dice),
        locales: languages.iter().map(locale).collect(),
        modified_date: modified(seed, nth, &mut dice),
        version: 1 + dice.below(30) as u64,
        territory: (*dice.pick(territories)).to_owned(),
        category_uuid: category(theme.subject / material::SUBJECTS_OF_TOPIC),
        status: status(&mut dice),
    }
}

fn languages(dice: &mut Dice) -> (&'static [Language], &'static [&'static str]) {
    match dice.below(100) {
        0..12 => (&[Language::English], &TERRITORIES),
        12..20 => (&[Language::German], GERMAN_TERRITORIES),
        _ => (&[Language::English, Language::German], &TERRITORIES),
    }
}

fn status(dice: &mut Dice) -> Status {
    match dice.below(100) {
        0..7 => Status::Draft,
        7..12 => Status::Archived,
        _ => Status::Published,
    }
}

fn modified(seed: u64, nth: u64, own: &mut Dice) -> Timestamp {
    let mut import = Dice::new(!seed, nth / IMPORT);
    let dice = if import.percent(20) { &mut import } else { own };
    // It is far below the largest i64, and the sum is a date.
    let millis = i64::try_from(dice.below(THREE_YEARS_MS)).unwrap_or(0);
    Timestamp::from_millisecond(FIRST_DAY * 1_000 + millis).unwrap_or_default()
}

/// A version 4 UUID, as far as its form goes.
fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.roll(), dice.roll());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
