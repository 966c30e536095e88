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

    /// Says how far it is, on a terminal.
    pub fn update(&self, words: impl Display) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(format!("{}: {words}", self.what));
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

/// How often a line is printed where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(5);

/// Work of known size: a bar on a terminal, a line now and then elsewhere.
pub struct Bar {
    bar: Option<ProgressBar>,
    of: &'static str,
    said: Option<Instant>,
}

impl Bar {
    /// Begins to show work on so many of something.
    pub fn begin(of: &'static str) -> Self {
        let draw = || {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{bar:30} {pos} of {len} {msg} (still {eta})");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.set_message(of);
            bar
        };
        Self {
            bar: std::io::stderr().is_terminal().then(draw),
            of,
            said: None,
        }
    }

    /// So much is done, of so much.
    pub fn show(&mut self, done: u64, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        } else if self.said.is_none_or(|said| said.elapsed() >= INTERVAL) {
            self.said = Some(Instant::now());
            tell(format_args!("… {done} of {all} {}", self.of));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
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
