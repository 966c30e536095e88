//! How long it takes from a frame of the stream to the card on the agent's screen, beside the reference's way in Python.

mod ours;
mod peers;
mod said;
pub(crate) mod stage;

use std::time::{Duration, Instant};

use shared::embedding::local::MiniLm;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::peer;
use crate::report::{Goal, Report, Row};
use ours::Ours;
use peers::Peer;
use said::Spoken;
use stage::Stage;

/// Utterances before anything is measured: connections, caches and plans are warm then.
const WARMING: usize = 10;

/// What one utterance took on both sides.
struct Turn {
    ours: Times,
    /// As the document does it: by the whole transcript.
    document: Times,
    /// By the words that ours looks up.
    peer: Times,
}

/// From the frame to the card, and the pass of the model in it.
#[derive(Clone, Copy)]
struct Times {
    whole: Duration,
    model: Duration,
}

impl Times {
    fn rest(&self) -> Duration {
        self.whole.saturating_sub(self.model)
    }
}

/// What was said, and what became of it.
#[derive(Default)]
struct Counts {
    calls: usize,
    utterances: usize,
    by_quiet: usize,
    without_card: usize,
}

/// Those who are compared, and a model of the bench's own.
struct Contest {
    ours: Ours,
    peer: Peer,
    model: MiniLm,
}

/// Says every utterance on both sides in turn.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let stage = Stage::set().await?;
    let mut contest = Contest {
        ours: Ours::start(&stage).await?,
        peer: Peer::start(&stage).await?,
        model: MiniLm::load(&stage.model)?,
    };
    let calls = said::calls(size.pick(1, 8, 20))?;
    let (mut turns, mut counts) = (Vec::new(), Counts::default());
    counts.calls = calls.len();
    for (number, call) in calls.iter().enumerate() {
        let interaction = format!("bench-{number}");
        contest.ours.begin(&interaction);
        for (place, one) in call.iter().enumerate() {
            let turn = contest.turn(&interaction, place, one).await?;
            if number > 0 || place >= WARMING {
                counts.count(one, turn.is_some());
                turns.extend(turn.filter(|_| one.is_prompt));
            }
        }
    }
    contest.ours.end().await?;
    drop(contest.peer);
    let about = about(&stage, &counts)?;
    stage.scratch.remove().await?;
    if turns.is_empty() {
        return Err("no card came in time".into());
    }
    Ok(report(about, &turns, &counts))
}

impl Contest {
    /// Everybody hears an utterance; nothing where ours has no card for it.
    async fn turn(
        &mut self,
        interaction: &str,
        place: usize,
        one: &Spoken,
    ) -> Outcome<Option<Turn>> {
        let whole = self.ours.say(interaction, one).await?;
        let model = passed(&self.model, one)?;
        let document = self.peer.say(interaction, one.channel, &one.text).await?;
        let own = format!("{interaction}-{place}");
        let peer = self.peer.say(&own, 0, &one.window).await?;
        Ok(whole.map(|whole| Turn {
            ours: Times { whole, model },
            document,
            peer,
        }))
    }
}

impl Counts {
    fn count(&mut self, one: &Spoken, has_card: bool) {
        self.utterances += 1;
        self.by_quiet += usize::from(!one.is_prompt);
        self.without_card += usize::from(one.is_prompt && !has_card);
    }
}

/// The pass over the same words, as the function does it.
fn passed(model: &MiniLm, one: &Spoken) -> Outcome<Duration> {
    let started = Instant::now();
    model.read(&one.window)?;
    Ok(started.elapsed())
}

fn report(about: String, turns: &[Turn], counts: &Counts) -> Report {
    let figure = |percent, time: &dyn Fn(&Turn) -> Duration| at(turns.iter().map(time), percent);
    let row = |what: &str, percent, time: fn(&Times) -> Duration| {
        let ours = figure(percent, &|turn| time(&turn.ours));
        let peer = figure(percent, &|turn| time(&turn.peer));
        Row::new(format!("{what}, p{percent}"), ours, peer, None)
    };
    let document = |percent| Row {
        peer: figure(percent, &|turn| turn.document.whole),
        ..row("from the frame to the card", percent, |it| it.whole)
    };
    let rest = "of it, all but the model";
    Report {
        about,
        rows: vec![
            document(50).aiming_at(Goal::TimesPeer(1.0)),
            document(95).aiming_at(Goal::AtMost(150.0)),
            row("… beside the peer by the same words", 50, |it| it.whole),
            row("of it, the model", 50, |it| it.model),
            row(rest, 50, Times::rest).aiming_at(Goal::TimesPeer(5.0)),
            row(rest, 95, Times::rest),
        ],
        notes: notes(counts),
    }
}

/// The time that so many percent of them are within.
fn at(times: impl Iterator<Item = Duration>, percent: usize) -> Option<Figure> {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().map(Figure::time)
}

fn notes(counts: &Counts) -> Vec<String> {
    let Counts {
        calls,
        utterances,
        by_quiet,
        without_card,
    } = counts;
    vec![
        format!(
            "{utterances} utterances of {calls} calls; left out are {by_quiet} that quiet completes (1.5 s), and {without_card} that \
             bring no card, as all articles that fit are on the screen."
        ),
        "Ours stores each utterance before it is sent and each card before it is posted (fsync on), passes a queue, acts on whole \
         sentences, and shows nothing twice; the peer does its work in one process, and remembers nothing."
            .to_owned(),
        "The document embeds the whole transcript of each frame, in two passes; the peer does it in one, and in the third row and those \
         below it is given only the words that ours looks up, those of the last two turns."
            .to_owned(),
    ]
}

fn about(stage: &Stage, counts: &Counts) -> Outcome<String> {
    Ok(format!(
        "{} recorded calls (`tests/data/calls`) are spoken into the simulator's stream, an utterance with each frame, one after the other; \
         measured is from the frame until the post of its card arrives at the simulator. Ours is assist-listener, a FIFO queue (the double \
         of SQS), and assist-cards, both as released, with the local model and Postgres, and rules so open that nearly every utterance brings \
         a card. The peer is the reference's way in Python (`tests/benches/peers/assist_way.py`: websockets, ONNX Runtime, pgvector {}, \
         rank_bm25 {}, requests {}) over the same {} articles. The model's pass of ours is timed in the bench over the same words by the \
         same code; the peer times its own.",
        counts.calls,
        peer::pinned("pgvector")?,
        peer::pinned("rank-bm25")?,
        peer::pinned("requests")?,
        stage.articles,
    ))
}
