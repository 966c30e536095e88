//! How fast fifty snippets are validated and ranked, beside pydantic in the reference's way; what the function adds to CXone's answer; and
//! whether clicks teach the better order.

mod body;
mod latency;
mod learning;
mod tenant;

use std::hint::black_box;
use std::time::{Duration, Instant};

use shared::domain::SessionId;
use shared::json;
use shared::ranking::{Ranking, RankingRequest, rank};

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::peer;
use crate::report::{Goal, Report, Row};
use crate::warm_peer::WarmPeer;

/// What each side does in its turn: about a millisecond of work, so that what else the machine does meets both alike.
const OURS_AT_ONCE: u32 = 40;
const PEERS_AT_ONCE: u32 = 5;

/// The times of one ranking, one for each turn.
#[derive(Default)]
struct Times(Vec<Duration>);

/// What is compared, in the words of the peer's script.
const WAYS: [&str; 3] = ["ranked", "sent", "sent-fast"];

/// Everybody ranks the same body in turn, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let body = body::write()?;
    let mut python = WarmPeer::start("ranking_way.py", &body.file)?;
    check(&body.text, &mut python)?;
    let turns = size.pick(40, 400, 2_000);
    let (mut ours, mut peers, mut limit) = <([Times; 2], [Times; 3], Times)>::default();
    for turn in 0..=turns {
        let [ranked, sent] = &mut ours;
        let times = [
            (ranked, timed(|| ordered(&body.text).map(drop))?),
            (
                sent,
                timed(|| ordered(&body.text).map(|it| drop(it.to_json())))?,
            ),
            (
                &mut limit,
                timed(|| Ok(json::parse(&body.text).map(drop)?))?,
            ),
        ];
        // The first turn warms up.
        for (side, time) in times {
            side.0.extend((turn > 0).then_some(time));
        }
        for (side, way) in peers.iter_mut().zip(WAYS) {
            let time = python.time(way, PEERS_AT_ONCE)? / PEERS_AT_ONCE;
            side.0.extend((turn > 0).then_some(time));
        }
    }
    let lessons = learning::compare(size)?;
    let mut found = report(&body.text, turns, &ours, &peers, &limit, &lessons)?;
    found.rows.extend(latency::rows(&body.text, size).await?);
    Ok(found)
}

fn ordered(body: &[u8]) -> Outcome<Ranking> {
    let session = SessionId::parse(body::SESSION)?;
    let request = RankingRequest::parse(&session, black_box(body))?;
    Ok(black_box(rank(&request, |_| 1.0)))
}

fn timed(work: impl Fn() -> Outcome<()>) -> Outcome<Duration> {
    let started = Instant::now();
    for _ in 0..OURS_AT_ONCE {
        work()?;
    }
    Ok(started.elapsed() / OURS_AT_ONCE)
}

/// Both orders are the same, and so are the scores, as far as they are rounded.
fn check(body: &[u8], python: &mut WarmPeer) -> Outcome<()> {
    let (ours, theirs): (_, Ranking) = (ordered(body)?, python.answer()?);
    let pairs = || ours.snippets.iter().zip(&theirs.snippets);
    let is_near = |one: f64, other: f64| (one - other).abs() < 1e-4;
    let is_same = ours.snippets.len() == theirs.snippets.len()
        && pairs().all(|(one, other)| {
            one.snippet_id == other.snippet_id
                && is_near(one.relevance_score.get(), other.relevance_score.get())
        });
    is_same
        .then_some(())
        .ok_or_else(|| "the two orders differ".into())
}

impl Times {
    fn rate(&self) -> Option<Figure> {
        Figure::median_rate(&self.0)
    }
}

fn report(
    body: &[u8],
    turns: u32,
    [ranked, sent]: &[Times; 2],
    peers: &[Times; 3],
    limit: &Times,
    lessons: &[learning::Lesson],
) -> Outcome<Report> {
    let [validated, dumped, dumped_fast] = peers.each_ref().map(Times::rate);
    let row = |what, ours: &Times, peer| Row::new(what, ours.rate(), peer, limit.rate());
    let mut rows = vec![
        row("validated and ranked", ranked, validated).aiming_at(Goal::TimesPeer(8.0)),
        row("… and written, as the reference writes it", sent, dumped)
            .aiming_at(Goal::TimesPeer(8.0)),
        row("… as pydantic writes it fastest", sent, dumped_fast),
    ];
    rows.extend(lessons.iter().map(learning::Lesson::row));
    let mut notes = vec![
        "Ours tells every broken rule at once and also keeps scores within 0 to 1; pydantic ends at the first broken rule of a field, \
         and the reference's own models let a product above 1 through."
            .to_owned(),
    ];
    notes.push(
        "An order through the function is read, stored, posted to the simulator, which takes 20 ms, and settled with its impressions and its \
         entry of the audit (fsync on), one order after the other; the limit is the same order posted by a bare client, in turn with it."
            .to_owned(),
    );
    notes.extend(lessons.iter().map(learning::Lesson::note));
    Ok(Report {
        about: about(body.len(), turns)?,
        rows,
        notes,
    })
}

fn about(bytes: usize, turns: u32) -> Outcome<String> {
    Ok(format!(
        "{} snippets, {bytes} bytes of JSON, become an order: read, validated, multiplied by their boosts, sorted; then the payload for \
         CXone. Rankings a second on one core; medians of {turns} interleaved turns of a millisecond. The peer is pydantic {} with the \
         reference's models (`tests/benches/peers/ranking_way.py`), also from bytes. The limit is the same body checked to be JSON, and \
         nothing else. Both orders are compared first. {}",
        body::SNIPPETS,
        peer::pinned("pydantic")?,
        learning::ABOUT,
    ))
}
