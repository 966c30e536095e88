//! The reference's way in Python, on a stream of its own.

use std::process::Stdio;
use std::time::Duration;

use cxone_simulator::{Settings, Simulator};
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use super::Times;
use super::stage::Stage;
use crate::bench::Outcome;
use crate::peers::Peers;

const LOG: &str = "the peer failed; see target/bench/assist-peers.log";

/// The process, and the simulator that it listens to.
pub(super) struct Peer {
    simulator: Simulator,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Peer {
    /// Starts it, and waits until it listens.
    pub(super) async fn start(stage: &Stage) -> Outcome<Self> {
        let simulator = Simulator::start(Settings {
            token_lifetime: Duration::from_hours(24),
            ..Settings::default()
        })?;
        let mut child = Peers::prepare("assist-peers.log")?
            .command("assist_way.py")?
            .env("DATABASE_URL", &stage.scratch.url)
            .env("LOCAL_MODEL_DIR", &stage.model)
            .env("CXONE_URL", simulator.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or(LOG)?;
        let mut peer = Self {
            simulator,
            output: BufReader::new(output).lines(),
            _child: child,
        };
        match peer.line().await?.as_str() {
            "ready" => Ok(peer),
            other => Err(format!("the peer says {other}").into()),
        }
    }

    /// Says something in a channel of an interaction, and waits until the cards are posted.
    pub(super) async fn say(
        &mut self,
        interaction: &str,
        channel: usize,
        text: &str,
    ) -> Outcome<Times> {
        let before = self.simulator.assist().cards(interaction).len();
        let begun = Timestamp::now();
        self.simulator.stream().say(interaction, channel, text);
        let model = Duration::from_nanos(self.line().await?.parse()?);
        let cards = self.simulator.assist().cards(interaction);
        let card = cards.get(before).ok_or("the peer posted no card")?;
        let whole = card.at.duration_since(begun).try_into()?;
        Ok(Times { whole, model })
    }

    async fn line(&mut self) -> Outcome<String> {
        let line = self.output.next_line().await?;
        Ok(line.ok_or(LOG)?)
    }
}
