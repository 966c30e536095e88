//! How fast a transcript is validated and written as CXone gets it, beside the reference's way, both beginning with what was parsed; how much
//! of the tenant's pace is used; and what the injection of one costs.

mod drain;

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::injection::Draft;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::peer;
use crate::report::{Goal, Report, Row};
use crate::stage;
use crate::warm_peer::WarmPeer;

/// A short transcript, and the longest that CXone takes at once.
const LENGTHS: [usize; 2] = [20, 500];
/// What is compared, in the words of the peer's script.
const WAYS: [&str; 2] = ["plain", "pydantic"];
/// So many messages are one turn, about a millisecond of work.
const MESSAGES_AT_ONCE: usize = 2_000;
/// The peer is slower, and gets fewer.
const PEERS_MESSAGES_AT_ONCE: usize = 500;

/// The times of one validation, one for each turn.
#[derive(Default)]
struct Times(Vec<Duration>);

/// What each side took for transcripts of one length.
struct Found {
    length: usize,
    bytes: usize,
    ours: Times,
    peers: [Times; 2],
}

/// Everybody validates the same transcripts in turn, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let turns = size.pick(20, 200, 1_000);
    let found = LENGTHS.into_iter().map(|length| compare(length, turns));
    let found: Vec<_> = found.collect::<Outcome<_>>()?;
    let mut rows: Vec<_> = found.iter().flat_map(Found::rows).collect();
    rows.extend(drain::rows(size).await?);
    Ok(Report {
        about: format!("{} {}", about(&found, turns)?, drain::about(size)?),
        rows,
        notes: vec![
            "Ours looks at more rules (ids, sides, names, types, the calendar) and would tell all that are broken; the reference ends at \
             the first one. Ours makes the bytes that are stored and sent; the reference makes them to count them."
                .to_owned(),
        ],
    })
}

fn compare(length: usize, turns: u32) -> Outcome<Found> {
    let (body, file) = write(length)?;
    let draft = Draft::read(&body)?;
    let mut python = WarmPeer::start("transcripts_way.py", &file)?;
    check(&draft, &mut python)?;
    let mut found = Found {
        length,
        bytes: payload(&draft)?.len(),
        ours: Times::default(),
        peers: Default::default(),
    };
    let (count, peers_count) = (MESSAGES_AT_ONCE / length, PEERS_MESSAGES_AT_ONCE / length);
    let (count, peers_count) = (u32::try_from(count)?, u32::try_from(peers_count)?);
    for turn in 0..=turns {
        let started = Instant::now();
        for _ in 0..count {
            black_box(payload(black_box(&draft))?);
        }
        // The first turn warms up.
        let ours = started.elapsed() / count;
        found.ours.0.extend((turn > 0).then_some(ours));
        for (side, way) in found.peers.iter_mut().zip(WAYS) {
            let time = python.time(way, peers_count)? / peers_count;
            side.0.extend((turn > 0).then_some(time));
        }
    }
    Ok(found)
}

fn payload(draft: &Draft) -> Outcome<Vec<u8>> {
    let part = draft.check()?.parts.into_iter().next();
    Ok(part.ok_or("a transcript has no part")?.payload)
}

/// Both would send the same.
fn check(draft: &Draft, python: &mut WarmPeer) -> Outcome<()> {
    let ours: Value = serde_json::from_slice(&payload(draft)?)?;
    let theirs: Value = python.answer()?;
    let is_same = ours == theirs;
    is_same
        .then_some(())
        .ok_or_else(|| "the two payloads differ".into())
}

/// A transcript of so many messages as the reference's example has them, and the file in which the peer finds it.
fn write(length: usize) -> Outcome<(Vec<u8>, PathBuf)> {
    let [agent, customer] = [
        json!({ "id": "agt_456", "type": "agent" }),
        json!({ "id": "cust_789", "type": "customer" }),
    ];
    let message = |number: usize| {
        let (from, to) = if number.is_multiple_of(2) {
            (&customer, &agent)
        } else {
            (&agent, &customer)
        };
        json!({
            "id": format!("msg_{number:03}"), "from": from, "to": to,
            "text": format!("I can help with order {number} of the café. Please wait while I look it up for you."),
            "timestamp": format!("2024-06-15T{:02}:{:02}:{:02}Z", 9 + number / 3_600, number / 60 % 60, number % 60),
            "type": "text", "format": "plain",
        })
    };
    let messages: Vec<_> = (0..length).map(message).collect();
    let body = json!({
        "interaction_id": "ext_interaction_998877", "agent_id": "agt_456", "customer_id": "cust_789",
        "messages": messages,
    });
    let file = stage::folder()?.join(format!("transcript-{length}.json"));
    let text = body.to_string().into_bytes();
    fs::write(&file, &text)?;
    Ok((text, file))
}

impl Found {
    fn rows(&self) -> Vec<Row> {
        let [plain, pydantic] = self.peers.each_ref().map(Times::rate);
        let length = self.length;
        vec![
            Row::new(
                format!("{length} messages, validated and written"),
                self.ours.rate(),
                plain,
                None,
            )
            .aiming_at(Goal::TimesPeer(10.0)),
            Row::new(
                format!("{length} messages, beside pydantic models"),
                self.ours.rate(),
                pydantic,
                None,
            )
            .aiming_at(Goal::TimesPeer(10.0)),
        ]
    }
}

impl Times {
    fn rate(&self) -> Option<Figure> {
        Figure::median_rate(&self.0)
    }
}

fn about(found: &[Found], turns: u32) -> Outcome<String> {
    let sizes: Vec<_> = found.iter().map(|one| one.bytes.to_string()).collect();
    Ok(format!(
        "Transcripts of {LENGTHS:?} messages ({} bytes as they are sent) are validated and written, parsing excluded on both sides: ours \
         begins with the texts out of the JSON, the peer with its dicts. Transcripts a second on one core; medians of {turns} interleaved \
         turns. The peer is the reference's validator, which takes dicts, and the same with models of pydantic {} \
         (`tests/benches/peers/transcripts_way.py`). Both payloads are compared first.",
        sizes.join(" and "),
        peer::pinned("pydantic")?,
    ))
}
