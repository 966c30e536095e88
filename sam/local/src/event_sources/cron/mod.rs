//! The cron expressions of AWS: minutes, hours, day of month, month, day of week, year; in UTC.
//!
//! One of the two day fields is `?`. Day of week counts from Sunday = 1, and knows `L`, `5L`, `6#3`; day of month knows `L` and
//! `15W`. A moment that does not exist (31 April, the fifth Friday of most months) is passed over.

mod parse;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

const LAST_YEAR: i16 = 2199;

/// A parsed cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Days,
    months: Vec<i16>,
    years: Vec<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<i16>),
    OfWeek(Vec<i16>),
    LastOfMonth,
    NearestWeekday(i16),
    LastOfWeek(i16),
    NthOfWeek(i16, i16),
}

impl Cron {
    /// The first minute after `after` that matches.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let now = after.to_zoned(TimeZone::UTC).datetime();
        let mut date = now.date();
        let mut from = Some((i16::from(now.hour()), i16::from(now.minute())));
        while date.year() <= LAST_YEAR {
            if self.is_day(date)
                && let Some((hour, minute)) = self.time_after(from)
            {
                let time = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
                return Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp());
            }
            date = date.tomorrow().ok()?;
            from = None;
        }
        None
    }

    fn time_after(&self, from: Option<(i16, i16)>) -> Option<(i16, i16)> {
        let times = self
            .hours
            .iter()
            .flat_map(|hour| self.minutes.iter().map(|minute| (*hour, *minute)));
        times
            .into_iter()
            .find(|time| from.is_none_or(|from| *time > from))
    }

    fn is_day(&self, date: Date) -> bool {
        let (day, last) = (i16::from(date.day()), i16::from(date.days_in_month()));
        let weekday = number_of(date.weekday());
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && match &self.days {
                Days::OfMonth(days) => days.contains(&day),
                Days::OfWeek(days) => days.contains(&weekday),
                Days::LastOfMonth => day == last,
                Days::NearestWeekday(wanted) => nearest_weekday(date, *wanted) == Some(date),
                Days::LastOfWeek(wanted) => weekday == *wanted && day + 7 > last,
                Days::NthOfWeek(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
            }
    }
}

/// Sunday is 1.
fn number_of(weekday: Weekday) -> i16 {
    i16::from(weekday.to_sunday_one_offset())
}

/// The weekday nearest to a day of the month, without leaving the month.
fn nearest_weekday(any: Date, wanted: i16) -> Option<Date> {
    let target = Date::new(any.year(), any.month(), i8::try_from(wanted).ok()?).ok()?;
    let shift = match target.weekday() {
        Weekday::Saturday if target.day() == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if target.day() == target.days_in_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    target.checked_add(shift.days()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn next(expression: &str, after: &str) -> String {
        let cron: Cron = expression.parse().unwrap();
        cron.next_after(after.parse().unwrap())
            .map_or("never".to_owned(), |at| at.to_string())
    }

    #[test]
    fn the_next_moment_is_the_one_that_aws_names() {
        for (expression, after, expected) in [
            (
                "0 10 * * ? *",
                "2026-01-01T09:59:59Z",
                "2026-01-01T10:00:00Z",
            ),
            (
                "0 10 * * ? *",
                "2026-01-01T10:00:00Z",
                "2026-01-02T10:00:00Z",
            ),
            (
                "15 12 ? * MON-FRI *",
                "2026-01-02T12:15:00Z",
                "2026-01-05T12:15:00Z",
            ),
            (
                "0/15 8-17 ? * 2-6 *",
                "2026-01-05T08:16:00Z",
                "2026-01-05T08:30:00Z",
            ),
            (
                "0/10 * ? * * *",
                "2026-01-05T23:55:00Z",
                "2026-01-06T00:00:00Z",
            ),
            (
                "0 0 1 1 ? 2027-2030",
                "2026-01-05T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            ("0 0 1 1 ? 2020", "2026-01-05T00:00:00Z", "never"),
            (
                "0 8 L * ? *",
                "2026-02-01T00:00:00Z",
                "2026-02-28T08:00:00Z",
            ),
            (
                "0 8 29 2 ? *",
                "2026-02-01T00:00:00Z",
                "2028-02-29T08:00:00Z",
            ),
            ("0 8 31 4 ? *", "2026-02-01T00:00:00Z", "never"),
            (
                "0 8 1W * ? *",
                "2026-07-31T09:00:00Z",
                "2026-08-03T08:00:00Z",
            ),
            (
                "0 8 31W * ? *",
                "2026-05-01T09:00:00Z",
                "2026-05-29T08:00:00Z",
            ),
            (
                "0 8 ? * 6L *",
                "2026-01-01T00:00:00Z",
                "2026-01-30T08:00:00Z",
            ),
            (
                "0 8 ? * 6#3 *",
                "2026-01-01T00:00:00Z",
                "2026-01-16T08:00:00Z",
            ),
            (
                "0 8 ? * FRI#5 *",
                "2026-02-01T00:00:00Z",
                "2026-05-29T08:00:00Z",
            ),
            (
                "0 8 ? * L *",
                "2026-01-01T00:00:00Z",
                "2026-01-03T08:00:00Z",
            ),
            (
                "0 8 ? * SAT-SUN *",
                "2026-01-03T08:00:00Z",
                "2026-01-04T08:00:00Z",
            ),
            (
                "5,10 3 ? jan,MAR SUN *",
                "2026-02-01T00:00:00Z",
                "2026-03-01T03:05:00Z",
            ),
        ] {
            assert_eq!(
                next(expression, after),
                expected,
                "{expression} after {after}"
            );
        }
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        for wrong in [
            "",
            "* * * * *",
            "0 10 * * * *",
            "0 10 ? * ? *",
            "60 * * * ? *",
            "* 24 * * ? *",
            "* * 0 * ? *",
            "* * ? * 8 *",
            "*/0 * * * ? *",
            "* * ? * 2#6 *",
            "x * * * ? *",
            "* * * * ? 1969",
        ] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_matching_minute_is_passed_over(
            minutes in prop::collection::btree_set(0..60i16, 1..4),
            hours in prop::collection::btree_set(0..24i16, 1..3),
            weekdays in prop::collection::btree_set(1..8i16, 1..4),
            seconds in 0..4_000_000_000i64,
        ) {
            let list = |set: &std::collections::BTreeSet<i16>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let cron: Cron = format!("{} {} ? * {} *", list(&minutes), list(&hours), list(&weekdays)).parse().unwrap();
            let after = Timestamp::from_second(seconds).unwrap();
            let next = cron.next_after(after).unwrap();
            let matches = |at: Timestamp| {
                let time = at.to_zoned(TimeZone::UTC).datetime();
                minutes.contains(&i16::from(time.minute()))
                    && hours.contains(&i16::from(time.hour()))
                    && weekdays.contains(&number_of(time.weekday()))
            };
            prop_assert!(next > after && next.as_second() % 60 == 0 && matches(next));
            let mut minute = (after.as_second() / 60 + 1) * 60;
            while minute < next.as_second() {
                prop_assert!(!matches(Timestamp::from_second(minute).unwrap()));
                minute += 60;
            }
        }

        #[test]
        fn no_text_panics(text in "[0-9A-Z*?/#,L W-]{0,24}") {
            let _ = text.parse::<Cron>();
        }
    }
}
