//! Webhooks that were refused. Where few come, no share of a quarter of an hour says anything, so this looks at a day.

use jiff::SignedDuration;
use reqwest::Url;

use super::super::finding::{Finding, fail, fine, warn};
use super::Deployment;
use super::ask::{Measure, Trouble, measure};

/// What a run of this command posts and is refused, where the webhook has one scheme; and so the most that nobody need hear of.
const OUR_OWN: u64 = 2;
/// Two conversations that were tried three times each are more than this.
const FEW: u64 = 5;
/// One in so many may be refused: strangers, and senders that mend it themselves.
const ONE_IN: u64 = 20;

/// How many came since yesterday, and how many of them were refused.
pub(super) async fn check(deployment: &Deployment, url: &str) -> Option<Finding> {
    let url = Url::parse(url).ok()?;
    let api = url.host_str()?.split('.').next()?;
    let (refused, received) = tokio::join!(
        count(deployment, api, url.path(), "4xx"),
        count(deployment, api, url.path(), "Count"),
    );
    Some(match (refused, received) {
        (Ok(refused), Ok(received)) => judge(refused, received),
        (Err(trouble), _) | (_, Err(trouble)) => {
            trouble.told("how many webhooks were refused since yesterday")
        }
    })
}

async fn count(
    deployment: &Deployment,
    api: &str,
    path: &str,
    metric: &str,
) -> Result<u64, Trouble> {
    let measured = Measure {
        namespace: "AWS/ApiGateway",
        metric,
        about: &[
            ("ApiId", api),
            ("Stage", "$default"),
            ("Method", "POST"),
            ("Resource", path),
        ],
        statistic: "Sum",
        since: SignedDuration::from_hours(24),
        period_s: 3600,
    };
    let hours = measure(&deployment.aws, &measured).await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of whole requests"
    )]
    Ok(hours.iter().sum::<f64>() as u64)
}

/// The alarm that looks at a day has the same bounds.
fn judge(refused: u64, received: u64) -> Finding {
    if received == 0 {
        return fine("no webhook came since yesterday");
    }
    let what = format!("{refused} of {received} webhooks were refused since yesterday");
    let next = "look which and why, by the log of the API and the lines `refused` of data-action-webhook: docs/runbooks.md#webhooks-are-refused";
    let means = format!(
        "CXone gives up after three tries, and what it sent is lost here; what this command posts counts too, {OUR_OWN} each time"
    );
    match refused {
        0..=OUR_OWN => fine(what),
        _ if refused > FEW && refused * ONE_IN > received => fail(what, next).meaning(means),
        _ => warn(what, next).meaning(means),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Verdict;
    use super::*;

    #[test]
    fn refusals_are_weighed() {
        for (refused, received, verdict) in [
            (0, 0, Verdict::Ok),
            (0, 9, Verdict::Ok),
            (2, 2, Verdict::Ok),
            (3, 3, Verdict::Warn),
            (5, 5, Verdict::Warn),
            (6, 6, Verdict::Fail),
            (6, 119, Verdict::Fail),
            (6, 120, Verdict::Warn),
            (1_000, 30_000, Verdict::Warn),
            (2_000, 30_000, Verdict::Fail),
        ] {
            assert_eq!(
                judge(refused, received).verdict,
                verdict,
                "{refused} of {received}"
            );
        }
    }
}
