//! Making, finding, describing and deleting queues.

use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed,
    ApproximateNumberOfMessagesNotVisible, MaximumMessageSize, QueueArn, RedrivePolicy,
    VisibilityTimeout,
};

use crate::cloud::{code, everywhere, unique};

#[tokio::test]
async fn a_queue_is_found_by_its_name_until_it_is_deleted() {
    everywhere(async |cloud| {
        let name = unique("found");
        let url = cloud.queue_named(&name, &[]).await;
        assert!(url.ends_with(&format!("/123456789012/{name}")), "{url}");
        let found = cloud.sqs.get_queue_url().queue_name(&name).send().await;
        assert_eq!(found.unwrap().queue_url(), Some(url.as_str()));
        let listed = cloud.sqs.list_queues().queue_name_prefix(&name);
        let listed = listed.send().await.unwrap();
        assert_eq!(listed.queue_urls(), std::slice::from_ref(&url));

        cloud
            .sqs
            .delete_queue()
            .queue_url(&url)
            .send()
            .await
            .unwrap();
        let gone = cloud.sqs.get_queue_url().queue_name(&name).send().await;
        let gone = gone.unwrap_err().into_service_error();
        assert!(gone.is_queue_does_not_exist(), "{gone:?}");
        assert_eq!(
            code::<(), _>(Err(gone)),
            "AWS.SimpleQueueService.NonExistentQueue"
        );
        let listed = cloud.sqs.list_queues().queue_name_prefix(&name);
        assert!(listed.send().await.unwrap().queue_urls().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_refused_by_every_operation() {
    everywhere(async |cloud| {
        let url = format!("{}-gone", cloud.queue(&[]).await);
        let expected = "AWS.SimpleQueueService.NonExistentQueue";
        let send = cloud.sqs.send_message().queue_url(&url).message_body("a");
        assert_eq!(code(send.send().await), expected);
        let receive = cloud.sqs.receive_message().queue_url(&url);
        assert_eq!(code(receive.send().await), expected);
        let purge = cloud.sqs.purge_queue().queue_url(&url);
        assert_eq!(code(purge.send().await), expected);
        let delete = cloud.sqs.delete_message().queue_url(&url);
        assert_eq!(code(delete.receipt_handle("a").send().await), expected);
    })
    .await;
}

#[tokio::test]
async fn attributes_have_defaults_and_can_be_set() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[(VisibilityTimeout, "45")]).await;
        assert_eq!(cloud.attribute(&url, VisibilityTimeout).await, "45");
        assert_eq!(cloud.attribute(&url, MaximumMessageSize).await, "1048576");
        // One that a queue may have, and this one has not, is no error.
        let ask = cloud.sqs.get_queue_attributes().queue_url(&url);
        let none = ask.attribute_names(RedrivePolicy).send().await.unwrap();
        assert!(none.attributes.is_none_or(|known| known.is_empty()));
        let arn = cloud.attribute(&url, QueueArn).await;
        assert!(
            arn.starts_with("arn:aws:sqs:eu-central-1:123456789012:"),
            "{arn}"
        );

        let set = cloud.sqs.set_queue_attributes().queue_url(&url);
        let set = set.attributes(VisibilityTimeout, "7").send().await;
        set.unwrap();
        assert_eq!(cloud.attribute(&url, VisibilityTimeout).await, "7");
    })
    .await;
}

#[tokio::test]
async fn making_a_queue_twice_is_no_error_unless_it_differs() {
    everywhere(async |cloud| {
        let name = unique("twice");
        let url = cloud.queue_named(&name, &[(VisibilityTimeout, "5")]).await;
        let same = cloud.queue_named(&name, &[(VisibilityTimeout, "5")]).await;
        assert_eq!(url, same);
        let other = cloud.sqs.create_queue().queue_name(&name);
        let other = other.attributes(VisibilityTimeout, "6").send().await;
        assert_eq!(code(other), "QueueAlreadyExists");
    })
    .await;
}

#[tokio::test]
async fn counts_tell_ready_delayed_and_in_flight_apart() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        for body in ["a", "b", "c"] {
            cloud.send(&url, body).await;
        }
        let late = cloud
            .sqs
            .send_message()
            .queue_url(&url)
            .message_body("late");
        late.delay_seconds(60).send().await.unwrap();
        assert_eq!(cloud.receive_up_to(&url, 1).await.len(), 1);
        assert_eq!(
            cloud.attribute(&url, ApproximateNumberOfMessages).await,
            "2"
        );
        let in_flight = cloud.attribute(&url, ApproximateNumberOfMessagesNotVisible);
        assert_eq!(in_flight.await, "1");
        let delayed = cloud.attribute(&url, ApproximateNumberOfMessagesDelayed);
        assert_eq!(delayed.await, "1");
    })
    .await;
}

#[tokio::test]
async fn a_redrive_policy_reads_back_as_it_was_set() {
    everywhere(async |cloud| {
        let dead = cloud.queue(&[]).await;
        let arn = cloud.attribute(&dead, QueueArn).await;
        let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"3"}}"#);
        let url = cloud.queue(&[(RedrivePolicy, &policy)]).await;
        let read = cloud.attribute(&url, RedrivePolicy).await;
        assert!(read.contains(&arn), "{read}");
        assert!(
            read.replace([' ', '"'], "").contains("maxReceiveCount:3"),
            "{read}"
        );
    })
    .await;
}

#[tokio::test]
async fn purging_empties_a_queue() {
    everywhere(async |cloud| {
        let url = cloud.queue(&[]).await;
        cloud.send(&url, "ready").await;
        cloud.send(&url, "in flight").await;
        cloud.receive_up_to(&url, 1).await;
        cloud
            .sqs
            .purge_queue()
            .queue_url(&url)
            .send()
            .await
            .unwrap();
        assert_eq!(
            cloud.attribute(&url, ApproximateNumberOfMessages).await,
            "0"
        );
        let in_flight = cloud.attribute(&url, ApproximateNumberOfMessagesNotVisible);
        assert_eq!(in_flight.await, "0");
    })
    .await;
}
