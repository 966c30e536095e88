//! What is said of an order: to whoever asked, to whoever is called back, and to the audit. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::db::ranking::{Order, State};
use shared::domain::SessionId;
use shared::error::Error;
use shared::ranking::{LearningMode, Ranked, Ranking};

/// An order that CXone confirmed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RankingAnswer))]
pub(crate) struct Answer {
    session_id: SessionId,
    /// Which order of the session it is, from 1.
    version: i64,
    /// What the agent sees, best first.
    snippets: Vec<Ranked>,
    /// SHA-256 of the canonical order, in hexadecimal.
    checksum: String,
    audit: Audit,
    learning: Lessons,
}

/// What the audit says of an order. There, the session stands under a pseudonym.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RankingAudit))]
pub(crate) struct Audit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    timestamp: Timestamp,
    version: i64,
    snippet_count: usize,
    max_window: usize,
    /// From the acceptance of the order to its end.
    latency_ms: f64,
    /// `success`, or what became of it instead.
    status: String,
    ranking_checksum: String,
}

/// What was learned of the snippets, and whether it counted.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RankingLearning))]
pub(crate) struct Lessons {
    pub(crate) mode: LearningMode,
    /// The boosts, of those snippets of which something was learned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) boosts: BTreeMap<String, f64>,
}

/// What somebody is told who wants to know of an order.
#[derive(Serialize)]
struct Told<'a> {
    audit: Audit,
    ranking_result: &'a RawValue,
}

impl Audit {
    /// What is to be written down of an order that ends now.
    pub(crate) fn of(order: &Order, state: State, latency_ms: f64) -> Result<Self, Error> {
        let ranking: Ranking = stored(&order.ranking)?;
        Ok(Self {
            session_id: None,
            timestamp: Timestamp::now(),
            version: order.version,
            snippet_count: ranking.snippets.len(),
            max_window: ranking.max_result_window,
            latency_ms: (latency_ms * 100.0).round() / 100.0,
            status: match state {
                State::Posted => "success".to_owned(),
                other => other.as_str().to_owned(),
            },
            ranking_checksum: hex(&ranking.checksum()),
        })
    }

    fn naming(self, session: &SessionId) -> Self {
        Self {
            session_id: Some(session.clone()),
            ..self
        }
    }

    /// The body of a callback.
    pub(crate) fn tell(&self, order: &Order) -> String {
        let told = Told {
            audit: self.clone().naming(&order.session),
            ranking_result: &order.ranking,
        };
        serde_json::to_string(&told).unwrap_or_default()
    }
}

/// The answer, made of what is stored: the first one and every repeat are the same.
pub(crate) fn answer(order: &Order, audit: &RawValue) -> Result<Answer, Error> {
    let ranking: Ranking = stored(&order.ranking)?;
    let audit: Audit = stored(audit)?;
    Ok(Answer {
        session_id: order.session.clone(),
        version: order.version,
        snippets: ranking.snippets,
        checksum: audit.ranking_checksum.clone(),
        audit: audit.naming(&order.session),
        learning: stored(&order.learning)?,
    })
}

fn stored<'a, T: Deserialize<'a>>(document: &'a RawValue) -> Result<T, Error> {
    serde_json::from_str(document.get()).map_err(|error| Error::Misconfigured {
        what: "a stored order is not what was written".to_owned(),
        source: Some(error.into()),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
