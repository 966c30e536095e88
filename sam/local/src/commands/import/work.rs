//! The work of an import: reads lines, sends some side by side, and remembers every second how far it came.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncBufRead;
use tokio::task::{JoinError, JoinSet};
use tokio::time::MissedTickBehavior;

use super::delivery::Delivery;
use super::journal::Journal;
use super::lines::{Content, Line, Lines};
use super::progress::{Answered, Outcome, Progress, Reason, Refusal};
use super::screen::Screen;
use crate::failure::{Failure, OrFail as _};

/// As many lines may be answered while an earlier one waits; as many are sent again, at most, after an end in between.
const MOST_BEYOND: usize = 1_024;
const SECOND: Duration = Duration::from_secs(1);

/// An import at work.
pub(super) struct Work<R> {
    pub(super) lines: Lines<R>,
    pub(super) delivery: Arc<Delivery>,
    pub(super) parallel: usize,
    pub(super) answered: Answered,
    /// None for standard input, which cannot be read a second time.
    pub(super) journal: Option<Journal>,
    pub(super) screen: Screen,
}

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every line was answered.
    Finished,
    /// Somebody wanted it to end.
    Stopped,
}

/// A line that was answered: its number, where it ends, and how.
type Delivered = (u64, u64, Result<Outcome, Failure>);

impl<R: AsyncBufRead + Unpin> Work<R> {
    /// Works until all is done or `stop` comes. However it ends, how far it came is remembered.
    pub(super) async fn run(&mut self, stop: impl Future<Output = ()>) -> Result<End, Failure> {
        let end = self.send_all(stop).await;
        self.remember()?;
        end
    }

    pub(super) fn progress(&self) -> Progress {
        self.answered.progress()
    }

    async fn send_all(&mut self, stop: impl Future<Output = ()>) -> Result<End, Failure> {
        // Dropping the set gives up the lines in it; none of them counts as answered.
        let mut on_the_way = JoinSet::new();
        let mut every_second = tokio::time::interval(SECOND);
        every_second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_read = false;
        tokio::pin!(stop);
        while !is_read || !on_the_way.is_empty() {
            let has_room = on_the_way.len() < self.parallel && self.answered.beyond() < MOST_BEYOND;
            tokio::select! {
                () = &mut stop => return Ok(End::Stopped),
                Some(delivered) = on_the_way.join_next() => self.settle(delivered)?,
                line = self.lines.next(), if has_room && !is_read => {
                    match line.or_fail("the lines cannot be read on", "check the disk")? {
                        Some(line) => self.begin(line, &mut on_the_way)?,
                        None => is_read = true,
                    }
                }
                _ = every_second.tick() => self.remember()?,
            }
        }
        Ok(End::Finished)
    }

    fn begin(&mut self, line: Line, on_the_way: &mut JoinSet<Delivered>) -> Result<(), Failure> {
        let Line {
            number,
            end,
            content,
        } = line;
        match content {
            Content::Body(body) => {
                let delivery = Arc::clone(&self.delivery);
                let deliver = async move { (number, end, delivery.deliver(number, body).await) };
                on_the_way.spawn(deliver);
                Ok(())
            }
            Content::Blank => self.complete(number, end, Outcome::Blank),
            Content::Unfit(why) => {
                let refusal = Refusal {
                    line: number,
                    status: None,
                    reasons: vec![Reason::new("", why)],
                };
                self.complete(number, end, Outcome::Refused(refusal))
            }
        }
    }

    fn settle(&mut self, delivered: Result<Delivered, JoinError>) -> Result<(), Failure> {
        let broken = "the sending of a line broke off";
        let (number, end, outcome) =
            delivered.or_fail(broken, "report this; it should not happen")?;
        self.complete(number, end, outcome?)
    }

    fn complete(&mut self, number: u64, end: u64, outcome: Outcome) -> Result<(), Failure> {
        let refusals = self.answered.complete(number, end, outcome);
        if let Some(journal) = &mut self.journal {
            return journal.report(&refusals);
        }
        for refusal in refusals {
            self.screen.warn(refusal);
        }
        Ok(())
    }

    fn remember(&mut self) -> Result<(), Failure> {
        let progress = self.answered.progress();
        self.screen.show(progress, self.delivery.trouble());
        self.journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.save(progress))
    }
}
