//! What only the double has: faults, inspection, TLS, an end.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Fault, Options};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::cloud::{on_the_double, unique};
use crate::limits::send_batch;
use crate::secrets::create;

#[tokio::test]
async fn the_sdk_retries_what_fails_without_work() {
    on_the_double(async |cloud, double| {
        let name = unique("retried");
        let url = cloud.queue_named(&name, &[]).await;
        for fault in [Fault::Status(503), Fault::ThrottlingException] {
            double.fail_next("SendMessage", fault, 1);
            cloud.send(&url, "a").await;
        }
        assert_eq!(double.calls("SendMessage"), 4);
        assert_eq!(double.message_count(&name), 2);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_lost_means_two_messages() {
    on_the_double(async |cloud, double| {
        let name = unique("lost");
        let url = cloud.queue_named(&name, &[]).await;
        double.fail_next("SendMessage", Fault::ExecuteThenLose, 1);
        // The SDK sees a broken connection and sends again.
        let id = cloud.send(&url, "a").await;
        let stored = double.messages(&name);
        assert_eq!(stored.len(), 2);
        assert_eq!(stored[1].id, id);
        assert_eq!(double.calls("SendMessage"), 2);
    })
    .await;
}

#[tokio::test]
async fn one_entry_of_a_batch_can_fail() {
    on_the_double(async |cloud, double| {
        let name = unique("entry");
        let url = cloud.queue_named(&name, &[]).await;
        double.fail_next("SendMessageBatch", Fault::EntryFails(1), 1);
        let sent = send_batch(cloud, &url, &[("a", "1"), ("b", "2")]).await;
        let sent = sent.unwrap();
        assert_eq!(sent.successful()[0].id(), "a");
        assert_eq!(sent.failed()[0].id(), "b");
        assert!(!sent.failed()[0].sender_fault());
        assert_eq!(double.message_count(&name), 1);
    })
    .await;
}

#[tokio::test]
async fn a_slow_call_is_slow_and_calls_are_counted() {
    on_the_double(async |cloud, double| {
        let (name, _) = create(cloud, "one").await;
        double.fail_next("GetSecretValue", Fault::Slow(Duration::from_millis(300)), 1);
        let get = || cloud.secrets.get_secret_value().secret_id(&name).send();
        let started = Instant::now();
        get().await.unwrap();
        assert!(started.elapsed() >= Duration::from_millis(300));
        get().await.unwrap();
        assert_eq!(double.calls("GetSecretValue"), 2);
        assert_eq!(double.calls("PutSecretValue"), 0);
    })
    .await;
}

#[tokio::test]
async fn messages_can_be_looked_at() {
    on_the_double(async |cloud, double| {
        let name = unique("seen");
        let url = cloud.queue_named(&name, &[]).await;
        cloud.send(&url, "one").await;
        cloud.send(&url, "two").await;
        cloud.receive_up_to(&url, 1).await;
        let stored = double.messages(&name);
        let seen: Vec<_> = stored
            .iter()
            .map(|m| (m.body.as_str(), m.in_flight))
            .collect();
        assert_eq!(seen, [("one", true), ("two", false)]);
        assert_eq!(stored[0].receive_count, 1);
        assert!(double.messages("no such queue").is_empty());
    })
    .await;
}

#[test]
fn tls_is_trusted_by_who_has_the_certificate() {
    let double = AwsDouble::start(Options {
        tls: true,
        port: None,
    })
    .unwrap();
    let certificate = CertificateDer::from_pem_slice(double.ca_pem().unwrap().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    for name in ["localhost", "127.0.0.1"] {
        let server = ServerName::try_from(name).unwrap();
        let connection = ClientConnection::new(Arc::clone(&config), server).unwrap();
        let socket = TcpStream::connect(double.address()).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        let request = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(request.as_bytes()).unwrap();
        let mut status = String::new();
        BufReader::new(stream).read_line(&mut status).unwrap();
        assert_eq!(status, "HTTP/1.1 200 OK\r\n");
    }
}

#[test]
fn dropping_it_stops_it_and_closes_connections() {
    let double = AwsDouble::start(Options::default()).unwrap();
    let address = double.address();
    let open = TcpStream::connect(address).unwrap();
    drop(double);
    let mut line = String::new();
    let read = BufReader::new(open).read_line(&mut line);
    assert!(matches!(read, Ok(0) | Err(_)), "{line}");
    assert!(TcpStream::connect(address).is_err());
}
