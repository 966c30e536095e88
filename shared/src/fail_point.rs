//! Named places where a test lets the work die. Without the feature `testing` they are nothing.

/// What happens at a place.
#[cfg(feature = "testing")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The process is gone, as by `kill -9`: nothing is cleaned up.
    Abort,
    /// The code panics.
    Panic,
    /// The task dies as by a panic, and nothing is printed: for tests that die many times as planned, lest that bury what went wrong.
    Unwind,
}

#[cfg(feature = "testing")]
static FATES: std::sync::RwLock<Vec<(String, Fate)>> = std::sync::RwLock::new(Vec::new());

/// Reaches a place. Tests let it end here; released code does nothing.
#[cfg_attr(
    not(feature = "testing"),
    expect(unused_variables, reason = "released code does nothing here")
)]
pub fn reach(place: &str) {
    #[cfg(feature = "testing")]
    strike(place);
}

/// Lets the work meet its fate at a place: in this process, from now on.
#[cfg(feature = "testing")]
pub fn set(place: &str, fate: Fate) {
    let mut fates = FATES
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    fates.retain(|(known, _)| known != place);
    fates.push((place.to_owned(), fate));
}

/// Lets the work pass a place again.
#[cfg(feature = "testing")]
pub fn clear(place: &str) {
    let mut fates = FATES
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    fates.retain(|(known, _)| known != place);
}

/// Reads `FAIL_POINT`, the place where this process is to be gone; or to panic, if `panic:` stands before it.
#[cfg(feature = "testing")]
fn from_process() -> Option<(String, Fate)> {
    let said = crate::testing::setting("FAIL_POINT")?;
    Some(match said.strip_prefix("panic:") {
        Some(place) => (place.to_owned(), Fate::Panic),
        None => (said, Fate::Abort),
    })
}

#[cfg(feature = "testing")]
fn strike(place: &str) {
    static NAMED: std::sync::OnceLock<Option<(String, Fate)>> = std::sync::OnceLock::new();
    let fates = FATES
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let all = fates.iter().chain(NAMED.get_or_init(from_process));
    let fate = all
        .filter(|(known, _)| known == place)
        .map(|(_, fate)| *fate)
        .next();
    drop(fates);
    match fate {
        Some(Fate::Abort) => std::process::abort(),
        #[expect(clippy::panic, reason = "that is what the test asked for")]
        Some(Fate::Panic) => panic!("the fail point {place}"),
        Some(Fate::Unwind) => std::panic::resume_unwind(Box::new("a fail point")),
        None => {}
    }
}
