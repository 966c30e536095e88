//! Which step comes next. Pure: the database's history and ours go in.

use sha2::{Digest as _, Sha256};

use crate::domain::hex;
use crate::error::Error;

/// One step of the schema. Once released it is never edited; a change is a new step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Counts up from 1 without gaps.
    pub version: i32,
    /// What it brings, for people.
    pub name: &'static str,
    /// Plain statements, run in one transaction. Each may wait 400 ms for a table, so a step touches one that is in use.
    pub sql: &'static str,
}

/// The schema that this code works with.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "extensions",
        sql: include_str!("../migrations/0001_extensions.sql"),
    },
    Migration {
        version: 2,
        name: "conversations",
        sql: include_str!("../migrations/0002_conversations.sql"),
    },
    Migration {
        version: 3,
        name: "knowledge",
        sql: include_str!("../migrations/0003_knowledge.sql"),
    },
    Migration {
        version: 4,
        name: "words",
        sql: include_str!("../migrations/0004_words.sql"),
    },
    Migration {
        version: 5,
        name: "word_docs",
        sql: include_str!("../migrations/0005_word_docs.sql"),
    },
    Migration {
        version: 6,
        name: "words_of_events",
        sql: include_str!("../migrations/0006_words_of_events.sql"),
    },
    Migration {
        version: 7,
        name: "words_of_knowledge",
        sql: include_str!("../migrations/0007_words_of_knowledge.sql"),
    },
    Migration {
        version: 8,
        name: "mirror",
        sql: include_str!("../migrations/0008_mirror.sql"),
    },
    Migration {
        version: 9,
        name: "audit",
        sql: include_str!("../migrations/0009_audit.sql"),
    },
    Migration {
        version: 10,
        name: "ranking",
        sql: include_str!("../migrations/0010_ranking.sql"),
    },
    Migration {
        version: 11,
        name: "stream",
        sql: include_str!("../migrations/0011_stream.sql"),
    },
    Migration {
        version: 12,
        name: "cards",
        sql: include_str!("../migrations/0012_cards.sql"),
    },
    Migration {
        version: 13,
        name: "transcripts",
        sql: include_str!("../migrations/0013_transcripts.sql"),
    },
    Migration {
        version: 14,
        name: "segments",
        sql: include_str!("../migrations/0014_segments.sql"),
    },
    Migration {
        version: 15,
        name: "rollups",
        sql: include_str!("../migrations/0015_rollups.sql"),
    },
    Migration {
        version: 16,
        name: "pace",
        sql: include_str!("../migrations/0016_pace.sql"),
    },
    Migration {
        version: 17,
        name: "keepers",
        sql: include_str!("../migrations/0017_keepers.sql"),
    },
    Migration {
        version: 18,
        name: "conversation_map",
        sql: include_str!("../migrations/0018_conversation_map.sql"),
    },
    Migration {
        version: 19,
        name: "erasure_key",
        sql: include_str!("../migrations/0019_erasure_key.sql"),
    },
    Migration {
        version: 20,
        name: "audit_keys",
        sql: include_str!("../migrations/0020_audit.sql"),
    },
    Migration {
        version: 21,
        name: "waiting",
        sql: include_str!("../migrations/0021_waiting.sql"),
    },
];

/// Which step comes next, if the database's history is a beginning of ours, or ours a beginning of it. A newer release was here then,
/// whose steps only added: this code works with what they left, and nothing is missing.
pub(super) fn plan_next(
    applied: &[(i32, String)],
    steps: &'static [Migration],
) -> Result<Option<&'static Migration>, Error> {
    for ((version, sha256), step) in applied.iter().zip(steps) {
        if *version != step.version || *sha256 != checksum(step) {
            return Err(Error::Conflict(format!(
                "the database's migration {version} is not the one that this code calls {}: a released migration was edited, or \
                 the database belongs to another build",
                step.name
            )));
        }
    }
    Ok(steps.get(applied.len()))
}

pub(super) fn checksum(step: &Migration) -> String {
    hex(&Sha256::digest(step.sql))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Migration] = &[
        Migration {
            version: 1,
            name: "one",
            sql: "SELECT 1",
        },
        Migration {
            version: 2,
            name: "two",
            sql: "SELECT 2",
        },
    ];
    /// What has been released. A line is added when a new step is; none is ever changed.
    const RELEASED: [&str; 21] = [
        "5df5979265b7469ea1b1790783bc66c5a7cce3070fb68e01d95e875d2e3c403e",
        "1d37dc9b0ec6ad83cb86697e5b9e29f0cdf941dd1b279f584a8622106aae77dd",
        "25ffc1fdba31c76aa66281009b7d331a016bb52bc546ccf65f5e48e2664ebbdb",
        "25144e072742b979babe0e41f786acb516fda8be6f77915bda4268c4847614eb",
        "6ffa39feb7c0adcd142043c919c3771ef92c09a493541b5edc4454256329a5eb",
        "670962d5db2dbff2082873e7fb7d821e2ca651fd9627a092d7e2a4fc4b7e4aca",
        "5665c5be75ad6f08eb7135f8481b3b5e9f91c177add414116f06c90d27f5b622",
        "0411b1b5a89c8c8785395b03104a9f056d65c3cf50d8568676a37cd5fa68ccbd",
        "e39bbb667171f8e844dc1a7445c23029a0628b7fbd5fefd25629663c4861a760",
        "80805a35f758a699fb5f72a1cbbcc5857d0ecce10a9afbd8971e8e51f55e7e73",
        "7ce3ee490c6abd3d3ae9ce7a80f1751f9520b7ec8ec21cfcaeffa95bd317ce8e",
        "03643eff2ce43e392b25524ccc1ad73de44265aa6e9fb2411270a40edbd054ff",
        "e18a7e05d1f435bca81ebe5250f73d297a9601f533f2020e6845e9f430a812fc",
        "77ea07db0e3907d860a4aa4eba52562ac43f4ce524163a6f38cf2678acfc9cda",
        "2213d602b85e9adf6243873b62458945ca3660b4d5770652cf5611f113cd60c5",
        "4b56535e0104c3b0ae1e82c3c05c4ef6e5bf070e11859776fb33c70f6031a5e0",
        "ccecc255dc2a6aa46bfdf6d3cd6cdfac3422ad4df1aadfdb59b2407a9b5a41ee",
        "2fac1b04886ed6c865345231391baa15701ba1f41d03a7033c97c2aa5a2ee78b",
        "b7d1f62871bf178cacac4539cf6862ce98ee54a8da239e02c4428c2d7c234f0f",
        "22ce1746bd848db8f31492538ac1e595fcc5391968d1c522ebd5ea5b1d5fe542",
        "35218baabbf94546cfdabd5624261d857d8aa503ed8dd6581f60006fd3b6095c",
    ];

    fn applied(steps: &[Migration]) -> Vec<(i32, String)> {
        steps
            .iter()
            .map(|step| (step.version, checksum(step)))
            .collect()
    }

    #[test]
    fn steps_come_in_order_and_then_none() {
        for done in 0..=2 {
            let next = plan_next(&applied(&STEPS[..done]), STEPS)
                .unwrap()
                .map(|step| step.name);
            assert_eq!(next, ["one", "two"].get(done).copied());
        }
    }

    #[test]
    fn a_newer_database_lacks_nothing_unless_it_began_otherwise() {
        let newer = plan_next(&applied(STEPS), &STEPS[..1]).unwrap();
        assert!(newer.is_none(), "the older code goes on with it");
        let other = [(1, checksum(&STEPS[1])), (2, checksum(&STEPS[1]))];
        for (history, ours) in [
            (&other[..1], STEPS),
            (&other[..], STEPS),
            (&other[..], &STEPS[..1]),
        ] {
            let edited = plan_next(history, ours).unwrap_err().to_string();
            assert!(edited.contains("edited"), "{edited}");
        }
    }

    /// Else older code could not be deployed again over the newer schema.
    #[test]
    fn steps_only_add() {
        let takes = |sql: &str| {
            let words = [
                "DROP TABLE",
                "DROP COLUMN",
                "RENAME ",
                "SET NOT NULL",
                " TYPE ",
            ];
            words.into_iter().find(|word| sql.contains(word))
        };
        for step in MIGRATIONS {
            assert_eq!(takes(step.sql), None, "{}", step.name);
        }
        assert!(takes("ALTER TABLE t RENAME COLUMN a TO b").is_some());
    }

    #[test]
    fn no_released_step_was_edited_and_all_count_from_one() {
        assert!(
            MIGRATIONS
                .iter()
                .zip(1..)
                .all(|(step, number)| step.version == number)
        );
        // What comes after these is not released yet, and may still change.
        let released = MIGRATIONS.iter().take(RELEASED.len());
        assert_eq!(released.map(checksum).collect::<Vec<_>>(), RELEASED);
    }
}
