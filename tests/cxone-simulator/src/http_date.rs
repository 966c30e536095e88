//! Dates as HTTP headers write them.

use jiff::{
    Timestamp,
    fmt::rfc2822::{DateTimeParser, DateTimePrinter},
};

/// `Wed, 21 Oct 2026 07:28:00 GMT`; none for a year that HTTP cannot write.
pub(crate) fn print(date: Timestamp) -> Option<String> {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&date)
        .ok()
}

/// Reads what [`print`] writes.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}
