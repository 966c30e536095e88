//! What of one chunk the next one begins with.

use super::Passage;
use super::boundaries::{sentences, words};
use super::script::Script;
use super::search::furthest;

/// The last turns of the chunk and the last sentences of one that was cut, as many as the overlap allows; where not even one
/// sentence is short enough, the last words. `next` is a whole turn that must have room beside them.
pub(super) fn overlap(
    script: &Script<'_>,
    last: &[Passage],
    next: Option<&Passage>,
) -> Vec<Passage> {
    let tail = tail(script, &units(script, last, sentences), next);
    match last.last() {
        Some(cut) if tail.is_empty() && !script.is_whole(cut) => self::tail(
            script,
            &units(script, std::slice::from_ref(cut), words),
            next,
        ),
        _ => tail,
    }
}

/// As many of the last units as fit.
fn tail(script: &Script<'_>, units: &[Passage], next: Option<&Passage>) -> Vec<Passage> {
    let tail = |count: usize| joined(&units[units.len() - count..]);
    let fits = |count: usize| {
        let mut tail = tail(count);
        let is_short = script.size_of(&tail) <= script.limits.overlap;
        tail.extend(next.cloned());
        is_short && script.fits(&tail)
    };
    let guess = units.len().saturating_mul(script.limits.overlap) / script.limits.tokens;
    tail(furthest(guess, units.len(), 1, fits))
}

/// The passages, with those of cut turns split further.
fn units(script: &Script<'_>, passages: &[Passage], split: fn(&str) -> Vec<usize>) -> Vec<Passage> {
    let mut units = Vec::new();
    for passage in passages {
        if script.is_whole(passage) {
            units.push(passage.clone());
            continue;
        }
        let mut start = passage.words.start;
        for end in split(&script.words(passage.turn)[passage.words.clone()]) {
            let end = passage.words.start + end;
            units.push(Passage {
                words: start..end,
                ..passage.clone()
            });
            start = end;
        }
    }
    units
}

/// The units as repeated passages, one per turn.
fn joined(units: &[Passage]) -> Vec<Passage> {
    let of_turns = units.chunk_by(|one, next| one.turn == next.turn);
    let ends = of_turns.filter_map(|of_turn| Some((of_turn.first()?, of_turn.last()?)));
    let join = |(first, last): (&Passage, &Passage)| Passage {
        turn: first.turn,
        words: first.words.start..last.words.end,
        repeated: true,
    };
    ends.map(join).collect()
}
