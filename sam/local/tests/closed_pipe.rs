//! Whoever listens may go: `cargo local up | head`, a terminal that is closed. The work goes on, and stops in order.

use std::process::{Command, Stdio};

#[test]
fn nobody_listening_is_no_reason_to_die() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .arg("doctor")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
}
