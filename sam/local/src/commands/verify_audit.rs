//! `cargo local verify-audit`: whether the audit is the one that was written.

use std::process::ExitCode;

use shared::audit::{AnchorStore, ChainReport, Report};
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
    Ok(if report.is_sound() {
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
    let wrong = report.chains.iter().filter(|chain| chain.fault.is_some());
    match wrong.count() {
        0 => say!("\n{} the audit is whole", paint(Ink::Green, "✔")),
        wrong => say!(
            "\n{} {wrong} of {} chains are broken",
            paint(Ink::Red, "✘"),
            report.chains.len()
        ),
    }
}

fn line(chain: &ChainReport) -> String {
    let ChainReport {
        shard,
        entries,
        anchored,
        ..
    } = chain;
    let state = match chain.fault {
        None => paint(Ink::Green, "whole"),
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
    }
}
