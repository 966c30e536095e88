//! Where the double does as the real services do and moto (5.2) doesn't.
//!
//! - moto measures a body in characters and leaves attributes out; the real limit is in bytes, attributes included.
//! - moto takes every character; the real SQS refuses those that XML 1.0 can't carry.
//! - moto takes an empty body.
//! - moto answers a repeated FIFO send with a new message id, and forgets a deduplication id with its message.
//! - moto lets an expired receipt delete from a FIFO queue, and changes the visibility of what isn't in flight.
//! - moto finds repeated handles, not repeated ids, in a batch of deletes.
//! - moto answers an unknown dead-letter target with `NonExistentQueue`, and takes attributes out of their range.
//! - moto's Secrets Manager answers 404 where the real one answers 400; SDKs read the type, so no test sees it.
//! - The real services refuse a request without a signature; neither moto nor the double does.

use aws_sdk_sqs::types::QueueAttributeName::{
    ContentBasedDeduplication, RedrivePolicy, VisibilityTimeout,
};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageAttributeValue};
use std::time::Duration;

use crate::cloud::{code, on_the_double, unique};
use crate::limits::send_batch;

#[tokio::test]
async fn size_is_counted_in_bytes_and_includes_attributes() {
    on_the_double(async |cloud, _| {
        let url = cloud.queue(&[]).await;
        let send = |body: String| cloud.sqs.send_message().queue_url(&url).message_body(body);
        // Two bytes each.
        let half = 524_288;
        send("é".repeat(half)).send().await.unwrap();
        let over = send("é".repeat(half + 1)).send().await;
        assert_eq!(code(over), "InvalidParameterValue");
        let value = MessageAttributeValue::builder().data_type("String");
        let value = value.string_value("v").build().unwrap();
        // A name of one byte, a type of six, a value of one.
        let fits = send("x".repeat(2 * half - 8)).message_attributes("n", value.clone());
        fits.send().await.unwrap();
        let over = send("x".repeat(2 * half - 7)).message_attributes("n", value);
        assert_eq!(code(over.send().await), "InvalidParameterValue");
    })
    .await;
}

#[tokio::test]
async fn characters_outside_the_set_are_refused() {
    on_the_double(async |cloud, double| {
        let name = unique("characters");
        let url = cloud.queue_named(&name, &[]).await;
        let send = |body: String| cloud.sqs.send_message().queue_url(&url).message_body(body);
        let refused = ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1f}'];
        for bad in refused.into_iter().chain(['\u{fffe}', '\u{ffff}']) {
            let error = send(format!("a{bad}b")).send().await.unwrap_err();
            let error = error.into_service_error();
            assert!(error.is_invalid_message_contents(), "{bad:?}: {error:?}");
        }
        let allowed = [
            '\t', '\n', '\r', ' ', '\u{7f}', '\u{d7ff}', '\u{e000}', '\u{fffd}',
        ];
        for good in allowed.into_iter().chain(['\u{10000}', '\u{10ffff}']) {
            send(good.to_string()).send().await.unwrap();
        }
        assert_eq!(code(send(String::new()).send().await), "MissingParameter");
        assert_eq!(double.message_count(&name), 10);
    })
    .await;
}

#[tokio::test]
async fn one_bad_entry_fails_alone() {
    on_the_double(async |cloud, _| {
        let url = cloud.queue(&[]).await;
        let sent = send_batch(cloud, &url, &[("a", "fine"), ("b", "\u{1}")]).await;
        let sent = sent.unwrap();
        assert_eq!(sent.successful()[0].id(), "a");
        assert_eq!(sent.failed()[0].id(), "b");
        assert_eq!(sent.failed()[0].code(), "InvalidMessageContents");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_fifo_send_gets_the_first_answer_even_after_deletion() {
    on_the_double(async |cloud, double| {
        let url = cloud.fifo(&[(ContentBasedDeduplication, "true")]).await;
        let send = || {
            let request = cloud.sqs.send_message().queue_url(&url);
            request.message_group_id("a").message_body("same").send()
        };
        let first = send().await.unwrap();
        let message = cloud.receive(&url).await.remove(0);
        cloud.delete(&url, &message).await;
        let second = send().await.unwrap();
        assert_eq!(first.message_id(), second.message_id());
        assert_eq!(first.sequence_number(), second.sequence_number());
        assert_eq!(double.message_count(url.rsplit_once('/').unwrap().1), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_longer_in_flight_cannot_be_settled() {
    on_the_double(async |cloud, _| {
        let attributes = [
            (ContentBasedDeduplication, "true"),
            (VisibilityTimeout, "0"),
        ];
        let url = cloud.fifo(&attributes).await;
        let send = cloud.sqs.send_message().queue_url(&url).message_body("a");
        send.message_group_id("a").send().await.unwrap();
        let message = cloud.receive(&url).await.remove(0);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let handle = message.receipt_handle().unwrap();
        let delete = cloud.sqs.delete_message().queue_url(&url);
        let delete = delete.receipt_handle(handle).send().await;
        assert_eq!(code(delete), "InvalidParameterValue");
        let change = cloud.sqs.change_message_visibility().queue_url(&url);
        let change = change.receipt_handle(handle).visibility_timeout(9);
        let error = change.send().await.unwrap_err().into_service_error();
        assert!(error.is_message_not_inflight(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn settings_are_checked() {
    on_the_double(async |cloud, _| {
        let url = cloud.queue(&[]).await;
        let set = |name, value: &str| {
            let request = cloud.sqs.set_queue_attributes().queue_url(&url);
            request.attributes(name, value).send()
        };
        let late = set(VisibilityTimeout, "43201").await;
        assert_eq!(code(late), "InvalidAttributeValue");
        let target = "arn:aws:sqs:eu-central-1:123456789012:missing";
        let policy = format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":3}}"#);
        let redrive = set(RedrivePolicy, &policy).await;
        assert_eq!(code(redrive), "InvalidParameterValue");
        let entry = |handle: &str| {
            let entry = DeleteMessageBatchRequestEntry::builder().id("same");
            entry.receipt_handle(handle).build().unwrap()
        };
        let delete = cloud.sqs.delete_message_batch().queue_url(&url);
        let delete = delete.entries(entry("a")).entries(entry("b")).send().await;
        let error = delete.unwrap_err().into_service_error();
        assert!(error.is_batch_entry_ids_not_distinct(), "{error:?}");
    })
    .await;
}
