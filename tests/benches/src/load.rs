//! An open-loop generator: requests arrive when they are due, whether or not earlier ones have been answered.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::bench::Outcome;

/// Evenly spaced arrivals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrivals {
    pub(crate) per_second: f64,
    pub(crate) time: Duration,
}

/// Latencies, of all blocks together and of each.
pub(crate) struct Latencies {
    all: Histogram<u64>,
    blocks: Vec<Histogram<u64>>,
}

impl Arrivals {
    /// How many requests that makes.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand, never negative"
    )]
    pub(crate) fn count(&self) -> usize {
        (self.per_second * self.time.as_secs_f64()).round() as usize
    }
}

/// Makes every call when it is due; `call` gives the moment of its answer. A latency counts from when the call was due, so
/// that waiting behind a slow one is not left out.
pub(crate) async fn offer<F>(
    arrivals: Arrivals,
    call: impl Fn(usize) -> F + Send + 'static,
) -> Outcome<Histogram<u64>>
where
    F: Future<Output = Outcome<Instant>> + Send + 'static,
{
    offer_some(arrivals, move |number| {
        let answered = call(number);
        async move { answered.await.map(Some) }
    })
    .await
}

/// The same, where not every call is answered: those that are not have no latency.
///
/// A thread of its own keeps the time: the runtime's timers are only good to a millisecond.
pub(crate) async fn offer_some<F>(
    arrivals: Arrivals,
    call: impl Fn(usize) -> F + Send + 'static,
) -> Outcome<Histogram<u64>>
where
    F: Future<Output = Outcome<Option<Instant>>> + Send + 'static,
{
    let runtime = Handle::current();
    let generator = move || {
        let started = Instant::now();
        let offer = |number: usize| {
            #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
            let due = started + Duration::from_secs_f64(number as f64 / arrivals.per_second);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let answered = call(number);
            runtime.spawn(async move { Ok(answered.await?.map(|at| at.duration_since(due))) })
        };
        (0..arrivals.count()).map(offer).collect::<Vec<_>>()
    };
    let calls: Vec<JoinHandle<Outcome<Option<Duration>>>> =
        tokio::task::spawn_blocking(generator).await?;
    let mut latencies = Histogram::new(3)?;
    for call in calls {
        if let Some(time) = call.await?? {
            latencies.record(nanoseconds(time))?;
        }
    }
    Ok(latencies)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Latencies {
    /// None yet.
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            all: Histogram::new(3)?,
            blocks: Vec::new(),
        })
    }

    /// Takes in a block.
    pub(crate) fn add(&mut self, block: Histogram<u64>) -> Outcome<()> {
        self.all.add(&block)?;
        self.blocks.push(block);
        Ok(())
    }

    /// The latency that this share of all requests kept, and the same of the best and the worst block.
    pub(crate) fn quantile(&self, share: f64) -> (Duration, Vec<Duration>) {
        let of =
            |latencies: &Histogram<u64>| Duration::from_nanos(latencies.value_at_quantile(share));
        (of(&self.all), self.blocks.iter().map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn latencies_count_from_when_a_call_was_due() {
        let arrivals = Arrivals {
            per_second: 1_000.0,
            time: Duration::from_millis(50),
        };
        let answered = Instant::now() + Duration::from_secs(2);
        let latencies = offer(arrivals, move |_| {
            // It falls behind: the last call is due after 49 ms, and made after 98.
            std::thread::sleep(Duration::from_millis(2));
            async move { Ok(answered) }
        });
        let latencies = latencies.await.unwrap();
        assert_eq!(latencies.len(), 50);
        let spread = (latencies.max() - latencies.min()) / 1_000_000;
        assert!((44..=54).contains(&spread), "{spread} ms");
    }
}
