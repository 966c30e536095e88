//! What a proxy did.

/// Counts since the start, by kind. A fault counts when it was done, not when it was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections that were accepted, refused ones included.
    pub connections: u64,
    /// Connections that were closed at once, by the plan or in an outage.
    pub refused: u64,
    /// Turns that began.
    pub turns: u64,
    /// Turns that were left alone.
    pub passed: u64,
    /// Connections dropped before their request was forwarded.
    pub cut_before: u64,
    /// Requests that were executed and whose answer was lost.
    pub answers_lost: u64,
    /// Requests forwarded late.
    pub delayed: u64,
    /// Requests answered in the upstream's place.
    pub answered: u64,
    /// Open connections that an outage cut.
    pub cut_by_outage: u64,
}
