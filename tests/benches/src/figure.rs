//! A measured value with its unit and its spread.

use std::fmt;
use std::time::Duration;

/// What a figure counts, and with it which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Less is better.
    Milliseconds,
    /// Less is better.
    Nanoseconds,
    /// More is better.
    PerSecond,
    /// Less is better.
    Megabytes,
    /// From 0 to 1; more is better.
    Share,
}

/// A value, and where known the lowest and the highest of the values behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    range: Option<(f64, f64)>,
    unit: Unit,
}

impl Figure {
    /// A rate.
    pub(crate) fn per_second(value: f64) -> Self {
        Self {
            value,
            range: None,
            unit: Unit::PerSecond,
        }
    }

    /// How often something could be done one after the other that took so long: the median, with the lowest and the highest.
    pub(crate) fn median_rate(times: &[Duration]) -> Option<Self> {
        let mut rates: Vec<f64> = times.iter().map(|time| 1.0 / time.as_secs_f64()).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let range = rates.first().copied().zip(rates.last().copied());
        let middle = rates.get(rates.len() / 2)?;
        Some(Self {
            range,
            ..Self::per_second(*middle)
        })
    }

    /// A time too short for milliseconds.
    pub(crate) fn nanoseconds(value: f64) -> Self {
        Self {
            value,
            range: None,
            unit: Unit::Nanoseconds,
        }
    }

    /// An amount of memory.
    pub(crate) fn megabytes(value: f64) -> Self {
        Self {
            value,
            range: None,
            unit: Unit::Megabytes,
        }
    }

    /// A part of what is possible.
    pub(crate) fn share(value: f64) -> Self {
        Self {
            value,
            range: None,
            unit: Unit::Share,
        }
    }

    /// A time that was found once.
    pub(crate) fn time(time: Duration) -> Self {
        Self {
            value: milliseconds(time),
            range: None,
            unit: Unit::Milliseconds,
        }
    }

    /// The median of several times, with the shortest and the longest; `None` of none.
    pub(crate) fn median(times: &[Duration]) -> Option<Self> {
        let mut times = times.to_vec();
        times.sort_unstable();
        let middle = times.get(times.len() / 2)?;
        Some(Self::time(*middle).within(&times))
    }

    /// The same figure, with the spread of these.
    pub(crate) fn within(self, times: &[Duration]) -> Self {
        let ends = times.iter().min().zip(times.iter().max());
        let range = ends.map(|(least, most)| (milliseconds(*least), milliseconds(*most)));
        Self { range, ..self }
    }

    /// How many times better this is than `other`.
    pub(crate) fn times_better_than(&self, other: &Self) -> f64 {
        match self.unit {
            Unit::Milliseconds | Unit::Nanoseconds | Unit::Megabytes => other.value / self.value,
            Unit::PerSecond | Unit::Share => self.value / other.value,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Milliseconds => " ms",
            Unit::Nanoseconds => " ns",
            Unit::PerSecond => "/s",
            Unit::Megabytes => " MB",
            // Two digits would hide what two ways to search differ by.
            Unit::Share => return write!(f, "{:.3}", self.value),
        };
        write!(f, "{}{unit}", digits(self.value))?;
        match self.range {
            Some((least, most)) => write!(f, " ({} to {})", digits(least), digits(most)),
            None => Ok(()),
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Three digits that mean something.
pub(crate) fn digits(value: f64) -> String {
    match value {
        small if small < 9.995 => format!("{small:.2}"),
        middle if middle < 99.95 => format!("{middle:.1}"),
        large => format!("{large:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_carry_their_spread() {
        let times = [30, 10, 20].map(Duration::from_millis);
        let figure = Figure::median(&times).unwrap();
        assert_eq!(figure.to_string(), "20.0 ms (10.0 to 30.0)");
        assert_eq!(Figure::median(&[]), None);
        let figure = Figure::median_rate(&times).unwrap();
        assert_eq!(figure.to_string(), "50.0/s (33.3 to 100)");
        assert_eq!(Figure::median_rate(&[]), None);
    }

    #[test]
    fn rates_are_the_times_turned_over() {
        let times = [50, 10, 20].map(Duration::from_millis);
        let figure = Figure::median_rate(&times).unwrap();
        assert_eq!(figure.to_string(), "50.0/s (20.0 to 100)");
        assert_eq!(Figure::median_rate(&[]), None);
    }

    #[test]
    fn better_is_less_time_and_more_per_second() {
        let time = |ms| Figure::time(Duration::from_millis(ms));
        let near = |ratio: f64, wanted: f64| (ratio - wanted).abs() < 1e-9;
        assert!(near(time(10).times_better_than(&time(150)), 15.0));
        let (many, few) = (Figure::per_second(300.0), Figure::per_second(100.0));
        assert!(near(many.times_better_than(&few), 3.0));
    }
}
