//! What the person at the terminal sees: steps with their duration, tables, errors with advice.

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// Whether standard output is read by a machine.
static IS_STDOUT_TAKEN: AtomicBool = AtomicBool::new(false);

/// From now on people are spoken to on standard error.
pub fn leave_stdout_to_machines() {
    IS_STDOUT_TAKEN.store(true, Ordering::Relaxed);
}

/// Says how far something is.
pub fn tell(words: impl Display) {
    if IS_STDOUT_TAKEN.load(Ordering::Relaxed) {
        complain!("{words}");
    } else {
        say!("{words}");
    }
}

/// One long step: a spinner on a terminal, plain lines elsewhere.
pub struct Step {
    what: String,
    since: Instant,
    spinner: Option<ProgressBar>,
}

impl Step {
    /// Says that `what` begins.
    pub fn begin(what: impl Into<String>) -> Self {
        let what = what.into();
        let spinner = std::io::stderr().is_terminal().then(|| spin(&what));
        if spinner.is_none() {
            tell(format_args!("… {what}"));
        }
        Self {
            what,
            since: Instant::now(),
            spinner,
        }
    }

    /// Says that it is done, with what came out of it.
    pub fn done(self, outcome: impl Display) {
        let seconds = self.since.elapsed().as_secs_f64();
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        let mark = paint(Ink::Green, "✔");
        tell(format_args!(
            "{mark} {}: {outcome} ({seconds:.1} s)",
            self.what
        ));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}

fn spin(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Colours, for terminals only.
#[derive(Debug, Clone, Copy)]
pub enum Ink {
    /// It is well.
    Green,
    /// It could be better.
    Yellow,
    /// It is broken.
    Red,
    /// What to look at first.
    Bold,
}

/// Colours `text` where standard output is a terminal.
pub fn paint(ink: Ink, text: &str) -> String {
    if !std::io::stdout().is_terminal() {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Green => 32,
        Ink::Yellow => 33,
        Ink::Red => 31,
        Ink::Bold => 1,
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Something that should be known, and stops nothing.
pub fn warn(text: impl Display) {
    let mark = paint(Ink::Yellow, "!");
    tell(format_args!("{mark} {text}"));
}

/// Prints rows of name and value, the values aligned.
pub fn table(rows: &[(&str, String)]) {
    let width = rows
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    for (name, value) in rows {
        say!("  {name:<width$}  {value}");
    }
}

/// Prints an error with its causes and its advice.
pub fn report(failure: &Failure) {
    complain!("error: {failure}");
    for cause in failure.causes() {
        complain!("  because: {cause}");
    }
    complain!("  what to do: {}", failure.advice());
}
