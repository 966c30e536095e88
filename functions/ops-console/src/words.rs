//! Numbers and times as people read them. Pure.

use jiff::Timestamp;

/// `1234567` is `1,234,567`.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// `1 event`, `2 events`.
pub(crate) fn counted(number: i64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

/// A number with so many decimals as it is worth.
pub(crate) fn figure(number: f64) -> String {
    let decimals = match number.abs() {
        large if large >= 10.0 || large == 0.0 => 0,
        small if small >= 1.0 => 1,
        _ => 2,
    };
    let text = format!("{number:.decimals$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text.parse::<i64>() {
        Ok(whole) => count(whole),
        Err(_) => text.to_owned(),
    }
}

/// A span of time in its largest unit that says enough.
pub(crate) fn span(seconds: f64) -> String {
    let (number, unit) = match seconds.max(0.0) {
        s if s < 1.0 => return format!("{} ms", figure((s * 1_000.0).round())),
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3_600.0, "h"),
        s => (s / 86_400.0, "days"),
    };
    format!("{} {unit}", figure(number))
}

/// How long ago that was.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    format!("{} ago", span(then.duration_until(now).as_secs_f64()))
}

/// `14:05`, in UTC.
pub(crate) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M").to_string()
}

/// `2026-01-15 14:05`, in UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A share of a whole, in percent.
pub(crate) fn percent(part: i64, whole: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    share
}

/// Dollars, to the cent; less than a cent is said so.
pub(crate) fn dollars(amount: f64) -> String {
    match amount {
        nothing if nothing <= 0.0 => "$0".to_owned(),
        little if little < 0.01 => "under $0.01".to_owned(),
        amount => format!("${amount:.2}"),
    }
}

/// The beginning of the hour.
pub(crate) fn hour_of(at: Timestamp) -> Timestamp {
    floor(at, 3_600)
}

/// The beginning of the minute.
pub(crate) fn minute_of(at: Timestamp) -> Timestamp {
    floor(at, 60)
}

fn floor(at: Timestamp, seconds: i64) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
        ] {
            assert_eq!(count(number), expected);
        }
        assert_eq!(
            [counted(1, "text"), counted(2, "text")],
            ["1 text", "2 texts"]
        );
        for (number, expected) in [
            (0.0, "0"),
            (0.256, "0.26"),
            (3.24, "3.2"),
            (5.0, "5"),
            (12_345.6, "12,346"),
        ] {
            assert_eq!(figure(number), expected);
        }
        for (seconds, expected) in [
            (-3.0, "0 ms"),
            (0.25, "250 ms"),
            (90.0, "90 s"),
            (600.0, "10 min"),
            (9_000.0, "2.5 h"),
            (864_000.0, "10 days"),
        ] {
            assert_eq!(span(seconds), expected);
        }
        for (amount, expected) in [(0.0, "$0"), (0.001, "under $0.01"), (12.345, "$12.35")] {
            assert_eq!(dollars(amount), expected);
        }
    }

    #[test]
    fn times_are_those_of_utc() {
        let at: Timestamp = "2026-01-15T14:05:59Z".parse().unwrap();
        assert_eq!(
            (clock(at), moment(at)),
            ("14:05".into(), "2026-01-15 14:05".into())
        );
        assert_eq!(hour_of(at).to_string(), "2026-01-15T14:00:00Z");
        assert_eq!(minute_of(at).to_string(), "2026-01-15T14:05:00Z");
    }
}
