//! How fast vectors become searchable when each full segment gets its graph after loading, beside COPY into one graph that stands, and
//! beside two ways of Python; and how fast and how well all are searched, meanwhile and afterwards.

mod asking;
mod copying;
mod corpus;
mod keeping;
mod looking;
mod ours;
mod python;
mod report;
mod table;
mod windows;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use self::asking::{Asked, at_rest};
use self::corpus::Corpus;
use self::ours::Ours;
use self::python::Peers;
use self::table::{Kind, Table, is_large};
use crate::bench::{Outcome, Size};
use crate::report::Report;
use crate::scratch::Ready;
use shared::db::vector_segments::FRESH_VALUES;

/// So many of the nearest are looked for.
const NEAREST: usize = 20;

/// What is measured at once.
#[derive(Debug, Clone, Copy)]
struct Setting {
    dimensions: usize,
    /// Rows that stand before.
    prefilled: usize,
    window: Duration,
    /// For the peers in Python, whose pace changes little.
    peer_window: Duration,
    /// Questions at rest.
    questions: usize,
    /// Numbers of a fresh segment.
    values: usize,
}

impl Setting {
    /// Rows of a fresh segment.
    fn segment(&self) -> usize {
        self.values / self.dimensions
    }
}

/// How much is measured.
struct Plan {
    texts: usize,
    windows: [Duration; 2],
    questions: usize,
    values: usize,
    /// Numbers of a vector, and rows that stand before.
    places: &'static [(usize, usize)],
}

/// What a side came to.
struct Side {
    per_second: f64,
    beside: Asked,
    rest: Asked,
    /// Of one graph over large vectors, which finds few of the nearest: at rest, walked as far as it can be.
    far: Option<Asked>,
}

/// Everything of a setting.
struct Measured {
    setting: Setting,
    window: ours::Window,
    ours: Side,
    /// Bare vectors, whose graphs are built after loading.
    bare: f64,
    graph: Side,
    /// Of large vectors: one list of signs.
    signs: Option<Side>,
    reference: Side,
    langchain: Side,
}

fn plan(size: Size) -> Plan {
    let values = FRESH_VALUES.get() as usize;
    let seconds = |ours, python| [ours, python].map(Duration::from_secs);
    match size {
        Size::Quick => Plan {
            texts: 3_000,
            windows: seconds(5, 3),
            questions: 40,
            values: 384_000,
            places: &[(384, 0), (384, 2_000)],
        },
        Size::Default => Plan {
            // As many as become vectors within minutes, the first time.
            texts: 49_000,
            windows: seconds(20, 10),
            questions: 200,
            values,
            places: &[(384, 0), (384, 50_000), (1_536, 0)],
        },
        Size::Medium => Plan {
            texts: 200_000,
            windows: seconds(30, 15),
            questions: 200,
            values,
            places: &[(384, 0), (384, 200_000), (1_536, 0)],
        },
        Size::Full => Plan {
            texts: 200_000,
            windows: seconds(300, 60),
            questions: 500,
            values,
            places: &[
                (384, 0),
                (384, 200_000),
                (384, 1_000_000),
                (1_536, 0),
                (1_536, 200_000),
            ],
        },
    }
}

/// Fills all, and asks all, for one setting after the other.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let plan = plan(size);
    let (corpus, peers) = (Arc::new(Corpus::load(plan.texts)?), Peers::prepare()?);
    let mut all = Vec::new();
    for (dimensions, prefilled) in plan.places {
        let [window, peer_window] = plan.windows;
        let setting = Setting {
            dimensions: *dimensions,
            prefilled: *prefilled,
            window,
            peer_window,
            questions: plan.questions,
            values: plan.values,
        };
        all.push(measure(&corpus, &peers, setting).await?);
    }
    Ok(report::report(&all))
}

async fn measure(corpus: &Arc<Corpus>, peers: &Peers, setting: Setting) -> Outcome<Measured> {
    let about = format!("{} numbers, {} rows", setting.dimensions, setting.prefilled);
    eprintln!("{about}: ours ...");
    let ready = Ready::of("segments", setting.dimensions).await?;
    ours::prefill(&ready, corpus, setting).await?;
    let mut window = ours::window(&ready, corpus, setting).await?;
    let mut asking = Ours(ready.database.clone());
    let ours = Side {
        per_second: rate(window.rows, window.time),
        beside: std::mem::take(&mut window.asked),
        rest: at_rest(&mut asking, corpus, setting.dimensions, setting.questions).await?,
        far: None,
    };
    drop(asking);
    ready.scratch.remove().await?;
    let rows = setting.prefilled + window.rows;

    eprintln!("{about}: one graph ...");
    let one_graph = async |kind| {
        let window = async |table: &Table| table.window(corpus, setting).await;
        beside_table(kind, corpus, setting, rows, window).await
    };
    let graph = one_graph(Kind::Graph).await?;
    let signs = if is_large(setting.dimensions) {
        Some(one_graph(Kind::Signs).await?)
    } else {
        None
    };
    eprintln!("{about}: bare vectors, the reference's way, langchain-postgres ...");
    let empty = Setting {
        prefilled: 0,
        ..setting
    };
    let table = Table::create(Kind::Bare, corpus, empty).await?;
    let bare = table.window_of_segments(corpus, empty).await?;
    table.scratch.remove().await?;
    let python = async |kind, script| {
        let window = async |table: &Table| peers.window(script, table, corpus, setting).await;
        beside_table(kind, corpus, setting, rows, window).await
    };
    Ok(Measured {
        reference: python(Kind::Reference, "segment_reference.py").await?,
        langchain: python(Kind::Langchain, "segment_langchain.py").await?,
        setting,
        window,
        ours,
        bare,
        graph,
        signs,
    })
}

/// Makes a table, lets `window` write into it, and asks it afterwards: one graph over as many rows as ours has, the others with what they wrote.
async fn beside_table(
    kind: Kind,
    corpus: &Arc<Corpus>,
    setting: Setting,
    rows: usize,
    window: impl AsyncFnOnce(&Table) -> Outcome<(f64, Asked)>,
) -> Outcome<Side> {
    let table = Table::create(kind, corpus, setting).await?;
    let (per_second, beside) = window(&table).await?;
    if matches!(kind, Kind::Graph | Kind::Signs) {
        table.fill(corpus, setting, rows).await?;
    }
    table.scratch.client.batch_execute("ANALYZE").await?;
    let mut asking = table.asking().await?;
    let (dimensions, questions) = (setting.dimensions, setting.questions);
    let rest = at_rest(&mut asking, corpus, dimensions, questions).await?;
    let far = if kind == Kind::Graph && is_large(dimensions) {
        asking.go_far().await?;
        Some(at_rest(&mut asking, corpus, dimensions, questions).await?)
    } else {
        None
    };
    drop(asking);
    table.scratch.remove().await?;
    Ok(Side {
        per_second,
        beside,
        rest,
        far,
    })
}

fn rate(rows: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
