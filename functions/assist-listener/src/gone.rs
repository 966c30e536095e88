//! Channels that are gone from a frame, while nobody has read the frame before it: a call that ends may be told without any, and one of three
//! who talk may leave.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use shared::transcript::frame::{Heard, Line};

/// So many bytes of two texts are compared.
const BEGINNING: usize = 400;

/// Adds to the newer frame what the one before it has and nobody read: as many channels as are gone, and of them those that begin least like
/// one that stayed.
pub(crate) fn keep(newer: &mut Heard, unread: &Heard) {
    if unread.lines.iter().any(|line| line.number.is_some()) {
        return keep_numbered(newer, unread);
    }
    let gone = unread.lines.len().saturating_sub(newer.lines.len());
    if gone == 0 {
        return;
    }
    let mut pairs = Vec::new();
    for (place, new) in newer.lines.iter().enumerate() {
        for (number, old) in unread.lines.iter().enumerate() {
            pairs.push((
                Reverse(alike(new, old)),
                place.abs_diff(number),
                place,
                number,
            ));
        }
    }
    pairs.sort_unstable();
    let mut stayed = vec![None; unread.lines.len()];
    for (_, _, place, number) in pairs {
        if stayed[number].is_none() && !stayed.contains(&Some(place)) {
            stayed[number] = Some(place);
        }
    }
    let lines = unread.lines.iter().zip(stayed);
    let gone = lines.filter(|(line, stayed)| stayed.is_none() && !line.transcript.is_empty());
    newer.lines.extend(gone.map(|(line, _)| line.clone()));
}

/// The same where each line is an utterance with its number: those are missing that were forgotten for want of room, the oldest.
fn keep_numbered(newer: &mut Heard, unread: &Heard) {
    let name = |line: &Line| (line.number, line.speaker);
    let told: BTreeSet<_> = newer.lines.iter().map(name).collect();
    let missing = unread.lines.iter().filter(|one| !told.contains(&name(one)));
    newer.lines.splice(..0, missing.cloned());
}

/// How many bytes two texts have in common, from the beginning on.
fn alike(one: &Line, other: &Line) -> usize {
    let bytes = one.transcript.bytes().zip(other.transcript.bytes());
    bytes
        .take(BEGINNING)
        .take_while(|(one, other)| one == other)
        .count()
}

#[cfg(test)]
mod tests {
    use shared::domain::InteractionId;

    use super::*;

    fn heard(texts: &[&str]) -> Heard {
        let line = |text: &&str| Line {
            transcript: (*text).to_owned(),
            ..Line::default()
        };
        Heard {
            id: InteractionId::parse("i-1").unwrap(),
            has_ended: texts.is_empty(),
            lines: texts.iter().map(line).collect(),
        }
    }

    #[test]
    fn utterances_that_were_forgotten_are_kept_by_their_numbers() {
        let numbered = |lines: &[(u64, &str)]| Heard {
            lines: heard(&lines.iter().map(|(_, text)| *text).collect::<Vec<_>>())
                .lines
                .into_iter()
                .zip(lines)
                .map(|(line, (number, _))| Line {
                    number: Some(*number),
                    ..line
                })
                .collect(),
            ..heard(&["on"])
        };
        // As many as before, because one came for one that went; and one that was corrected.
        let mut newer = numbered(&[(2, "two!"), (3, "three")]);
        keep(&mut newer, &numbered(&[(1, "one"), (2, "two")]));
        let whole = numbered(&[(1, "one"), (2, "two!"), (3, "three")]);
        assert!(newer.lines == whole.lines);
        // Each with each would be more than any machine compares.
        let many: Vec<_> = (0..200_000).map(|number| (number, "word")).collect();
        let mut newer = numbered(&many[1_000..]);
        keep(&mut newer, &numbered(&many[..199_000]));
        assert!(newer.lines == numbered(&many).lines);
    }

    #[test]
    fn who_left_before_anybody_read_is_heard_beside_who_stayed() {
        let cases: [(&[&str], &[&str], &[&str]); 7] = [
            (&["a1", "c1"], &[], &["a1", "c1"]),
            (&["a1", "c1"], &["a1 a2"], &["a1 a2", "c1"]),
            (&["c1", "a1"], &["a1 a2"], &["a1 a2", "c1"]),
            (
                &["a1", "b1", "c1"],
                &["c1 c2", "a1"],
                &["c1 c2", "a1", "b1"],
            ),
            // Whoever is like nobody takes the place where he stands.
            (&["a1", "c1"], &["x1"], &["x1", "c1"]),
            (&["a1", ""], &["a1 a2"], &["a1 a2"]),
            (&["a1", "c1"], &["a1", "b1"], &["a1", "b1"]),
        ];
        for (unread, newer, expected) in cases {
            let mut merged = heard(newer);
            keep(&mut merged, &heard(unread));
            let texts: Vec<_> = merged
                .lines
                .iter()
                .map(|line| &line.transcript[..])
                .collect();
            assert_eq!(texts, expected, "{unread:?}, then {newer:?}");
            assert_eq!(merged.has_ended, newer.is_empty());
        }
    }
}
