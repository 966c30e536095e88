//! The peers' tables are written to for the length of a window: one with its graph, or one after the other, each of which gets its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Setting;
use super::asking::{Asked, beside};
use super::copying::{Copying, connect};
use super::corpus::Corpus;
use super::ours::{BATCH, WRITERS};
use super::table::Table;
use crate::bench::Outcome;

impl Table {
    /// Copies bare vectors into the graph for the length of the window, with somebody who asks beside.
    pub(super) async fn window(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<(f64, Asked)> {
        let over = AtomicBool::new(false);
        let mut asking = self.asking().await?;
        let started = Instant::now();
        let copying = self.bare(corpus, setting, started, None);
        let writes = async {
            let outcome = self.copy(&copying).await;
            over.store(true, Ordering::Relaxed);
            outcome.map(|()| started.elapsed())
        };
        let (time, asked) =
            tokio::join!(writes, beside(&mut asking, corpus, self.dimensions, &over));
        Ok((self.rate("rows", setting.prefilled, time?).await?, asked?))
    }

    /// Copies bare vectors into one table after the other, and builds the graph of each that is full beside.
    pub(super) async fn window_of_segments(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<f64> {
        let client = &self.scratch.client;
        let tables = Arc::new(AtomicUsize::new(0));
        let over = AtomicBool::new(false);
        client
            .batch_execute("CREATE TABLE part (LIKE rows INCLUDING ALL) PARTITION BY RANGE (id)")
            .await?;
        let most = 400;
        for number in 0..most {
            let segment = i64::try_from(setting.segment())?;
            let (from, to) = (number * segment + 1, (number + 1) * segment + 1);
            let part = format!(
                "CREATE TABLE part_{number} PARTITION OF part FOR VALUES FROM ({from}) TO ({to})"
            );
            client.batch_execute(&part).await?;
        }
        let started = Instant::now();
        let copying = self.bare(corpus, setting, started, Some(Arc::clone(&tables)));
        let writes = async {
            let outcome = self.copy(&copying).await;
            over.store(true, Ordering::Relaxed);
            outcome
        };
        let builds = self.build_parts(setting.segment(), &tables, &over);
        let (written, built) = tokio::join!(writes, builds);
        written?;
        built?;
        self.rate("part", 0, started.elapsed()).await
    }

    /// Builds the graph of every part that nobody writes into any more.
    async fn build_parts(
        &self,
        segment: usize,
        written: &AtomicUsize,
        over: &AtomicBool,
    ) -> Outcome<()> {
        let client = connect(&self.scratch.url).await?;
        for number in 0.. {
            while written.load(Ordering::Relaxed) < (number + 1) * segment + WRITERS * BATCH {
                if over.load(Ordering::Relaxed)
                    && written.load(Ordering::Relaxed) < (number + 1) * segment
                {
                    return Ok(());
                }
                if over.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            if let Some(index) = self.index(&format!("part_{number}")) {
                client.batch_execute(&index).await?;
            }
        }
        Ok(())
    }

    fn bare(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
        started: Instant,
        tables: Option<Arc<AtomicUsize>>,
    ) -> Copying {
        Copying {
            corpus: Arc::clone(corpus),
            setting,
            with_text: self.has_text(),
            next: Arc::new(AtomicUsize::new(setting.prefilled)),
            rows: usize::MAX,
            until: Some(started + setting.window),
            tables,
        }
    }
}
