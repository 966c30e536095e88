//! FIFO queues: order within a group, one delivery per deduplication id.

use aws_sdk_sqs::operation::send_message::builders::SendMessageFluentBuilder;
use aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId;
use aws_sdk_sqs::types::QueueAttributeName::ContentBasedDeduplication;

use crate::cloud::{Cloud, bodies, code, everywhere};

fn letter(cloud: &Cloud, url: &str, group: &str, body: &str) -> SendMessageFluentBuilder {
    let request = cloud.sqs.send_message().queue_url(url);
    request.message_group_id(group).message_body(body)
}

#[tokio::test]
async fn a_group_waits_for_its_message_in_flight() {
    everywhere(async |cloud| {
        let url = cloud.fifo(&[(ContentBasedDeduplication, "true")]).await;
        for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
            letter(cloud, &url, group, body).send().await.unwrap();
        }
        let first = cloud.receive_up_to(&url, 1).await;
        assert_eq!(bodies(&first), ["a1"]);
        assert_eq!(first[0].attributes().unwrap()[&MessageGroupId], "a");
        let second = cloud.receive(&url).await;
        assert_eq!(bodies(&second), ["b1"]);
        assert!(cloud.receive(&url).await.is_empty());
        cloud.delete(&url, &first[0]).await;
        assert_eq!(bodies(&cloud.receive(&url).await), ["a2"]);
    })
    .await;
}

#[tokio::test]
async fn one_call_may_take_several_of_a_group_in_order() {
    everywhere(async |cloud| {
        let url = cloud.fifo(&[(ContentBasedDeduplication, "true")]).await;
        let expected: Vec<_> = (0..10).map(|number| number.to_string()).collect();
        for body in &expected {
            letter(cloud, &url, "a", body).send().await.unwrap();
        }
        assert_eq!(bodies(&cloud.receive(&url).await), expected);
    })
    .await;
}

#[tokio::test]
async fn the_same_deduplication_id_is_delivered_once() {
    everywhere(async |cloud| {
        let url = cloud.fifo(&[]).await;
        for body in ["first", "second"] {
            let letter = letter(cloud, &url, "a", body);
            let sent = letter.message_deduplication_id("same").send().await;
            assert!(sent.unwrap().sequence_number().is_some());
        }
        assert_eq!(bodies(&cloud.receive(&url).await), ["first"]);
    })
    .await;
}

#[tokio::test]
async fn the_body_can_be_the_deduplication_id() {
    everywhere(async |cloud| {
        let url = cloud.fifo(&[(ContentBasedDeduplication, "true")]).await;
        for body in ["same", "same", "other"] {
            letter(cloud, &url, "a", body).send().await.unwrap();
        }
        assert_eq!(bodies(&cloud.receive(&url).await), ["same", "other"]);
    })
    .await;
}

#[tokio::test]
async fn group_and_deduplication_id_are_needed() {
    everywhere(async |cloud| {
        let url = cloud.fifo(&[]).await;
        let send = cloud.sqs.send_message().queue_url(&url).message_body("a");
        let no_group = send.message_deduplication_id("1").send().await;
        assert_eq!(code(no_group), "MissingParameter");
        let no_id = letter(cloud, &url, "a", "a").send().await;
        assert_eq!(code(no_id), "InvalidParameterValue");
    })
    .await;
}
