//! The instructions of a check, counted by callgrind in a process of its own: this very program.
//!
//! A count is the difference between many checks and none, so that what the process does besides falls out of it.

use std::fmt;
use std::hint::black_box;
use std::process::Command;

use super::check::{Check, Forger, Wrong};
use crate::bench::Outcome;

/// The argument that makes this program the counted process; the check, the place of the wrong byte and the number of checks follow, in
/// words of the same length.
pub(crate) const ARGUMENT: &str = "signature-checks";
const CHECKS: usize = 100;

/// The instructions of a check, by the place of the wrong byte.
pub(super) struct Counts {
    ours: [u64; 2],
    leaky: [u64; 2],
}

impl Counts {
    /// Fails where the place can be told from the count of ours, or cannot be told from the control's.
    pub(super) fn judge(&self) -> Outcome<()> {
        let [first, last] = self.ours;
        if first != last {
            return Err(format!("{first} instructions refuse a signature whose first byte is wrong, {last} one whose last is").into());
        }
        let [first, last] = self.leaky;
        if first >= last {
            return Err(format!("the control stops early, and yet takes {first} instructions and {last}: what is counted tells nothing").into());
        }
        Ok(())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ours, leaky } = self;
        write!(
            f,
            "Instructions of {CHECKS} refusals, counted by callgrind, first byte wrong and last byte wrong: ours {} and {}, the same to the last one; \
             the comparison that stops early {} and {}. Unlike the times these are judged: another outcome makes the run fail.",
            ours[0], ours[1], leaky[0], leaky[1]
        )
    }
}

/// Counts both checks; `None` where there is no valgrind.
pub(super) fn count() -> Outcome<Option<Counts>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(None);
    }
    let of = |check: Check| -> Outcome<[u64; 2]> {
        let [first, last] = Wrong::ALL.map(|wrong| instructions(check, wrong));
        Ok([first?, last?])
    };
    Ok(Some(Counts {
        ours: of(Check::Ours)?,
        leaky: of(Check::Leaky)?,
    }))
}

fn instructions(check: Check, wrong: Wrong) -> Outcome<u64> {
    let nothing = collected(check, wrong, 0)?;
    let all = collected(check, wrong, CHECKS)?;
    Ok(all.saturating_sub(nothing))
}

fn collected(check: Check, wrong: Wrong, checks: usize) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([ARGUMENT, word(check), place(wrong), &format!("{checks:04}")])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match count {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("valgrind did not count: {said}").into()),
    }
}

fn word(check: Check) -> &'static str {
    match check {
        Check::Ours => "ours-",
        Check::Leaky => "leaky",
    }
}

fn place(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::First => "first",
        Wrong::Last => "last-",
    }
}

/// The counted process. All requests are made whether they are checked or not.
pub(crate) fn run() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let [named, at, checks] = arguments.as_slice() else {
        return Err(format!("{ARGUMENT} CHECK PLACE CHECKS").into());
    };
    let check = Check::ALL.into_iter().find(|check| word(*check) == named);
    let wrong = Wrong::ALL.into_iter().find(|wrong| place(*wrong) == at);
    let (check, wrong) = check.zip(wrong).ok_or("there is no such check")?;
    let forger = Forger::new()?;
    let requests = (0..CHECKS).map(|number| forger.request(number, wrong));
    let requests = requests.collect::<Outcome<Vec<_>>>()?;
    for request in requests.into_iter().take(checks.parse()?) {
        if !black_box(check.refuses(&forger, request)) {
            return Err("a forged signature was accepted".into());
        }
    }
    Ok(())
}
