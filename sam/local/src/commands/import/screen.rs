//! What the person at the terminal sees of a running import: a bar, or a line now and then where there is no terminal.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::delivery::Trouble;
use super::progress::Progress;
use crate::console::warn;

/// How often a line is printed where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(5);

/// The running import as it is shown.
pub(super) struct Screen {
    bar: Option<ProgressBar>,
    bytes: Option<u64>,
    began: Progress,
    since: Instant,
    said: Instant,
}

impl Screen {
    /// Begins to show an import that came as far as `began`, of as many bytes, where that is known.
    pub(super) fn begin(began: Progress, bytes: Option<u64>) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self {
            bar: is_terminal.then(|| draw(bytes)),
            bytes,
            began,
            since: Instant::now(),
            said: Instant::now(),
        }
    }

    /// Shows how far it is.
    pub(super) fn show(&mut self, progress: Progress, trouble: &Trouble) {
        let words = self.words(progress, trouble);
        if let Some(bar) = &self.bar {
            bar.set_position(progress.offset);
            bar.set_message(words);
        } else if self.said.elapsed() >= INTERVAL {
            self.said = Instant::now();
            say!("… {}{words}", self.share(progress.offset));
        }
    }

    /// Says something without disturbing the bar.
    pub(super) fn warn(&self, text: impl std::fmt::Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| warn(text)),
            None => warn(text),
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// How long it took, and how many lines that were per second.
    pub(super) fn speed(&self, progress: Progress) -> String {
        let seconds = self.since.elapsed().as_secs_f64();
        format!(
            "{seconds:.1} s, {:.0} lines/s",
            self.lines(progress) / seconds
        )
    }

    fn words(&self, progress: Progress, trouble: &Trouble) -> String {
        let speed = self.lines(progress) / self.since.elapsed().as_secs_f64();
        let trouble = trouble.words();
        let trouble = trouble.map_or_else(String::new, |words| format!("; {words}"));
        let Progress { lines, refused, .. } = progress;
        format!("{lines} lines, {speed:.0}/s, {refused} refused{trouble}")
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a speed need not be exact beyond 2^52 lines"
    )]
    fn lines(&self, progress: Progress) -> f64 {
        (progress.lines - self.began.lines) as f64
    }

    fn share(&self, offset: u64) -> String {
        let percent = self
            .bytes
            .and_then(|bytes| (offset * 100).checked_div(bytes));
        percent.map_or_else(String::new, |percent| format!("{percent} %, "))
    }
}

fn draw(bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{bar:30} {bytes}/{total_bytes} (still {eta}) {msg}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
