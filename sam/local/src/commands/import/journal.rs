//! What is remembered of an import beside its file: `FILE.import.json`, how far it came, and `FILE.refused.ndjson`, what was
//! refused. Neither holds anything of a payload.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::progress::{Progress, Refusal};
use crate::failure::{Failure, OrFail as _};

const ADVICE: &str = "check that the folder of the file is writable and the disk not full, or pipe the file in, with - in its place";
const RESTART: &str = "begin anew with --restart; what is sent again has no effect";
/// How much of the file's beginning tells it from others.
const BEGINNING: u64 = 1_024 * 1_024;

/// The memory of one import.
pub(super) struct Journal {
    path: PathBuf,
    record: Record,
    report_path: PathBuf,
    report: File,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    destination: String,
    file: Identity,
    progress: Progress,
    /// How long the report was then; what it holds beyond that is written again.
    report_bytes: u64,
}

/// Tells one content from another without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    bytes: u64,
    sha256_of_beginning: String,
}

impl Journal {
    /// Opens the memory of an import of `file`, or begins one.
    pub(super) fn open(file: &Path, destination: &str, restart: bool) -> Result<Self, Failure> {
        let path = beside(file, "import.json");
        let identity = Identity::of(file)?;
        let report_path = beside(file, "refused.ndjson");
        let report = open_report(&report_path)?;
        let begin = Record {
            destination: destination.to_owned(),
            file: identity,
            progress: Progress::default(),
            report_bytes: 0,
        };
        let record = match std::fs::read(&path) {
            Ok(text) if !restart => resume(&path, &text, &begin)?,
            _ => begin,
        };
        let length = report.metadata().map_or(0, |metadata| metadata.len());
        let cut = report.set_len(record.report_bytes.min(length));
        cut.or_fail(format!("cannot write {}", report_path.display()), ADVICE)?;
        Ok(Self {
            path,
            record,
            report_path,
            report,
        })
    }

    /// How far it came.
    pub(super) fn progress(&self) -> Progress {
        self.record.progress
    }

    /// How large the file is.
    pub(super) fn bytes(&self) -> u64 {
        self.record.file.bytes
    }

    /// Where the refused lines are listed.
    pub(super) fn report_path(&self) -> &Path {
        &self.report_path
    }

    /// The first refusals, as they were written.
    pub(super) fn first_refusals(&self, count: usize) -> Vec<Refusal> {
        let text = std::fs::read_to_string(&self.report_path).unwrap_or_default();
        let lines = text.lines().take(count);
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Adds to the list of refused lines.
    pub(super) fn report(&mut self, refusals: &[Refusal]) -> Result<(), Failure> {
        for refusal in refusals {
            let written = serde_json::to_string(refusal).map_err(std::io::Error::from);
            let written = written.and_then(|text| writeln!(self.report, "{text}"));
            written.or_fail(
                format!("cannot write {}", self.report_path.display()),
                ADVICE,
            )?;
        }
        Ok(())
    }

    /// Remembers how far it came, whole or not at all, also if the power fails.
    pub(super) fn save(&mut self, progress: Progress) -> Result<(), Failure> {
        self.record.progress = progress;
        let written = self.write();
        written.or_fail(format!("cannot write {}", self.path.display()), ADVICE)
    }

    fn write(&mut self) -> std::io::Result<()> {
        self.report.sync_data()?;
        self.record.report_bytes = self.report.metadata()?.len();
        let new = self.path.with_extension("json.new");
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec_pretty(&self.record)?)?;
        file.sync_data()?;
        std::fs::rename(&new, &self.path)
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The report is also the lock: two imports of one file would overwrite each other's memory.
fn open_report(path: &Path) -> Result<File, Failure> {
    let what = || format!("cannot write {}", path.display());
    let file = File::options().create(true).append(true).open(path);
    let file = file.or_fail(what(), ADVICE)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::new(
            "this file is being imported already",
            "wait until the other import has ended, or stop it",
        )),
        Err(TryLockError::Error(error)) => Err(error).or_fail(what(), ADVICE),
    }
}

/// What is remembered, if it belongs to the same content and the same destination.
fn resume(path: &Path, text: &[u8], now: &Record) -> Result<Record, Failure> {
    let refuse = |what: &str| Err(Failure::new(format!("{}: {what}", path.display()), RESTART));
    let Ok(record) = serde_json::from_slice::<Record>(text) else {
        return refuse("how far the import came cannot be read");
    };
    if record.file != now.file {
        return refuse("the file has another content than when its import began");
    }
    if record.destination != now.destination {
        return refuse(&format!(
            "the import began to another destination ({})",
            record.destination
        ));
    }
    Ok(record)
}

impl Identity {
    fn of(path: &Path) -> Result<Self, Failure> {
        let what = || format!("cannot read {}", path.display());
        let file = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = file.or_fail(what(), "check the path and your rights")?;
        if !metadata.is_file() {
            let advice = "give a file, or - and pipe the lines in";
            return Err(Failure::new(what() + ": it is no regular file", advice));
        }
        let mut beginning = Vec::new();
        let read = file.take(BEGINNING).read_to_end(&mut beginning);
        read.or_fail(what(), "check the disk")?;
        let digest = Sha256::digest(&beginning);
        Ok(Self {
            bytes: metadata.len(),
            sha256_of_beginning: digest
                .iter()
                .fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Reason;
    use super::*;

    fn refusal(line: u64) -> Refusal {
        Refusal {
            line,
            status: Some(400),
            reasons: vec![Reason::new("/event", "is required")],
        }
    }

    fn reported(journal: &Journal) -> Vec<u64> {
        let refusals = journal.first_refusals(100);
        refusals.iter().map(|refusal| refusal.line).collect()
    }

    #[test]
    fn what_was_reported_after_the_last_second_is_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("past.ndjson");
        std::fs::write(&file, "[]\n[]\n[]\n").unwrap();
        let progress = Progress {
            offset: 6,
            lines: 2,
            accepted: 0,
            refused: 2,
        };
        let mut journal = Journal::open(&file, "here", false).unwrap();
        journal.report(&[refusal(1), refusal(2)]).unwrap();
        journal.save(progress).unwrap();
        journal.report(&[refusal(3)]).unwrap();
        assert_eq!(reported(&journal), [1, 2, 3]);
        drop(journal);
        let mut journal = Journal::open(&file, "here", false).unwrap();
        assert_eq!((journal.progress(), journal.bytes()), (progress, 9));
        assert_eq!(reported(&journal), [1, 2]);
        journal.report(&[refusal(3)]).unwrap();
        assert_eq!(reported(&journal), [1, 2, 3]);
        drop(journal);
        let journal = Journal::open(&file, "here", true).unwrap();
        assert_eq!(journal.progress(), Progress::default());
        assert!(reported(&journal).is_empty());
    }

    #[test]
    fn a_memory_that_does_not_fit_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("past.ndjson");
        let reason = |destination| {
            let opened = Journal::open(&file, destination, false);
            opened.map_or_else(|failure| failure.to_string(), |_| "opened".to_owned())
        };
        assert!(reason("here").contains("cannot read"));
        std::fs::write(&file, "[]\n").unwrap();
        let mut journal = Journal::open(&file, "here", false).unwrap();
        assert!(reason("here").contains("being imported already"));
        journal.save(Progress::default()).unwrap();
        drop(journal);
        assert!(reason("there").contains("another destination (here)"));
        std::fs::write(&file, "{}\n").unwrap();
        assert!(
            reason("here").contains("another content"),
            "of the same size"
        );
        std::fs::write(beside(&file, "import.json"), "{").unwrap();
        assert!(reason("here").contains("cannot be read"));
        assert!(Journal::open(folder.path(), "here", false).is_err());
    }
}
