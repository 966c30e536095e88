//! How long a build will take, as earlier ones of its tier tell: what would not end in time is not begun.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;

/// Numbers of vectors a second, before anything was measured here: what two busy cores do.
const USUAL: f64 = 441_600.0;

/// A build may take so much longer than the ones before: the machine may have more to do, and a larger graph takes longer for each row.
const MARGIN: f64 = 1.25;

/// How much a new measurement counts beside the ones before.
const NEW: f64 = 0.25;

/// Numbers a second, by tier.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paces(Vec<Option<f64>>);

impl Paces {
    /// Of a tier of which none was built, the next lower one tells.
    fn of(&self, tier: i16) -> f64 {
        let tiers = usize::try_from(tier).unwrap_or_default().saturating_add(1);
        let known = self.0.iter().take(tiers).rev().flatten().next();
        known.copied().unwrap_or(USUAL)
    }

    /// How many numbers are built in this time.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, and a part of a number is nothing"
    )]
    pub(super) fn most(&self, tier: i16, time: Duration) -> i64 {
        (self.of(tier) * time.as_secs_f64() / MARGIN) as i64
    }

    /// How long so many numbers will take.
    #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
    pub(super) fn time(&self, tier: i16, values: i64) -> Duration {
        let seconds = values as f64 / self.of(tier).max(1.0) * MARGIN;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// What was measured of a model.
pub(super) async fn fetch(database: &Database, model: ModelId) -> Result<Paces, Error> {
    let paces = "SELECT build_paces FROM segment_keepers WHERE model_id = $1";
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(paces, &[(&model.0, Type::INT2)])
        .await;
    let paces = rows.map_err(failed)?.first().map(|row| row.get(0));
    Ok(Paces(paces.unwrap_or_default()))
}

/// What a build came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) tier: i16,
    pub(super) values: i64,
    pub(super) time: Duration,
    /// Whether it ended. If not, it is only known that it takes longer.
    pub(super) is_whole: bool,
}

/// Remembers it.
#[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
pub(super) async fn learn(database: &Database, model: ModelId, one: Measured) -> Result<(), Error> {
    let pace = one.values as f64 / one.time.as_secs_f64().max(0.001);
    let learn = "UPDATE segment_keepers SET build_paces[$2] = CASE
            WHEN build_paces[$2] IS NULL THEN $3
            WHEN $4 THEN build_paces[$2] * (1 - $5::float8) + $3 * $5
            ELSE least(build_paces[$2], $3) END
        WHERE model_id = $1";
    // Arrays of Postgres begin with one.
    let tier = i32::from(one.tier) + 1;
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&model.0, Type::INT2),
        (&tier, Type::INT4),
        (&pace, Type::FLOAT8),
        (&one.is_whole, Type::BOOL),
        (&NEW, Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let learned = connection.execute_typed(learn, &values).await;
    learned.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_goes_by_itself_or_by_the_one_below() {
        let paces = Paces(vec![None, Some(1_000.0), None, Some(250.0)]);
        let second = Duration::from_secs(10);
        let most = [0, 1, 2, 3, 4].map(|tier| paces.most(tier, second));
        assert_eq!(most, [3_532_800, 8_000, 8_000, 2_000, 2_000]);
        assert_eq!(paces.time(2, 8_000), second);
        assert_eq!(paces.time(3, 8_000), 4 * second);
        assert_eq!(
            Paces(Vec::new()).time(5, 441_600),
            Duration::from_millis(1_250)
        );
        assert!(Paces(vec![Some(0.0)]).time(0, i64::MAX).as_secs() > 1 << 60);
    }
}
