//! `cxone-simulator --port 9100`: the simulator as a process, until Ctrl-C or SIGTERM.

use std::io;

use clap::Parser;
use cxone_simulator::{Settings, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// Plays CXone and an OpenAI-compatible embedding provider on 127.0.0.1.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 9100)]
    port: u16,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let Arguments { port } = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let simulator = Simulator::start(Settings {
        port,
        ..Settings::default()
    })?;
    announce(simulator.url());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    simulator.stop().await;
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the one line on stdout is how a parent process learns the URL"
)]
fn announce(url: &str) {
    println!("{url}");
}
