//! What is refused, as far as moto and the real service agree.

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::QueueAttributeName::MaximumMessageSize;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::cloud::{Cloud, code, everywhere};

const MIB: usize = 1_048_576;

/// Sends a batch of these identifiers and bodies.
pub(crate) async fn send_batch(
    cloud: &Cloud,
    url: &str,
    entries: &[(&str, &str)],
) -> Result<SendMessageBatchOutput, SendMessageBatchError> {
    let entries = entries.iter().map(|(id, body)| {
        let entry = SendMessageBatchRequestEntry::builder();
        entry.id(*id).message_body(*body).build().unwrap()
    });
    let request = cloud.sqs.send_message_batch().queue_url(url);
    let request = request.set_entries(Some(entries.collect()));
    request.send().await.map_err(SdkError::into_service_error)
}

#[tokio::test]
async fn a_message_may_weigh_one_mebibyte() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let send = |size| {
            let request = cloud.sqs.send_message().queue_url(&url);
            request.message_body("x".repeat(size)).send()
        };
        send(MIB).await.unwrap();
        assert_eq!(code(send(MIB + 1).await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_queue_may_take_less() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[(MaximumMessageSize, "1024")]).await;
        let send = |size| {
            let request = cloud.sqs.send_message().queue_url(&url);
            request.message_body("x".repeat(size)).send()
        };
        send(1_024).await.unwrap();
        assert_eq!(code(send(1_025).await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_batch_may_weigh_one_mebibyte_altogether() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let half = "x".repeat(MIB / 2);
        let full = [("a", half.as_str()), ("b", &half)];
        let sent = send_batch(cloud, &url, &full).await.unwrap();
        assert_eq!(sent.successful().len(), 2);
        let over = [("a", half.as_str()), ("b", &half), ("c", "x")];
        let error = send_batch(cloud, &url, &over).await.unwrap_err();
        assert!(error.is_batch_request_too_long(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn malformed_batches_are_refused_as_a_whole() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let empty = send_batch(cloud, &url, &[]).await.unwrap_err();
        assert!(empty.is_empty_batch_request(), "{empty:?}");
        let twice = send_batch(cloud, &url, &[("a", "x"), ("a", "y")]).await;
        let twice = twice.unwrap_err();
        assert!(twice.is_batch_entry_ids_not_distinct(), "{twice:?}");
        let odd = send_batch(cloud, &url, &[("a b", "x")]).await.unwrap_err();
        assert!(odd.is_invalid_batch_entry_id(), "{odd:?}");
        let ids: Vec<_> = (0..11).map(|id| id.to_string()).collect();
        let eleven: Vec<_> = ids.iter().map(|id| (id.as_str(), "x")).collect();
        let eleven = send_batch(cloud, &url, &eleven).await.unwrap_err();
        assert!(eleven.is_too_many_entries_in_batch_request(), "{eleven:?}");
        assert!(cloud.receive(&url).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn numbers_out_of_range_are_refused() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let receive = || cloud.sqs.receive_message().queue_url(&url);
        let refused = [
            receive().max_number_of_messages(0).send().await,
            receive().max_number_of_messages(11).send().await,
            receive().wait_time_seconds(21).send().await,
            receive().visibility_timeout(43_201).send().await,
        ];
        for result in refused {
            assert_eq!(code(result), "InvalidParameterValue");
        }
        let send = cloud.sqs.send_message().queue_url(&url).message_body("a");
        let send = send.delay_seconds(901).send().await;
        assert_eq!(code(send), "InvalidParameterValue");
        let unknown = cloud.sqs.create_queue().queue_name("not a name").send();
        assert_eq!(code(unknown.await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn a_receipt_handle_that_was_never_given_is_refused() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let delete = cloud.sqs.delete_message().queue_url(&url);
        let error = delete.receipt_handle("nonsense").send().await.unwrap_err();
        let error = error.into_service_error();
        assert!(error.is_receipt_handle_is_invalid(), "{error:?}");
    })
    .await;
}
