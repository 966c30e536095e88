//! Answers that are too large, too slow, or packed too well.

use std::io::Write as _;

use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn packed(bytes: &[u8]) -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    let body = Body::from(encoder.finish().unwrap());
    ([("content-encoding", "gzip")], body).into_response()
}

#[tokio::test]
async fn a_packed_page_is_read() {
    let world = World::start(|_| packed(br#"{"articles": [{}]}"#)).await;
    assert_eq!(world.list().await.unwrap().flaws.len(), 1);
    assert_eq!(world.api.seen()[0].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_bomb_and_a_flood_are_refused_for_their_size_and_take_no_memory() {
    let world = World::start(|_| empty()).await;
    let settings = settings(&world.simulator, world.simulator.url(), &json!({}));
    let knowledge = settings.knowledge_at(&world.sdk, quick()).unwrap();
    let before = most_memory();
    for fault in [
        Fault::GzipBomb { bytes: 1 << 30 },
        Fault::Huge { bytes: 17 << 20 },
    ] {
        world.simulator.clear_requests();
        world.meet(FaultRule::rate("/api/v2/knowledge/articles", 1.0, fault));
        let started = Instant::now();
        let until = started + Duration::from_secs(30);
        let outcome = knowledge.list(&all(), until).await;
        assert!(
            matches!(outcome, Err(Error::TooLarge { .. })),
            "{outcome:?}"
        );
        println!("refused after {:?}", started.elapsed());
        assert!(started.elapsed() < Duration::from_secs(25));
        let asked = world.simulator.requests("/api/v2/knowledge/articles");
        assert_eq!(asked.len(), 1, "asking again brings the same");
    }
    let grown = most_memory() - before;
    println!("{grown} kB more at the most");
    assert!(grown < 200_000, "{grown} kB");
}

/// The most memory that this process has had, in kB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}

#[tokio::test]
async fn one_byte_a_second_is_given_up_by_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4_096]).await.unwrap();
                let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
                stream.write_all(head).await.unwrap();
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
        }
    });
    let world = World::start(|_| empty()).await;
    let settings = settings(&world.simulator, &url, &json!({}));
    let knowledge = settings.knowledge_at(&world.sdk, quick()).unwrap();
    let started = Instant::now();
    later(
        knowledge
            .list(&all(), started + Duration::from_millis(2_500))
            .await,
    );
    let took = started.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}
