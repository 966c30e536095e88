//! The life of a message: sent, received, hidden, seen again, deleted, dead.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::MessageSystemAttributeName::SentTimestamp;
use aws_sdk_sqs::types::QueueAttributeName::{QueueArn, RedrivePolicy, VisibilityTimeout};
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageAttributeValue, SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};
use tokio::time::sleep;

use crate::cloud::{Cloud, bodies, everywhere, receive_count};

#[tokio::test]
async fn a_message_is_received_with_its_digests_and_deleted() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let sent = cloud
            .sqs
            .send_message()
            .queue_url(&url)
            .message_body("hello");
        let sent = sent.send().await.unwrap();
        // The MD5 of "hello", from its specification's own tool.
        let md5 = Some("5d41402abc4b2a76b9719d911017c592");
        assert_eq!(sent.md5_of_message_body(), md5);
        assert_eq!(sent.md5_of_message_attributes(), None);

        let received = cloud.receive(&url).await;
        assert_eq!(received[0].message_id(), sent.message_id());
        assert_eq!(received[0].body(), Some("hello"));
        assert_eq!(received[0].md5_of_body(), md5);
        assert_eq!(receive_count(&received[0]), "1");
        let sent_ms: u128 = received[0].attributes().unwrap()[&SentTimestamp]
            .parse()
            .unwrap();
        let age = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() - sent_ms;
        assert!(age < 60_000, "{age}");

        assert!(cloud.receive(&url).await.is_empty());
        cloud.delete(&url, &received[0]).await;
        // Deleting twice is no error.
        cloud.delete(&url, &received[0]).await;
    })
    .await;
}

#[tokio::test]
async fn attributes_travel_with_the_message_and_are_digested() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let value = |kind: &str| MessageAttributeValue::builder().data_type(kind);
        let trace = value("String").string_value("abc").build().unwrap();
        let number = value("Number").string_value("42").build().unwrap();
        let binary = value("Binary").binary_value(Blob::new([0, 1, 255]));
        let sent = cloud
            .sqs
            .send_message()
            .queue_url(&url)
            .message_body("a")
            .message_attributes("trace", trace)
            .message_attributes("number", number)
            .message_attributes("binary", binary.build().unwrap())
            .send()
            .await
            .unwrap();
        let received = &cloud.receive(&url).await[0];
        let attributes = received.message_attributes().unwrap();
        assert_eq!(attributes.len(), 3);
        assert_eq!(attributes["trace"].string_value(), Some("abc"));
        assert_eq!(attributes["number"].data_type(), "Number");
        let bytes = attributes["binary"].binary_value().unwrap().as_ref();
        assert_eq!(bytes, [0, 1, 255]);
        // Computed by hand from the developer guide's rule.
        let md5 = Some("410c2f88a91f6944506e60e5af311b7e");
        assert_eq!(sent.md5_of_message_attributes(), md5);
        assert_eq!(received.md5_of_message_attributes(), md5);
    })
    .await;
}

#[tokio::test]
async fn only_the_attributes_that_were_asked_for_come() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let mut send = cloud.sqs.send_message().queue_url(&url).message_body("a");
        for name in ["app.one", "app.two", "other"] {
            let value = MessageAttributeValue::builder().data_type("String");
            let value = value.string_value("v").build().unwrap();
            send = send.message_attributes(name, value);
        }
        send.send().await.unwrap();
        let request = cloud.sqs.receive_message().queue_url(&url);
        let request = request.message_attribute_names("app.*");
        let received = request.send().await.unwrap();
        let message = &received.messages()[0];
        let mut names: Vec<_> = message.message_attributes().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["app.one", "app.two"]);
        assert!(message.attributes().is_none_or(HashMap::is_empty));
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_again() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[(VisibilityTimeout, "3")]).await;
        cloud.send(&url, "again").await;
        let first = cloud.receive(&url).await;
        assert!(cloud.receive(&url).await.is_empty());
        sleep(Duration::from_millis(3_200)).await;
        let second = cloud.receive(&url).await;
        assert_eq!(bodies(&second), ["again"]);
        assert_eq!(receive_count(&second[0]), "2");
        assert_ne!(first[0].receipt_handle(), second[0].receipt_handle());
    })
    .await;
}

#[tokio::test]
async fn visibility_can_be_given_up_and_prolonged() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[(VisibilityTimeout, "3")]).await;
        cloud.send(&url, "a").await;
        let change = async |handle: &str, timeout| {
            let request = cloud.sqs.change_message_visibility().queue_url(&url);
            let request = request.receipt_handle(handle).visibility_timeout(timeout);
            request.send().await.unwrap();
        };
        let received = cloud.receive(&url).await;
        change(received[0].receipt_handle().unwrap(), 0).await;
        sleep(Duration::from_millis(20)).await;
        let received = cloud.receive(&url).await;
        assert_eq!(receive_count(&received[0]), "2");
        change(received[0].receipt_handle().unwrap(), 30).await;
        sleep(Duration::from_millis(3_200)).await;
        assert!(cloud.receive(&url).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_delayed_message_comes_later() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let send = cloud
            .sqs
            .send_message()
            .queue_url(&url)
            .message_body("late");
        send.delay_seconds(3).send().await.unwrap();
        assert!(cloud.receive(&url).await.is_empty());
        sleep(Duration::from_millis(3_200)).await;
        assert_eq!(bodies(&cloud.receive(&url).await), ["late"]);
    })
    .await;
}

#[tokio::test]
async fn a_long_poll_returns_when_a_message_comes_or_the_time_is_over() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let poll = async |seconds| {
            let started = Instant::now();
            let request = cloud.sqs.receive_message().queue_url(&url);
            let received = request.wait_time_seconds(seconds).send().await.unwrap();
            (received.messages().len(), started.elapsed())
        };
        let (count, waited) = poll(2).await;
        assert_eq!(count, 0);
        assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
        let send = async {
            sleep(Duration::from_millis(200)).await;
            cloud.send(&url, "a").await
        };
        let ((count, waited), _) = tokio::join!(poll(10), send);
        assert_eq!(count, 1);
        assert!(waited < Duration::from_secs(9), "{waited:?}");
    })
    .await;
}

/// Receives and gives up each message at once, `times` times; returns how many came.
async fn give_up(cloud: &Cloud, url: &str, times: usize) -> usize {
    let mut came = 0;
    for _ in 0..times {
        let request = cloud.sqs.receive_message().queue_url(url);
        let received = request.visibility_timeout(0).send().await.unwrap();
        came += received.messages().len();
        sleep(Duration::from_millis(10)).await;
    }
    came
}

#[tokio::test]
async fn a_message_received_too_often_is_dead() {
    everywhere(async |cloud| {
        let dead = cloud.queue(&[]).await;
        let arn = cloud.attribute(&dead, QueueArn).await;
        let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}"#);
        let url = cloud.queue(&[(RedrivePolicy, &policy)]).await;
        let id = cloud.send(&url, "poison").await;
        assert_eq!(give_up(cloud, &url, 2).await, 2);
        assert!(cloud.receive(&dead).await.is_empty());
        assert_eq!(give_up(cloud, &url, 1).await, 0);
        let buried = cloud.receive(&dead).await;
        assert_eq!(bodies(&buried), ["poison"]);
        assert_eq!(buried[0].message_id(), Some(id.as_str()));
    })
    .await;
}

#[tokio::test]
async fn batches_report_every_entry() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        let mut batch = cloud.sqs.send_message_batch().queue_url(&url);
        for id in ["one", "two", "three"] {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(id)
                .message_body(id);
            batch = batch.entries(entry.build().unwrap());
        }
        let sent = batch.send().await.unwrap();
        let ids: Vec<_> = sent
            .successful()
            .iter()
            .map(SendMessageBatchResultEntry::id)
            .collect();
        assert_eq!(ids, ["one", "two", "three"]);
        assert!(sent.failed().is_empty());

        let received = cloud.receive(&url).await;
        assert_eq!(bodies(&received), ["one", "two", "three"]);
        let mut change = cloud.sqs.change_message_visibility_batch().queue_url(&url);
        for message in &received {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(message.body().unwrap())
                .receipt_handle(message.receipt_handle().unwrap())
                .visibility_timeout(0);
            change = change.entries(entry.build().unwrap());
        }
        assert_eq!(change.send().await.unwrap().successful().len(), 3);
        sleep(Duration::from_millis(20)).await;

        let received = cloud.receive(&url).await;
        let mut delete = cloud.sqs.delete_message_batch().queue_url(&url);
        for (index, message) in received.iter().enumerate() {
            let handle = message.receipt_handle().filter(|_| index > 0);
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(handle.unwrap_or("not a handle"));
            delete = delete.entries(entry.build().unwrap());
        }
        let deleted = delete.send().await.unwrap();
        assert_eq!(deleted.successful().len(), 2);
        assert_eq!(deleted.failed()[0].id(), "0");
        assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
        assert!(deleted.failed()[0].sender_fault());
    })
    .await;
}
