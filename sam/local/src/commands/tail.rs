//! Follows a log file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

/// A log file, shown as it grows.
pub(super) struct Tail {
    path: PathBuf,
    shown: u64,
}

impl Tail {
    /// Shows what comes from now on.
    pub(super) fn from_end(path: PathBuf) -> Self {
        let shown = std::fs::metadata(&path)
            .map(|found| found.len())
            .unwrap_or_default();
        Self { path, shown }
    }

    /// Shows everything.
    pub(super) fn from_start(path: PathBuf) -> Self {
        Self { path, shown: 0 }
    }

    /// Writes what is new to standard output, whole lines only.
    pub(super) fn show(&mut self) {
        let mut new = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.shown))?;
            file.read_to_end(&mut new)
        });
        let Some(end) = read
            .ok()
            .and_then(|_| new.iter().rposition(|byte| *byte == b'\n'))
        else {
            return;
        };
        let whole = &new[..=end];
        self.shown += whole.len() as u64;
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(whole).and_then(|()| out.flush());
    }
}
