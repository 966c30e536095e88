//! Digits as a caller says them, and as a transcript writes that down.

use fastrand::Rng;

const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// The digits of a number in words. Pauses become commas; a zero is often an `oh`, and two that are alike are sometimes `double`.
pub(super) fn spoken(rng: &mut Rng, written: &str) -> String {
    let digits: Vec<_> = written.chars().filter_map(|c| c.to_digit(10)).collect();
    let (says_oh, says_double, pauses) = (rng.bool(), rng.u8(..4) == 0, rng.bool());
    let word = |digit: u32| match digit {
        0 if says_oh => "oh",
        _ => WORDS[digit as usize],
    };
    let mut said = String::new();
    let mut at = 0;
    while at < digits.len() {
        if !said.is_empty() {
            said.push_str(if pauses && at % 4 == 0 { ", " } else { " " });
        }
        if says_double && digits.get(at + 1) == Some(&digits[at]) {
            said.push_str("double ");
            at += 1;
        }
        said.push_str(word(digits[at]));
        at += 1;
    }
    said
}
