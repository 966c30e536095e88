//! How much lies in a queue, and among its dead letters. Both are what SQS believes, which may be a minute old.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde::Deserialize;

use crate::error::Error;

/// How much lies in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Messages that wait, are delayed, or are being worked on.
    pub waiting: i64,
    /// Messages of its dead-letter queue; none if it has no such queue.
    pub dead: i64,
}

/// Where messages go that nobody could work on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Redrive {
    dead_letter_target_arn: String,
}

/// Asks for the queue and for its dead letters, which lie in the same account.
pub async fn depth(client: &Client, url: &str) -> Result<Depth, Error> {
    let (waiting, redrive) = count(client, url).await?;
    let dead = match dead_letters(url, redrive.as_deref()) {
        Some(url) => count(client, &url).await?.0,
        None => 0,
    };
    Ok(Depth { waiting, dead })
}

async fn count(client: &Client, url: &str) -> Result<(i64, Option<String>), Error> {
    let counts = [
        Name::ApproximateNumberOfMessages,
        Name::ApproximateNumberOfMessagesDelayed,
        Name::ApproximateNumberOfMessagesNotVisible,
    ];
    let ask = client.get_queue_attributes().queue_url(url);
    let ask = ask.set_attribute_names(Some([&counts[..], &[Name::RedrivePolicy]].concat()));
    let answer = ask.send().await;
    let mut known = answer
        .map_err(|error| Error::transient("SQS", error))?
        .attributes
        .unwrap_or_default();
    let number = |name| known.get(name).and_then(|text| text.parse::<i64>().ok());
    let waiting = counts.iter().filter_map(number).sum();
    Ok((waiting, known.remove(&Name::RedrivePolicy)))
}

/// The address of the dead-letter queue: that of the queue, with another name.
fn dead_letters(url: &str, redrive: Option<&str>) -> Option<String> {
    let redrive: Redrive = serde_json::from_str(redrive?).ok()?;
    let name = redrive
        .dead_letter_target_arn
        .rsplit(':')
        .next()?
        .to_owned();
    let (before, _) = url.rsplit_once('/')?;
    Some(format!("{before}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_letters_lie_beside_the_queue() {
        let url = "https://sqs.eu-central-1.amazonaws.com/1/stack-conversations";
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:1:stack-conversations-dlq","maxReceiveCount":5}"#;
        for (redrive, expected) in [
            (
                Some(policy),
                Some("https://sqs.eu-central-1.amazonaws.com/1/stack-conversations-dlq"),
            ),
            (Some("{}"), None),
            (None, None),
        ] {
            assert_eq!(dead_letters(url, redrive).as_deref(), expected);
        }
    }
}
