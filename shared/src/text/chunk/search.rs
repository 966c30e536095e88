//! Finds how much fits with few questions, each of them about a text of nearly the right size.

/// A number from 0 to `most` that fits, while one that is at most `slack` larger does not. Only 0 is taken to fit without asking.
/// Goes in growing steps from `guess` until it has an answer of either kind, then halves what lies between.
pub(super) fn furthest(
    guess: usize,
    most: usize,
    slack: usize,
    fits: impl Fn(usize) -> bool,
) -> usize {
    let slack = slack.max(1);
    let (mut fit, mut too_far) = (0, most.saturating_add(1));
    let (mut probe, mut step) = (guess.clamp(1, most.max(1)), slack);
    while fit + 1 < too_far && (fit == 0 || fit + slack < too_far) {
        let next = if fits(probe) {
            fit = probe;
            probe.saturating_add(step)
        } else {
            too_far = probe;
            probe.saturating_sub(step)
        };
        let is_between = fit < next && next < too_far;
        probe = if is_between {
            next
        } else {
            fit.midpoint(too_far)
        };
        step = step.saturating_mul(2);
    }
    fit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    proptest! {
        #[test]
        fn it_is_found_from_every_guess_with_few_questions(most in 0_usize..1_000_000, limit in 0_usize..1_000_000, guess in any::<usize>(), slack in 0_usize..50) {
            let asked = Cell::new(0);
            let found = furthest(guess, most, slack, |number| {
                asked.set(asked.get() + 1);
                assert!((1..=most).contains(&number));
                number <= limit
            });
            let exact = most.min(limit);
            prop_assert!(found <= exact && exact < found + slack.max(1));
            prop_assert_eq!(found == 0, exact == 0);
            prop_assert!(asked.get() <= 42, "{} questions", asked.get());
        }

        #[test]
        fn from_a_good_guess_the_questions_stay_near(limit in 1_000_usize..100_000, off in 0_usize..20) {
            let furthest_asked = Cell::new(0);
            furthest(limit - off, 10_000_000, 1, |number| {
                furthest_asked.set(furthest_asked.get().max(number));
                number <= limit
            });
            prop_assert!(furthest_asked.get() <= limit + 2 * off + 1);
        }

        #[test]
        fn what_is_found_was_asked_even_where_the_answers_jump(answers in proptest::collection::vec(any::<bool>(), 1..100), guess in 0_usize..100) {
            let found = furthest(guess, answers.len(), 1, |number| answers[number - 1]);
            prop_assert!(found == 0 || answers[found - 1]);
            prop_assert!(found == answers.len() || !answers[found]);
        }
    }
}
