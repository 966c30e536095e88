//! The use case: many transcripts at once, one in each line. Each is settled by itself, in order.

use serde::Serialize;
use shared::domain::TranscriptId;
use shared::error::{Error, Kind};
use shared::injection::content_key;
use shared::validation::Violation;
use tokio::time::Instant;

use crate::app::App;
use crate::take_in::take_in;

/// What became of each line that is not blank.
#[derive(Debug, Serialize)]
pub struct Settled {
    /// How many were taken in, those that had been before among them.
    accepted: usize,
    /// The lines, in order.
    lines: Vec<Line>,
}

/// What became of a line: it has an id, or an error.
#[derive(Debug, Serialize)]
struct Line {
    /// Which, from 1.
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<TranscriptId>,
    /// The kind of the failure; `transient` means that the line is to be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// Every rule that it breaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Violation>,
}

impl Line {
    fn failed(line: usize, error: &Error) -> Self {
        Self {
            line,
            id: None,
            error: Some(error.kind().as_str()),
            errors: error.violations().to_vec(),
        }
    }
}

/// Takes in every line, as long as there is time. Once something outside fails, the lines that are left are not tried.
pub(crate) async fn take_in_lines(app: &App, lines: &str, until: Instant) -> Settled {
    let mut settled = Settled {
        accepted: 0,
        lines: Vec::new(),
    };
    let mut is_over = false;
    let filled = (1..).zip(lines.split('\n'));
    for (number, line) in filled.filter(|(_, line)| !line.trim().is_empty()) {
        let taken = if is_over || Instant::now() >= until {
            Err(Error::transient("the time for it", "earlier lines took it"))
        } else {
            take_in_line(app, line.trim_end()).await
        };
        settled.lines.push(match taken {
            Ok(id) => {
                settled.accepted += 1;
                Line {
                    line: number,
                    id: Some(id),
                    error: None,
                    errors: Vec::new(),
                }
            }
            Err(error) => {
                is_over |= is_outside(error.kind());
                tracing::info!(
                    line = number,
                    error.kind = error.kind().as_str(),
                    error = error.chain(),
                    "not taken in"
                );
                Line::failed(number, &error)
            }
        });
    }
    settled
}

/// The content is the key: a line that is sent again is the same transcript.
async fn take_in_line(app: &App, line: &str) -> Result<TranscriptId, Error> {
    let body = line.as_bytes();
    let accepted = take_in(app, &content_key(body), body).await?;
    Ok(accepted.id())
}

fn is_outside(kind: Kind) -> bool {
    matches!(kind, Kind::Transient | Kind::Misconfigured | Kind::Bug)
}
