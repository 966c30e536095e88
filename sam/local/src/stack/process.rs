//! Processes that outlive a crash of `cargo local`: how they are known again, and how they are stopped.
//!
//! A process id alone names nobody: it is used again. So a process is known by its id together with its start time, and what a
//! stack started also by a variable in its environment, which its children inherit, whatever process group they made.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

/// The variable that every process of a stack carries: the stack's directory, `#`, the part.
pub const MARK: &str = "CXONE_MEMORY_STACK";

/// A process that is surely meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Which part it is.
    pub name: String,
    /// Its id.
    pub pid: i32,
    /// When it started, in the words of the system.
    pub started: String,
}

impl Identity {
    /// The process that has this id now.
    pub fn of(name: &str, pid: i32) -> Option<Self> {
        let started = start_time(pid)?;
        Some(Self {
            name: name.to_owned(),
            pid,
            started,
        })
    }

    /// This process.
    pub fn own() -> Option<Self> {
        Self::of("cargo local", i32::try_from(std::process::id()).ok()?)
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        start_time(self.pid).is_some_and(|started| started == self.started)
    }

    /// Sends a signal, if it is still this very process.
    pub fn signal(&self, signal: Signal) {
        if self.is_alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// Sends a signal to its process group, which it leads.
    pub fn signal_group(&self, signal: Signal) {
        if self.is_alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }
}

/// When a process started; `None` if it is gone, or only waits to be buried.
fn start_time(pid: i32) -> Option<String> {
    if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let is_zombie = matches!(fields.next()?, "Z" | "X");
        return (!is_zombie).then(|| fields.nth(18).map(str::to_owned))?;
    }
    let output = Command::new("ps")
        .args(["-o", "stat=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (state, started) = text.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

/// Every other process whose environment carries a mark that begins like this.
pub fn marked(beginning: &str) -> Vec<Identity> {
    let wanted = format!("{MARK}={beginning}");
    let pids = if cfg!(target_os = "linux") {
        marked_in_proc(&wanted)
    } else {
        marked_by_ps(&wanted)
    };
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    pids.into_iter()
        .filter(|pid| *pid != own)
        .filter_map(|pid| Identity::of("leftover", pid))
        .collect()
}

fn marked_in_proc(wanted: &str) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_marked = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|pair| pair.starts_with(wanted.as_bytes()))
    };
    pids.filter(is_marked).collect()
}

fn marked_by_ps(wanted: &str) -> Vec<i32> {
    let output = Command::new("ps")
        .args(["-axEww", "-o", "pid=,command="])
        .output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let marked = text.lines().filter(|line| line.contains(wanted));
    marked
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

/// Asks processes to end, and makes those end that did not within `patience`.
pub async fn end(processes: &[Identity], patience: Duration) {
    for process in processes {
        // For Postgres, SIGTERM means to wait until every client has gone.
        let polite = if process.name == "postgres" {
            Signal::INT
        } else {
            Signal::TERM
        };
        process.signal(polite);
    }
    wait_for_end(processes, patience).await;
    for process in processes {
        process.signal(Signal::KILL);
    }
    wait_for_end(processes, Duration::from_secs(2)).await;
}

/// Waits until all are gone, or the time is over; says whether they are gone.
pub async fn wait_for_end(processes: &[Identity], patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        if !processes.iter().any(Identity::is_alive) {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A child's process group, ended when the work is given up: the child may be a wrapper, and its children the ones who work.
pub struct Group(Option<Pid>);

impl Group {
    /// The group that this child leads.
    pub fn of(child: Option<u32>) -> Self {
        Self(
            child
                .and_then(|pid| i32::try_from(pid).ok())
                .and_then(Pid::from_raw),
        )
    }

    /// The child has ended by itself.
    pub fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = rustix::process::kill_process_group(pid, Signal::TERM);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_known_by_its_start_time_and_found_by_its_mark() {
        let mark = format!("/nowhere/{}#test", uuid::Uuid::new_v4());
        let mut child = Command::new("sleep")
            .arg("60")
            .env(MARK, &mark)
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let identity = Identity::of("sleep", pid).unwrap();
        let stranger = Identity {
            started: "another time".to_owned(),
            ..identity.clone()
        };
        assert!(identity.is_alive() && !stranger.is_alive());
        stranger.signal(Signal::KILL);
        assert!(identity.is_alive(), "a recycled id is left alone");
        let deadline = Instant::now() + Duration::from_secs(5);
        while marked(&mark).is_empty() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(
            marked(&mark)
                .iter()
                .map(|found| found.pid)
                .collect::<Vec<_>>(),
            [pid]
        );
        end(std::slice::from_ref(&identity), Duration::from_secs(5)).await;
        child.wait().unwrap();
        assert!(!identity.is_alive() && marked(&mark).is_empty());
    }
}
