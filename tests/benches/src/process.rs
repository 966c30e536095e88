//! What the kernel tells of a process.

use std::fs;
use std::time::Duration;

use crate::bench::Outcome;

/// The kernel tells of processor time in hundredths of a second, whatever the machine.
const TICK: Duration = Duration::from_millis(10);

/// What a process and those of its children that have ended used of the processor until now.
pub(crate) fn processor_time(id: u32) -> Outcome<Duration> {
    let line = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let ticks = ticks(&line).ok_or("the kernel tells no processor time")?;
    Ok(TICK * u32::try_from(ticks)?)
}

/// In user mode and in the kernel, by itself and by its children.
fn ticks(line: &str) -> Option<u64> {
    // The name in brackets may hold blanks; the first field after it is the third.
    let (_, fields) = line.rsplit_once(") ")?;
    let times = fields.split(' ').skip(11).take(4);
    times.map(|field| field.parse::<u64>().ok()).sum()
}

/// The most memory that a process had, in megabytes.
pub(crate) fn peak_memory(id: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes = kilobytes.ok_or("the kernel tells no peak of memory")?;
    Ok(kilobytes.parse::<f64>()? * 1.024e-3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_times_of_a_line_are_added() {
        let line = "7 (a b) c) S 1 7 7 0 -1 4194560 900 0 0 0 250 40 3 2 20 0 4 0 100 1000 200";
        assert_eq!(ticks(line), Some(295));
        assert_eq!(ticks("7 (x) S 1"), Some(0));
    }
}
