//! Reads a cron expression.

use std::str::FromStr;

use super::{Cron, Days, LAST_YEAR};

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIRST_YEAR: i16 = 1970;

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |what: &str| format!("cron({text}): {what}");
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minutes, hours, of_month, months, of_week, years] = fields[..] else {
            return Err(wrong(
                "needs six fields: minutes hours day-of-month month day-of-week year",
            ));
        };
        let read = |field: &str, low, high, names: &[&str]| {
            values(field, low, high, names).map_err(|what| wrong(&what))
        };
        let days = match (of_month, of_week) {
            ("?", "?") => return Err(wrong("only one of the day fields may be ?")),
            (day, "?") => days_of_month(day).map_err(|what| wrong(&what))?,
            ("?", day) => days_of_week(day).map_err(|what| wrong(&what))?,
            _ => return Err(wrong("one of the day fields must be ?")),
        };
        Ok(Self {
            minutes: read(minutes, 0, 59, &[])?,
            hours: read(hours, 0, 23, &[])?,
            days,
            months: read(months, 1, 12, &MONTHS)?,
            years: read(years, FIRST_YEAR, LAST_YEAR, &[])?,
        })
    }
}

fn days_of_month(field: &str) -> Result<Days, String> {
    if field == "L" {
        return Ok(Days::LastOfMonth);
    }
    match field.strip_suffix('W') {
        Some(day) => Ok(Days::NearestWeekday(value(day, 1, 31, &[])?)),
        None => Ok(Days::OfMonth(values(field, 1, 31, &[])?)),
    }
}

fn days_of_week(field: &str) -> Result<Days, String> {
    if field == "L" {
        return Ok(Days::OfWeek(vec![7]));
    }
    if let Some(day) = field.strip_suffix('L') {
        return Ok(Days::LastOfWeek(value(day, 1, 7, &DAYS)?));
    }
    match field.split_once('#') {
        Some((day, nth)) => Ok(Days::NthOfWeek(
            value(day, 1, 7, &DAYS)?,
            value(nth, 1, 5, &[])?,
        )),
        None => Ok(Days::OfWeek(values(field, 1, 7, &DAYS)?)),
    }
}

/// Every value of a field with lists, ranges and steps, sorted.
fn values(field: &str, low: i16, high: i16, names: &[&str]) -> Result<Vec<i16>, String> {
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(range, step)| (range, Some(step)));
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (low, high),
            (_, Some((first, last))) => (
                value(first, low, high, names)?,
                value(last, low, high, names)?,
            ),
            _ if step.is_some() => (value(range, low, high, names)?, high),
            _ => (
                value(range, low, high, names)?,
                value(range, low, high, names)?,
            ),
        };
        let step = step.map_or(Ok(1), |step| value(step, 1, high, &[]))?;
        let ends = if first <= last {
            vec![(first, last)]
        } else {
            vec![(first, high), (low, last)]
        };
        for (first, last) in ends {
            all.extend((first..=last).step_by(usize::from(step.unsigned_abs())));
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn value(text: &str, low: i16, high: i16, names: &[&str]) -> Result<i16, String> {
    let place = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    let number = match place {
        Some(place) => i16::try_from(place).ok().map(|place| place + 1),
        None => text.parse().ok(),
    };
    let number = number.filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| format!("{text} is not between {low} and {high}"))
}
