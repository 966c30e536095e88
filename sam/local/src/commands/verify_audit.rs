//! `cargo local verify-audit`: whether the audit is the one that was written.

use std::process::ExitCode;

use jiff::Timestamp;
use shared::audit::{AnchorStore, ChainReport, Report, Unanchored};
use shared::db::{Database, audit};

use super::place::Place;
use crate::cli::VerifyAudit;
use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;
use crate::stack::secrets::ANCHORS;
use crate::workspace::Workspace;

const ADVICE: &str = "check the address of the database, the region, --secret-id and your rights";

pub(super) async fn run(workspace: &Workspace, flags: VerifyAudit) -> Result<ExitCode, Failure> {
    let (database, anchors) = open(workspace, &flags).await?;
    // Nothing in a local stack ticks.
    let needs_anchor = flags.place.aws && !flags.unanchored;
    let anchor = anchors.fetch().await;
    let anchor = anchor.or_fail("the anchors cannot be read", ADVICE)?;
    let report = audit::verify(&database, anchor.as_ref()).await;
    let report = report.or_fail("the audit cannot be read", ADVICE)?;
    if flags.json {
        let text = serde_json::to_string_pretty(&report);
        say!(
            "{}",
            text.or_fail("cannot write the report", "report this")?
        );
    } else {
        show(&report);
    }
    let unanchored = report.unanchored(Timestamp::now());
    if let Some(unanchored) = unanchored {
        complain!("{}", warning(unanchored, needs_anchor));
    }
    let is_anchored = unanchored.is_none() || !needs_anchor;
    Ok(if report.is_clean() && is_anchored {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The database and the anchors: those of the running stack, or those of an account of AWS.
async fn open(
    workspace: &Workspace,
    flags: &VerifyAudit,
) -> Result<(Database, AnchorStore), Failure> {
    let place = Place::choose(workspace, flags.place.aws)?;
    let own = || aws::secret_id(ANCHORS);
    let id = flags.place.secret_id.clone().unwrap_or_else(own);
    let secrets = shared::aws::secrets_client(&place.sdk().await);
    Ok((place.database().await?, AnchorStore::new(secrets, id)))
}

fn show(report: &Report) {
    say!("\n{}", paint(Ink::Bold, "Audit"));
    let anchored = report.anchored_at.map(|at| format!("{at:.0}"));
    table(&[
        ("entries", report.entries().to_string()),
        ("anchored", anchored.unwrap_or("not yet".to_owned())),
    ]);
    say!("\n{}", paint(Ink::Bold, "Chains"));
    for chain in &report.chains {
        say!("  {}", line(chain));
    }
    if report.lost_keys > 0 {
        let lost = report.lost_keys;
        say!(
            "\n{} {lost} keys were taken away, and nothing was erased under their names",
            paint(Ink::Red, "✘")
        );
    }
    let wrong = report.chains.iter().filter(|chain| chain.fault.is_some());
    match wrong.count() {
        0 if report.is_clean() => say!("\n{} the audit is whole", paint(Ink::Green, "✔")),
        0 => say!(
            "\n{} the chains are whole, and not as they should be",
            paint(Ink::Red, "✘")
        ),
        wrong => say!(
            "\n{} {wrong} of {} chains are broken",
            paint(Ink::Red, "✘"),
            report.chains.len()
        ),
    }
}

/// What follows from having no anchor, or an old one.
fn warning(unanchored: Unanchored, is_failure: bool) -> String {
    let what = match unanchored {
        Unanchored::Never => {
            "nothing is anchored, so nobody can say that the chains are not made anew".to_owned()
        }
        Unanchored::Since(at) => format!(
            "the anchor is of {at:.0}: nobody has anchored for more than an hour, and what came since may have been made anew"
        ),
    };
    let advice = if is_failure {
        "the tick of snippet-ranker keeps an anchor every 15 minutes: read its log, or say --unanchored if it is not to run there"
    } else {
        "nobody is expected to anchor here"
    };
    format!(
        "{}: {what}\n  {advice}",
        if is_failure { "failed" } else { "note" }
    )
}

fn line(chain: &ChainReport) -> String {
    let ChainReport {
        shard,
        entries,
        anchored,
        ..
    } = chain;
    let state = match chain.fault {
        None => match chain.backdated {
            None => paint(Ink::Green, "whole"),
            Some(position) => {
                let what = format!("entry {position} says that it is older than one before it");
                paint(Ink::Red, &what)
            }
        },
        Some(fault) => paint(Ink::Red, &fault.to_string()),
    };
    format!("{shard:>2}  {entries:>8} entries, {anchored:>8} anchored  {state}")
}

#[cfg(test)]
mod tests {
    use shared::audit::Fault;

    use super::*;

    #[test]
    fn a_line_says_what_is_wrong_first() {
        let chain = |fault| ChainReport {
            shard: 3,
            entries: 12,
            anchored: 9,
            backdated: None,
            fault,
        };
        assert_eq!(
            line(&chain(None)),
            " 3        12 entries,        9 anchored  whole"
        );
        let cut = Fault::Cut { from: 13, to: 14 };
        assert_eq!(
            line(&chain(Some(cut))),
            " 3        12 entries,        9 anchored  the chain was cut: the entries 13 to 14 are missing at its end"
        );
        let backdated = ChainReport {
            backdated: Some(7),
            ..chain(None)
        };
        assert_eq!(
            line(&backdated),
            " 3        12 entries,        9 anchored  entry 7 says that it is older than one before it"
        );
    }
}
