//! The keys above a value give it its meaning.

use crate::text::pii::{Finding, find};

/// A longer key is no name of a field.
const LONGEST_KEY: usize = 64;

/// What is found in a value when its keys, the outermost first, stand before it as words.
pub(super) fn find_under<'k>(keys: impl Iterator<Item = &'k str>, text: &str) -> Vec<Finding> {
    let mut keys: Vec<_> = keys.collect();
    keys.retain(|key| (1..=LONGEST_KEY).contains(&key.len()));
    keys.dedup();
    let mut context = String::new();
    for key in &keys[keys.len().saturating_sub(2)..] {
        push_words(&mut context, key);
    }
    let start = context.len();
    context.push_str(text);
    let inside = |finding: Finding| {
        let range = finding.range.start.checked_sub(start)?..finding.range.end - start;
        Some(Finding { range, ..finding })
    };
    find(&context).into_iter().filter_map(inside).collect()
}

/// `cardNumber` is the words `card number`, as `card_number` is anyway.
fn push_words(context: &mut String, key: &str) {
    let mut was_lower = false;
    for letter in key.chars() {
        if letter.is_uppercase() && was_lower {
            context.push(' ');
        }
        was_lower = letter.is_lowercase();
        context.push(letter);
    }
    context.push_str(": ");
}
