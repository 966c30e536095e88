//! Memory is bounded by the batch, not by how many there were.

use std::time::{Duration, Instant};

use shared::testing::{proof_size, skip};

use crate::world::{AMPLE, Process, Queue, World, names};

/// What the process holds, in kilobytes, where the kernel tells.
fn resident(process: &Process) -> Option<usize> {
    let id = process.function.id()?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test]
async fn memory_does_not_grow_with_the_batches() {
    let test = "memory_does_not_grow_with_the_batches";
    let Some(world) = World::start(test).await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let least = Duration::from_secs(proof_size(0, 600) as u64);
    let (started, mut held, mut batch) = (Instant::now(), Vec::new(), 0);
    while batch < 30 || started.elapsed() < least {
        let mut queue = Queue::of(&names(&format!("batch-{batch}"), 100));
        assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
        held.extend(resident(&process));
        batch += 1;
    }
    let (Some(third), Some(end)) = (held.get(held.len() / 3), held.last()) else {
        return skip(test, "the kernel does not tell what a process holds");
    };
    println!(
        "{batch} batches of 100 in {:?}: {third} kB after a third, {end} kB at the end",
        started.elapsed()
    );
    // Of the few batches in CI, some still fill what the process keeps.
    let percent = proof_size(130, 110);
    assert!(end * 100 < third * percent, "{held:?}");
}
