//! Faults of delivery, looked at byte by byte.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::*;

/// All that comes back, until the connection ends or `patience` does; and whether it ended.
async fn raw(simulator: &Simulator, patience: Duration) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let body = question().to_string();
    let head = format!(
        "POST /v1/embeddings HTTP/1.1\r\nhost: sim\r\nauthorization: Bearer sk-local\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    let mut received = Vec::new();
    let ended = timeout(patience, async {
        let mut part = [0; 4_096];
        while let Ok(count @ 1..) = stream.read(&mut part).await {
            received.extend_from_slice(&part[..count]);
        }
    });
    let ended = ended.await.is_ok();
    (received, ended)
}

/// The length of the body received, and the length announced.
fn body_lengths(received: &[u8]) -> (usize, usize) {
    let at = received
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .unwrap();
    let head = std::str::from_utf8(&received[..at]).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"));
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    (received.len() - at - 4, announced.parse().unwrap())
}

#[tokio::test]
async fn executed_then_lost_does_the_work_and_sends_not_one_byte() {
    let simulator = start();
    always(&simulator, "embeddings", Fault::ExecutedThenLost);
    let (received, ended) = raw(&simulator, Duration::from_secs(5)).await;
    assert!(
        ended && received.is_empty(),
        "{}",
        String::from_utf8_lossy(&received)
    );
    assert!(try_embed(&simulator, &question()).await.is_err());
    let records = simulator.requests("/v1/embeddings");
    // The client library may try a broken connection again by itself.
    assert!(records.len() >= 2);
    for record in records {
        assert_eq!((record.executed, record.status), (true, None));
        assert_eq!(record.fault.unwrap().kind, "executed_then_lost");
    }
}

#[tokio::test]
async fn lost_looks_the_same_but_the_work_is_not_done() {
    let simulator = start();
    always(&simulator, "embeddings", Fault::Lost);
    let (received, ended) = raw(&simulator, Duration::from_secs(5)).await;
    assert!(ended && received.is_empty());
    assert!(!simulator.requests("/v1/embeddings")[0].executed);
}

#[tokio::test]
async fn cut_sends_half_the_body() {
    let simulator = start();
    always(&simulator, "embeddings", Fault::Cut);
    let (received, ended) = raw(&simulator, Duration::from_secs(5)).await;
    let (came, announced) = body_lengths(&received);
    assert!(ended && came == announced / 2, "{came} of {announced}");
    let response = embed(&simulator, &question()).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert!(simulator.requests("/v1/embeddings")[0].executed);
}

#[tokio::test]
async fn drip_sends_the_head_and_then_byte_by_byte() {
    let simulator = start();
    always(&simulator, "embeddings", Fault::Drip { every_ms: 100 });
    let (received, ended) = raw(&simulator, Duration::from_millis(1_050)).await;
    let (came, announced) = body_lengths(&received);
    assert!(
        !ended && (2..=10).contains(&came) && announced > 10_000,
        "{came} of {announced}"
    );
}

#[tokio::test]
async fn a_connection_is_well_again_after_a_drip() {
    let simulator = start();
    let small = Fault::Drip { every_ms: 1 };
    let rules = vec![FaultRule::next("/nowhere", 1, small)];
    simulator.set_faults(FaultPlan { seed: 0, rules }).unwrap();
    let client = Client::new();
    for _ in 0..2 {
        let response = client
            .get(format!("{}/nowhere", simulator.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(json_of(response, 404).await["error"], "not_found");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_undo_the_work() {
    let simulator = start();
    control(
        &simulator,
        "PUT",
        "settings",
        r#"{"embedding_latency_ms":2000}"#,
    )
    .await;
    let (received, ended) = raw(&simulator, Duration::from_millis(50)).await;
    assert!(received.is_empty() && !ended);
    let start = Instant::now();
    // On a slow machine the question may have been read after its client had gone.
    while !simulator
        .requests("/v1")
        .first()
        .is_some_and(|one| one.executed)
    {
        assert!(start.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn stopping_frees_the_port_and_cuts_what_is_open() {
    let simulator = start();
    let address = simulator.address();
    always(&simulator, "embeddings", Fault::Slow { ms: 60_000 });
    let waiting = tokio::spawn({
        let url = format!("{}/v1/embeddings", simulator.url());
        async move {
            Client::new()
                .post(url)
                .bearer_auth("sk-local")
                .json(&question())
                .send()
                .await
        }
    });
    while simulator.requests("/v1").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    simulator.stop().await;
    let port = address.port();
    let again = Simulator::start(Settings {
        port,
        ..Settings::default()
    })
    .unwrap();
    assert_eq!(again.address(), address);
    let cut = timeout(Duration::from_secs(5), waiting).await;
    assert!(cut.unwrap().unwrap().is_err());
}
