//! What the event sources did, one line each, in a file that `up` shows.

use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

/// A log file that several tasks write to.
#[derive(Clone, Default)]
pub struct Log {
    file: Option<Arc<Mutex<File>>>,
}

impl Log {
    /// Starts the file anew.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let file = Some(Arc::new(Mutex::new(File::create(path)?)));
        Ok(Self { file })
    }

    /// Writes one line. A line that cannot be written is lost; it is told to nobody but the person who looks.
    pub fn line(&self, text: impl Display) {
        let Some(Ok(mut file)) = self.file.as_ref().map(|file| file.lock()) else {
            return;
        };
        let _ = writeln!(file, "{:.0} {text}", Timestamp::now());
    }
}
