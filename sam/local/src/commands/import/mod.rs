//! `cargo local import`: past conversations, one payload per line, along the same path as those that CXone posts; `cargo local inject`:
//! transcripts, one per line, into the intake.
//!
//! Every line is signed and posted to the webhook: the same validation, the same event key, the same queue; a transcript goes to the intake
//! under a key that is made of its content. Sent twice, a line has its effect once, so the import promises that every line is answered **at least** once: `FILE.import.json` remembers up to where all
//! were, and whatever ends a run, the next one begins there. What is refused is listed by line number and broken rule in
//! `FILE.refused.ndjson`. Nothing of a payload is printed or written.
//!
//! - [`lines`]: bytes to lines; [`progress`]: up to where all were answered (both pure but for the reader);
//! - [`delivery`]: one line until it is answered; [`destination`]: who takes them, and the key;
//! - [`journal`]: the two files; [`stdin`]: lines that are piped in; [`screen`]: what is seen; [`work`]: all of it together.

mod delivery;
mod destination;
mod journal;
mod lines;
mod progress;
mod screen;
mod stdin;
mod work;

use std::io::SeekFrom;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::fs::File;
use tokio::io::{AsyncBufRead, AsyncSeekExt as _, BufReader};

use self::delivery::Delivery;
pub(super) use self::delivery::{Verdict, WEBHOOK};
use self::destination::Destination;
use self::journal::Journal;
use self::lines::Lines;
use self::progress::{Answered, Progress};
use self::screen::Screen;
use self::stdin::Stdin;
use self::work::{End, Work};
use super::Interrupt;
use crate::cli::{Import, Inject};
use crate::console::{Ink, paint, table, warn};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// So many refused lines are shown; the report has them all.
const SHOWN: usize = 10;
const CHUNK: usize = 256 * 1_024;

pub(super) async fn run(workspace: &Workspace, flags: &Import) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::listen()?;
    let destination = destination::open(workspace, flags).await?;
    let parallel = flags.parallel.into();
    send(&flags.file, flags.restart, parallel, destination, interrupt).await
}

/// One line after the other: the transcripts of an interaction are injected in the order in which they arrive.
pub(super) async fn inject(workspace: &Workspace, flags: &Inject) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::listen()?;
    let destination = destination::open_intake(workspace, flags)?;
    send(&flags.file, flags.restart, 1, destination, interrupt).await
}

async fn send(
    file: &Path,
    restart: bool,
    parallel: usize,
    destination: Destination,
    interrupt: Interrupt,
) -> Result<ExitCode, Failure> {
    let delivery = Delivery::new(destination.sender, destination.taker);
    if file.as_os_str() == "-" {
        let reader = BufReader::with_capacity(CHUNK, Stdin::open());
        return import(reader, delivery, None, parallel, interrupt).await;
    }
    let journal = Journal::open(file, &destination.name, restart)?;
    let begin = journal.progress();
    if begin.lines > 0 && begin.offset == journal.bytes() {
        return Ok(nothing_is_left(&journal));
    }
    if begin.lines > 0 {
        say!("Going on behind line {}.", begin.lines);
    }
    let reader = open(file, begin.offset).await?;
    import(reader, delivery, Some(journal), parallel, interrupt).await
}

/// Whoever wants the file to be sent once more must not take what earlier runs did for what this one did.
fn nothing_is_left(journal: &Journal) -> ExitCode {
    let done = journal.progress();
    say!(
        "Nothing was sent: earlier runs came to the end of the file, with {} lines accepted and {} refused. --restart sends all again.",
        done.accepted,
        done.refused
    );
    show_refused(journal, done);
    match done.refused {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

async fn open(path: &Path, offset: u64) -> Result<BufReader<File>, Failure> {
    let mut file = File::open(path).await;
    if let Ok(file) = &mut file {
        let sought = file.seek(SeekFrom::Start(offset)).await;
        sought.or_fail(format!("cannot read {}", path.display()), "check the disk")?;
    }
    let file = file.or_fail(
        format!("cannot read {}", path.display()),
        "check the path and your rights",
    )?;
    Ok(BufReader::with_capacity(CHUNK, file))
}

async fn import<R: AsyncBufRead + Unpin>(
    reader: R,
    delivery: Delivery,
    journal: Option<Journal>,
    parallel: usize,
    mut interrupt: Interrupt,
) -> Result<ExitCode, Failure> {
    let began = journal.as_ref().map(Journal::progress).unwrap_or_default();
    let bytes = journal.as_ref().map(Journal::bytes);
    let mut work = Work {
        lines: Lines::after(began.lines, began.offset, reader),
        delivery: Arc::new(delivery),
        parallel,
        answered: Answered::from(began),
        journal,
        screen: Screen::begin(began, bytes),
    };
    let end = work.run(interrupt.wait()).await;
    sum_up(&work, began);
    let done = work.progress();
    match end? {
        End::Stopped => {
            warn("Stopped. Run the same command again to go on.");
            Ok(ExitCode::FAILURE)
        }
        End::Finished if bytes.is_some_and(|bytes| bytes != done.offset) => Err(Failure::new(
            "the file was changed while it was read",
            "begin anew with --restart; what is sent again has no effect",
        )),
        End::Finished if done.refused > 0 => Ok(ExitCode::FAILURE),
        End::Finished => Ok(ExitCode::SUCCESS),
    }
}

/// The outcome, of all runs together.
fn sum_up<R: AsyncBufRead + Unpin>(work: &Work<R>, began: Progress) {
    let done = work.progress();
    let mut rows = vec![
        ("lines", done.lines.to_string()),
        ("accepted", done.accepted.to_string()),
        ("refused", done.refused.to_string()),
        ("sent again", work.delivery.trouble().repeats().to_string()),
        ("this run", work.screen.speed(done)),
    ];
    if began.lines > 0 {
        rows.push(("earlier runs", format!("{} lines", began.lines)));
    }
    work.screen.clear();
    say!("{}", paint(Ink::Bold, work.delivery.taker().title));
    table(&rows);
    if let Some(journal) = &work.journal {
        show_refused(journal, done);
    }
}

fn show_refused(journal: &Journal, done: Progress) {
    if done.refused > 0 {
        for refusal in journal.first_refusals(SHOWN) {
            warn(refusal);
        }
        say!("  all refused lines: {}", journal.report_path().display());
    }
}
