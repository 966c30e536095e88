//! A schedule as `EventBridge` keeps it: when it fires, and what it sends.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::cron::Cron;
use crate::stack::aws::{ACCOUNT, REGION};

/// A clock that invokes a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The function that is invoked.
    pub function: String,
    /// The schedule's own name.
    pub name: String,
    /// When it fires.
    pub expression: Expression,
    /// What it sends instead of the standard event.
    pub input: Option<String>,
    /// A rule of `EventBridge`, not a schedule of `EventBridge Scheduler`.
    pub is_rule: bool,
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// Every so many minutes, counted from its start.
    Rate(SignedDuration),
    /// At these minutes, in UTC.
    Cron(Cron),
}

impl Expression {
    /// The first moment after `after` at which it fires; `None` if there is none any more.
    pub fn next_fire_time(&self, started: Timestamp, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron(cron) => cron.next_after(after),
            Self::Rate(every) => {
                let gone = after.duration_since(started).as_secs().max(0);
                let turns = gone / every.as_secs() + 1;
                started
                    .checked_add(SignedDuration::from_secs(turns * every.as_secs()))
                    .ok()
            }
        }
    }
}

impl FromStr for Expression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inside = |kind: &str| {
            text.strip_prefix(kind)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        if let Some(fields) = inside("cron") {
            return fields.parse().map(Self::Cron);
        }
        let rate =
            inside("rate").ok_or_else(|| format!("{text} is neither rate(…) nor cron(…)"))?;
        let advice = || {
            format!(
                "{text} must be like rate(1 minute), rate(5 minutes), rate(2 hours), rate(1 day)"
            )
        };
        let (count, unit) = rate.trim().split_once(' ').ok_or_else(advice)?;
        let count: i64 = count
            .parse()
            .ok()
            .filter(|count| (1..=100_000).contains(count))
            .ok_or_else(advice)?;
        let minutes = match (unit, count) {
            ("minute", 1) | ("minutes", 2..) => 1,
            ("hour", 1) | ("hours", 2..) => 60,
            ("day", 1) | ("days", 2..) => 24 * 60,
            _ => return Err(advice()),
        };
        Ok(Self::Rate(SignedDuration::from_mins(count * minutes)))
    }
}

impl Schedule {
    /// What the function is invoked with.
    pub fn event(&self, id: &str, at: Timestamp) -> String {
        if let Some(input) = &self.input {
            return input.clone();
        }
        let (source, place, detail) = if self.is_rule {
            (
                "aws.events",
                format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", self.name),
                json!({}),
            )
        } else {
            (
                "aws.scheduler",
                format!(
                    "arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{}",
                    self.name
                ),
                json!("{}"),
            )
        };
        json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": source,
            "account": ACCOUNT,
            "time": format!("{at:.0}"),
            "region": REGION,
            "resources": [place],
            "detail": detail,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_counts_from_its_start() {
        let every: Expression = "rate(5 minutes)".parse().unwrap();
        let start = at("2026-01-01T00:00:30Z");
        for (after, next) in [
            ("2026-01-01T00:00:30Z", "2026-01-01T00:05:30Z"),
            ("2026-01-01T00:05:29Z", "2026-01-01T00:05:30Z"),
            ("2026-01-01T00:05:30Z", "2026-01-01T00:10:30Z"),
            ("2026-01-01T03:00:00Z", "2026-01-01T03:00:30Z"),
        ] {
            assert_eq!(
                every.next_fire_time(start, at(after)),
                Some(at(next)),
                "{after}"
            );
        }
    }

    #[test]
    fn expressions_are_read_or_refused_with_advice() {
        assert_eq!(
            "rate(1 day)".parse(),
            Ok(Expression::Rate(SignedDuration::from_hours(24)))
        );
        assert!(matches!(
            "cron(0 3 * * ? *)".parse(),
            Ok(Expression::Cron(_))
        ));
        for wrong in [
            "rate(1 minutes)",
            "rate(2 minute)",
            "rate(0 minutes)",
            "rate(-1 hours)",
            "rate(5)",
            "every day",
            "at(2026-01-01T00:00:00)",
        ] {
            assert!(wrong.parse::<Expression>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_input_replaces_the_standard_event() {
        let mut schedule = Schedule {
            function: "sync".to_owned(),
            name: "Tick".to_owned(),
            expression: "rate(1 minute)".parse().unwrap(),
            input: None,
            is_rule: false,
        };
        let event: serde_json::Value =
            serde_json::from_str(&schedule.event("1", at("2026-01-01T00:00:00Z"))).unwrap();
        assert_eq!(event["source"], "aws.scheduler");
        assert_eq!(event["time"], "2026-01-01T00:00:00Z");
        assert_eq!(event["detail-type"], "Scheduled Event");
        schedule.input = Some("{}".to_owned());
        assert_eq!(schedule.event("1", at("2026-01-01T00:00:00Z")), "{}");
    }
}
