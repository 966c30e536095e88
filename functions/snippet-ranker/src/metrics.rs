//! The use case: how ranking did in a span of time.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::db::ranking::{Figures, Span, fetch_figures};
use shared::error::Error;
use shared::http::Query;
use shared::ranking::LearningMode;

use crate::app::App;

/// So long a span may be: what happened in it is counted while somebody waits.
const MOST: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What happened in a span of time.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistMetrics))]
pub(crate) struct Metrics {
    #[serde(flatten)]
    span: Span,
    #[serde(flatten)]
    figures: Figures,
    /// Whether learned boosts count now.
    learning: LearningMode,
}

/// A span that ends now.
struct Window(SignedDuration);

impl FromStr for Window {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hours = match text {
            "1h" => 1,
            "24h" => 24,
            "7d" => 7 * 24,
            "30d" => 30 * 24,
            _ => return Err(()),
        };
        Ok(Self(SignedDuration::from_hours(hours)))
    }
}

/// Tells it, for the span that the query names: `window`, or `from` and `to`.
pub(crate) async fn metrics(app: &App, query: &str, now: Timestamp) -> Result<Metrics, Error> {
    let span = read(query, now)?;
    Ok(Metrics {
        span,
        figures: fetch_figures(&app.database, span).await?,
        learning: app.mode,
    })
}

fn read(query: &str, now: Timestamp) -> Result<Span, Error> {
    let mut query = Query::read(query);
    let window: Option<Window> = query.take("window", "must be 1h, 24h, 7d or 30d");
    let instant = "must be an instant such as 2026-01-15T10:30:00Z";
    let from: Option<Timestamp> = query.take("from", instant);
    let to: Option<Timestamp> = query.take("to", instant);
    if window.is_some() && (from.is_some() || to.is_some()) {
        query.note("window", "stands alone, without from and to");
    }
    let to = to.unwrap_or(now);
    let Window(length) = window.unwrap_or(Window(SignedDuration::from_hours(24)));
    let from = from.unwrap_or_else(|| to.saturating_sub(length).unwrap_or(Timestamp::MIN));
    if from >= to {
        query.note("from", "must lie before to");
    } else if to.duration_since(from) > MOST {
        query.note("from", "must lie no more than 90 days before to");
    }
    query.end()?;
    Ok(Span { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-15T10:30:00Z";

    #[test]
    fn a_span_is_a_window_or_has_two_ends() {
        for (query, from, to) in [
            ("", "2026-01-14T10:30:00Z", NOW),
            ("window=1h", "2026-01-15T09:30:00Z", NOW),
            ("window=7d", "2026-01-08T10:30:00Z", NOW),
            ("window=30d", "2025-12-16T10:30:00Z", NOW),
            ("from=2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", NOW),
            (
                "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2026-01-02T00:00:00Z",
            ),
            ("from=2025-10-17T10:30:00Z", "2025-10-17T10:30:00Z", NOW),
            (
                "to=2026-01-02T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2026-01-02T00:00:00Z",
            ),
        ] {
            let span = read(query, NOW.parse().unwrap()).unwrap();
            let expected = Span {
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
            };
            assert_eq!(span, expected, "{query}");
        }
    }

    #[test]
    fn what_makes_no_span_is_refused() {
        for (query, pointer) in [
            ("window=2h", "/query/window"),
            ("window=1h&to=2026-01-02T00:00:00Z", "/query/window"),
            ("from=yesterday", "/query/from"),
            ("from=2027-01-01T00:00:00Z", "/query/from"),
            ("from=2025-10-17T10:29:59Z", "/query/from"),
            ("since=1", "/query/since"),
        ] {
            let error = read(query, NOW.parse().unwrap()).unwrap_err();
            assert_eq!(error.violations()[0].pointer, pointer, "{query}");
        }
    }
}
