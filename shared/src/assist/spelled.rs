//! Numbers that somebody spells out: a customer number, a postcode, a date of birth. They answer the agent, and ask for nothing; but every
//! article that speaks of counting lies near to them.

use unicode_segmentation::UnicodeSegmentation as _;

/// English ones; recognisers of other languages mostly write digits.
const NUMBERS: [&str; 33] = [
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "double",
    "triple",
];
/// Words of one letter that are no part of a code.
const WORDS: [&str; 3] = ["a", "i", "o"];

/// Whether at least half of the words are numbers, and none of them is a letter alone: that is a code, as `E fifteen oh three`.
pub fn is_number(text: &str) -> bool {
    let text = text.to_lowercase();
    let (mut numbers, mut words) = (0, 0);
    for word in text.unicode_words() {
        let is_letter = word.chars().count() == 1 && word.starts_with(char::is_alphabetic);
        if is_letter && !WORDS.contains(&word) {
            return false;
        }
        words += 1;
        let is_one = word.starts_with(char::is_numeric) || NUMBERS.contains(&word);
        numbers += usize::from(is_one);
    }
    numbers > 0 && 2 * numbers >= words
}
