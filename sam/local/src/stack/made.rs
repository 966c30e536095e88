//! A folder that is made whole or not at all, and says what it was made of.

use std::path::{Path, PathBuf};

use rustix::process::Pid;
use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, OrFail as _};

const STAMP: &str = ".stamp";

/// A folder that is there with its stamp, or has still to be made.
#[derive(Debug, Clone)]
pub struct Made {
    dir: PathBuf,
}

impl Made {
    /// The folder at this place.
    pub fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it was made of; empty while it is not there.
    pub fn stamp(&self) -> String {
        std::fs::read_to_string(self.dir.join(STAMP)).unwrap_or_default()
    }

    /// Whether it is there, made of this.
    pub fn is(&self, wanted: &str) -> bool {
        self.stamp() == wanted
    }

    /// Lets `fill` make a new folder beside it, and puts that into its place.
    pub async fn make(
        &self,
        stamp: &str,
        fill: impl AsyncFnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.sweep();
        let new = format!("new-{}", std::process::id());
        let new = self.dir.with_extension(new);
        let outcome = fill(&new).await.and_then(|()| self.replace(&new, stamp));
        let _ = std::fs::remove_dir_all(&new);
        outcome
    }

    /// Removes what interrupted makers left: their folders carry the id of a process that is gone, or is this one.
    fn sweep(&self) {
        let siblings = self
            .dir
            .parent()
            .and_then(|parent| std::fs::read_dir(parent).ok());
        for path in siblings
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
        {
            let is_ours = path.with_extension("") == self.dir;
            let id = path
                .extension()
                .and_then(|text| text.to_str()?.strip_prefix("new-")?.parse().ok());
            let Some(id) = id.and_then(Pid::from_raw).filter(|_| is_ours) else {
                continue;
            };
            if rustix::process::test_kill_process(id).is_err() || id == rustix::process::getpid() {
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }

    /// Puts a finished folder in place of the last one. Whoever was faster has made the same.
    fn replace(&self, finished: &Path, stamp: &str) -> Result<(), Failure> {
        let what = format!("cannot put {} into its place", self.dir.display());
        let advice = "check that its folder is writable, then run the command again";
        std::fs::write(finished.join(STAMP), stamp).or_fail(&*what, advice)?;
        let _ = std::fs::remove_dir_all(&self.dir);
        match std::fs::rename(finished, &self.dir) {
            Err(_) if self.is(stamp) => Ok(()),
            moved => moved.or_fail(what, advice),
        }
    }
}

/// A short name for these bytes.
pub fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(name: &str) -> impl AsyncFnOnce(&Path) -> Result<(), Failure> {
        async move |new: &Path| {
            std::fs::create_dir_all(new).or_fail("no folder", "")?;
            std::fs::write(new.join(name), "").or_fail("no file", "")
        }
    }

    #[tokio::test]
    async fn what_fails_leaves_the_last_folder_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let made = Made::at(place.path().join("deep/tools"));
        made.make("one", write("a")).await.unwrap();
        let failing = async |new: &Path| {
            write("b")(new).await?;
            Err(Failure::new("interrupted", "try again"))
        };
        assert!(made.make("two", failing).await.is_err());
        assert!(made.is("one") && made.dir().join("a").is_file());
        assert_eq!(entries(made.dir().parent().unwrap()), ["tools"]);
    }

    #[tokio::test]
    async fn what_is_new_replaces_the_last_and_what_was_interrupted() {
        let place = tempfile::tempdir().unwrap();
        let made = Made::at(place.path().join("tools"));
        made.make("one", write("a")).await.unwrap();
        std::fs::create_dir(place.path().join("tools.new-2147483647")).unwrap();
        std::fs::create_dir(place.path().join("other.new-2147483647")).unwrap();
        made.make("two", write("b")).await.unwrap();
        assert!(made.is("two") && !made.is("one"));
        assert_eq!(entries(made.dir()), [".stamp", "b"]);
        assert_eq!(entries(place.path()), ["other.new-2147483647", "tools"]);
    }

    fn entries(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}
