//! What several checks say together. Pure.

use jiff::SignedDuration;

use super::verdict::Verdict;

/// So many checks in a row must find nothing before a link counts as broken.
const STRIKES: u8 = 3;

/// How many checks in a row have found nothing, after this one; never more than three. A success clears a link of everything; a check
/// that learnt nothing changes nothing.
pub fn judge(strikes: u8, verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fine => 0,
        Verdict::Broken(_) => strikes.saturating_add(1).min(STRIKES),
        Verdict::Unknown(_) => strikes.min(STRIKES),
    }
}

/// Whether readers and editors should be told that a link leads nowhere.
pub fn is_broken(strikes: u8) -> bool {
    strikes >= STRIKES
}

/// How long a link is left alone after a check: a week if it was fine. Strikes lie so far apart that a short outage is no three of
/// them, and what is broken is looked at daily.
pub fn rest(strikes: u8, verdict: Verdict) -> SignedDuration {
    SignedDuration::from_hours(match verdict {
        _ if is_broken(strikes) => 24,
        Verdict::Fine => 7 * 24,
        Verdict::Broken(_) | Verdict::Unknown(_) => 1,
    })
}
