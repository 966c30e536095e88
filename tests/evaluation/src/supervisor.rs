//! Plays recorded calls to what decides about cards, and counts as `tests/data/calls/README.md` says.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use shared::assist::{Calm, CalmRules, Decision, Utterance, Window, decide, is_number, may_speak};
use shared::domain::query::{KnowledgeQuery, QueryText};
use shared::domain::{ArticleId, Locale, Speaker};
use shared::retrieval::{Found, Listening, PHRASES, Retriever};
use shared::text::terms::{Analysis, count_terms};
use tokio::time::Instant;

use crate::Outcome;
use crate::bootstrap::interval;
use crate::calls::{self, Call, Turn};
use crate::explained::explain;
use crate::library::{LONG, Library};
use crate::systems::usual_settings;

/// What came of playing calls.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Calls that were played.
    pub calls: usize,
    /// Cards that were shown.
    pub cards: usize,
    /// Those that were wanted when they came.
    pub hits: usize,
    /// Articles that were wanted at any time, each once a call.
    pub wanted: usize,
    /// Turns after which something is wanted.
    pub moments: usize,
    /// Those at which something that is wanted is on the screen.
    pub met: usize,
    /// Articles that were shown again.
    pub repeats: usize,
    /// The most cards within a minute of any call.
    pub most_a_minute: usize,
    /// Utterances for which a model was asked.
    pub asked: usize,
    /// Turns.
    pub turns: usize,
    /// Of each call, how many of its cards were right, and how many it has.
    pub by_call: Vec<(usize, usize)>,
    /// Every card: whether it was right, and how its score came about, for whoever tunes.
    pub explained: Vec<String>,
}

impl Tally {
    /// Which share of the cards was right.
    pub fn precision(&self) -> f64 {
        share(self.hits, self.cards)
    }

    /// The same tally with that of other calls.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            cards: self.cards + other.cards,
            hits: self.hits + other.hits,
            wanted: self.wanted + other.wanted,
            moments: self.moments + other.moments,
            met: self.met + other.met,
            repeats: self.repeats + other.repeats,
            most_a_minute: self.most_a_minute.max(other.most_a_minute),
            asked: self.asked + other.asked,
            turns: self.turns + other.turns,
            by_call: [&self.by_call[..], &other.by_call].concat(),
            explained: [&self.explained[..], &other.explained].concat(),
        }
    }
}

pub(crate) fn share(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole.max(1))
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            cards,
            hits,
            wanted,
            moments,
            met,
            repeats,
            most_a_minute,
            asked,
            turns,
            ..
        } = self;
        let (low, high) = interval(&self.by_call);
        write!(
            f,
            "{calls} calls: {hits} of {cards} cards right ({:.2}; 95 % of draws of calls {low:.2} to {high:.2}), {hits} of {wanted} wanted articles shown, {met} of {moments} moments met ({:.2}), {:.1} cards a call, {repeats} repeats, at most {most_a_minute} a minute, a model asked for {asked} of {turns} turns",
            self.precision(),
            share(*met, *moments),
            share(*cards, *calls),
        )
    }
}

/// Who listens to calls: everything but the queue and CXone.
pub struct Supervisor {
    retriever: Retriever,
    listening: Listening,
    rules: CalmRules,
    /// Whether it is said who speaks.
    has_names: bool,
}

impl Supervisor {
    /// Listens with these rules and finds in this library.
    pub fn new(library: Library, rules: CalmRules) -> Outcome<Self> {
        let Library {
            database, embedder, ..
        } = library;
        Ok(Self {
            retriever: Retriever::new(database, vec![embedder], usual_settings()?),
            listening: Listening {
                filter: KnowledgeQuery::new(QueryText::parse("anything")?),
                phrases: PHRASES,
            },
            rules,
            has_names: true,
        })
    }

    /// The same where nobody says who speaks: each has a channel, as in the stream of `v2`.
    #[must_use]
    pub fn without_names(self) -> Self {
        Self {
            has_names: false,
            ..self
        }
    }

    /// The same with other rules.
    #[must_use]
    pub fn with(self, rules: CalmRules, phrases: usize) -> Self {
        let listening = Listening {
            phrases,
            ..self.listening
        };
        Self {
            listening,
            rules,
            ..self
        }
    }

    /// What is found after this was said, in this language if it is known.
    pub async fn look_up(&self, window: &Window, language: Option<&Locale>) -> Outcome<Found> {
        let (listening, until) = (&self.listening, Instant::now() + LONG);
        let found = self
            .retriever
            .listen(listening, &self.rules, window, language, until);
        Ok(found.await?)
    }

    /// Plays calls.
    pub async fn play(&self, calls: &[Call]) -> Outcome<Tally> {
        let mut tally = Tally::default();
        for call in calls {
            self.play_one(call, &mut tally).await?;
        }
        Ok(tally)
    }

    /// The articles that are shown in a call, each with the place of the turn that it comes after.
    pub async fn cards(&self, call: &Call) -> Outcome<Vec<(usize, ArticleId)>> {
        let (mut window, mut heard) = (Window::default(), Calm::default());
        let (mut tally, mut cards) = (Tally::default(), Vec::new());
        for (place, turn) in call.turns.iter().enumerate() {
            let at = instant(turn)?;
            let shown = self.hear(call, turn, at, &mut window, &mut heard, &mut tally);
            let shown = shown.await?.into_iter();
            cards.extend(shown.map(|(article, _)| (place, article)));
        }
        Ok(cards)
    }

    async fn play_one(&self, call: &Call, tally: &mut Tally) -> Outcome<()> {
        let (mut window, mut heard) = (Window::default(), Calm::default());
        let mut shown: Vec<(Timestamp, ArticleId)> = Vec::new();
        let before = (tally.hits, tally.cards);
        tally.calls += 1;
        tally.wanted += call.wanted().len();
        for turn in &call.turns {
            let at = instant(turn)?;
            tally.turns += 1;
            for (article, why) in self
                .hear(call, turn, at, &mut window, &mut heard, tally)
                .await?
            {
                let is_right = turn.wants(&article);
                tally.cards += 1;
                tally.hits += usize::from(is_right);
                tally.repeats += usize::from(shown.iter().any(|(_, one)| *one == article));
                let verdict = if is_right { "right" } else { "WRONG" };
                let line = format!("{verdict} {} at {}: {why}", call.id, turn.at_ms);
                tally.explained.push(line);
                shown.push((at, article));
            }
            let minute = |(since, _): &&(Timestamp, _)| {
                at.duration_since(*since) < SignedDuration::from_mins(1)
            };
            tally.most_a_minute = tally.most_a_minute.max(shown.iter().filter(minute).count());
            let screen: BTreeSet<_> = shown.iter().map(|(_, article)| article).collect();
            tally.moments += usize::from(turn.is_moment());
            tally.met += usize::from(turn.expect.iter().any(|one| screen.contains(&one.article)));
        }
        let (hits, cards) = before;
        tally.by_call.push((tally.hits - hits, tally.cards - cards));
        Ok(())
    }

    /// The articles that are shown after a turn, each with how its score came about.
    async fn hear(
        &self,
        call: &Call,
        turn: &Turn,
        at: Timestamp,
        window: &mut Window,
        heard: &mut Calm,
        tally: &mut Tally,
    ) -> Outcome<Vec<(ArticleId, String)>> {
        let (speaker, channel) = match turn.speaker {
            calls::Speaker::Customer => (Speaker::Customer, 0),
            calls::Speaker::Agent => (Speaker::Agent, 1),
        };
        let speaker = Some(speaker).filter(|_| self.has_names);
        let speaker = speaker.unwrap_or_default();
        window.hear(speaker, Some(channel), &turn.text);
        let analysis = Analysis::of(call.language.as_str());
        let terms = count_terms(&turn.text, analysis).counts.into_iter();
        let terms = terms.map(|(term, _)| String::from(term)).collect();
        let utterance = Utterance {
            speaker,
            is_complete: true,
            words: window.words(),
            terms: &terms,
        };
        if is_number(&turn.text, &call.language)
            || may_speak(&self.rules, heard, &utterance, at).is_err()
        {
            return Ok(Vec::new());
        }
        tally.asked += 1;
        let found = self.look_up(window, Some(&call.language)).await?;
        match decide(&self.rules, heard, &utterance, &found.candidates, at) {
            Decision::Silent(_) => Ok(Vec::new()),
            Decision::Show(cards) => {
                heard.note(&cards, &utterance, at);
                let explained = cards.into_iter().map(|card| {
                    let why = explain(&found, &card.article);
                    (card.article, why)
                });
                Ok(explained.collect())
            }
        }
    }
}

fn instant(turn: &Turn) -> Outcome<Timestamp> {
    Ok(Timestamp::from_millisecond(i64::try_from(turn.at_ms)?)?)
}
