//! The function with a real database; the page in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
