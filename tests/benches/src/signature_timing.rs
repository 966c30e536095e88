//! Whether the time that a signature is checked in tells a forger how much of it is right: the first wrong byte is the first or the last.
//!
//! Times are told and never judged: this machine is not alone. What is judged is counted: the instructions of a refusal are the same
//! wherever the wrong byte stands, and those of a comparison that stops at the first wrong byte, in the same run, are not.

mod check;
pub(crate) mod counted;
mod welch;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Report, Row};
use check::{Check, Forger, Wrong};
use counted::Counts;
use welch::{Contest, LEAKS};

/// One round of one check; the checks take turns.
const ROUND: usize = 2_000;

/// Times and counts both checks.
pub(crate) fn run(size: Size) -> Outcome<Report> {
    let rounds = size.pick(20, 250, 2_500);
    let forger = Forger::new()?;
    let mut contests = Check::ALL.map(|check| (check, Contest::default()));
    for round in 0..=rounds {
        for (check, contest) in &mut contests {
            let mut timed = Vec::with_capacity(ROUND);
            for number in 0..ROUND {
                let wrong = Wrong::drawn();
                let request = forger.request(round * ROUND + number, wrong)?;
                timed.push((wrong, check.time(&forger, request)?));
            }
            // The first round warms up, and says which times are interruptions.
            contest.take(round == 0, &timed);
        }
    }
    let counts = counted::count()?;
    if let Some(counts) = &counts {
        counts.judge()?;
    }
    Ok(report(rounds, &contests, counts.as_ref()))
}

fn report(rounds: usize, contests: &[(Check, Contest); 2], counts: Option<&Counts>) -> Report {
    let [ours, leaky] = contests.each_ref().map(|(_, contest)| contest);
    let rows = Wrong::ALL.map(|wrong| {
        let time = |contest: &Contest| Some(Figure::nanoseconds(contest.mean(wrong)));
        Row::new(format!("a refusal, {wrong}"), time(ours), time(leaky), None)
    });
    let [ours, leaky] = [ours.t(), leaky.t()];
    let mut notes = vec![format!(
        "Welch's t between the two places: {ours:.1} for ours, {leaky:.1} for the comparison that stops early. Beyond {LEAKS} either way a \
         difference is taken to be real; more rounds make a real one larger."
    )];
    notes.push(counts.map_or_else(
        || "Instructions were not counted: there is no valgrind on this machine.".to_owned(),
        ToString::to_string,
    ));
    Report {
        about: format!(
            "A request by Standard Webhooks whose signature is right but for one byte, the first or the last, drawn anew each time; the mean time \
             until it is refused, and how much it differs between the two places (as dudect does). {rounds} interleaved rounds of {ROUND}; the \
             slowest tenth is left out. The peer is no package but a control: the same check and then a comparison that stops at the first byte \
             that differs. A run that does not find its leak finds none in ours either."
        ),
        rows: rows.into(),
        notes,
    }
}
