//! An agent's desk at the simulated CXone: a call that is heard, and the cards on the screen.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sample::ADVICE;
use crate::event_sources::Invoker;
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;

/// How long the simulator may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a listener may take to come, with everything cold.
const PATIENCE: Duration = Duration::from_mins(1);
/// As long as a listener stays.
const SHIFT: Duration = Duration::from_mins(16);
/// How often it is looked for something new.
const LOOK: Duration = Duration::from_millis(100);

/// A desk, and the interaction that is handled there.
pub(super) struct Desk {
    http: reqwest::Client,
    simulator: String,
    functions: String,
    interaction: String,
    shown: usize,
}

/// A card on the screen.
#[derive(Debug, Deserialize)]
pub(super) struct Card {
    body: String,
    score: f64,
}

#[derive(Deserialize)]
struct Screen {
    cards: Vec<Card>,
}

#[derive(Deserialize)]
struct Stream {
    connections: usize,
}

impl Desk {
    /// The desk of a new interaction.
    pub(super) fn of(status: &Status, interaction: String) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
        Ok(Self {
            http: http.build().or_fail("cannot make an HTTP client", ADVICE)?,
            simulator: status.simulator_url.clone(),
            functions: status.http_url.clone(),
            interaction,
            shown: 0,
        })
    }

    /// Waits until somebody listens. The schedule sends a listener within a minute; where nobody is yet, this does not wait for it.
    pub(super) async fn wait_for_a_listener(&self) -> Result<(), Failure> {
        if self.is_heard().await? {
            return Ok(());
        }
        let invoker = Invoker::new(self.functions.clone(), SHIFT)?;
        tokio::spawn(async move { invoker.invoke("assist-listener", "{}".to_owned()).await });
        let since = Instant::now();
        while !self.is_heard().await? {
            if since.elapsed() > PATIENCE {
                return Err(Failure::new("assist-listener does not listen", ADVICE));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn is_heard(&self) -> Result<bool, Failure> {
        let url = format!("{}/_control/stream", self.simulator);
        let stream: Stream = read(&self.ask(self.http.get(url)).await?)?;
        Ok(stream.connections > 0)
    }

    /// Somebody says something: `customer` or `agent`.
    pub(super) async fn say(&self, speaker: &str, text: &str) -> Result<(), Failure> {
        let channel = u8::from(speaker == "agent");
        let said = json!({ "interaction": self.interaction, "channel": channel, "speaker": speaker, "text": text });
        self.tell("stream/say", &said).await
    }

    /// The interaction is over.
    pub(super) async fn hang_up(&self) -> Result<(), Failure> {
        let end = json!({ "interaction": self.interaction });
        self.tell("stream/end", &end).await
    }

    /// The cards that came since the last look.
    pub(super) async fn new_cards(&mut self) -> Result<Vec<Card>, Failure> {
        let url = format!("{}/_control/assist/{}", self.simulator, self.interaction);
        let mut screen: Screen = read(&self.ask(self.http.get(url)).await?)?;
        let new = screen.cards.split_off(self.shown.min(screen.cards.len()));
        self.shown += new.len();
        Ok(new)
    }

    /// Looks for so long, and shows each card as it comes; whether there was one.
    pub(super) async fn watch(&mut self, until: Instant) -> Result<bool, Failure> {
        let before = self.shown;
        loop {
            for card in self.new_cards().await? {
                for line in card.lines() {
                    say!("{line}");
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(self.shown > before);
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }

    /// How many cards came.
    pub(super) fn cards(&self) -> usize {
        self.shown
    }

    /// Puts articles into the simulated CXone, as edits.
    pub(super) async fn edit_articles(&self, edits: &[Value]) -> Result<(), Failure> {
        // A part at a time: requests have a limit.
        for some in edits.chunks(50) {
            self.tell("knowledge/edits", &json!(some)).await?;
        }
        Ok(())
    }

    async fn tell(&self, what: &str, body: &Value) -> Result<(), Failure> {
        let url = format!("{}/_control/{what}", self.simulator);
        self.ask(self.http.post(url).json(body)).await.map(drop)
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Vec<u8>, Failure> {
        let what = "the simulated CXone does not do as it is told";
        let answer = request.send().await.or_fail(what, ADVICE)?;
        let answer = answer.error_for_status().or_fail(what, ADVICE)?;
        let body = answer.bytes().await.or_fail(what, ADVICE)?;
        Ok(body.to_vec())
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    let read = serde_json::from_slice(body);
    read.or_fail("the simulated CXone says something else", ADVICE)
}

impl Card {
    /// The card in a frame, a line for each line of it.
    pub(super) fn lines(&self) -> Vec<String> {
        let (title, passage) = self.body.split_once('\n').unwrap_or((&self.body, ""));
        let first = format!(
            "         ┌ {}  ({:.3})",
            title.trim_matches('*'),
            self.score
        );
        let last = format!("         └ {}", passage.replace('\n', " "));
        vec![first, last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_title_and_a_line() {
        let card = Card {
            body: "**Refunds**\nFive days.\nNot more.".to_owned(),
            score: 0.5,
        };
        let lines = card.lines();
        assert_eq!(lines[0].trim(), "┌ Refunds  (0.500)");
        assert_eq!(lines[1].trim(), "└ Five days. Not more.");
    }
}
