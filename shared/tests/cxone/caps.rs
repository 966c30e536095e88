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
async fn a_bomb_and_a_flood_are_refused_for_their_size() {
    let bomb = vec![b' '; 256 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bomb).unwrap();
    let packed = encoder.finish().unwrap();
    println!("{} bytes packed, {} unpacked", packed.len(), bomb.len());
    drop(bomb);
    let flood = vec![b' '; 17 << 20];
    let world = World::start(move |seen| match seen.nth {
        0 => ([("content-encoding", "gzip")], packed.clone()).into_response(),
        _ => flood.clone().into_response(),
    })
    .await;
    for _ in 0..2 {
        let started = Instant::now();
        let outcome = world.list().await;
        assert!(
            matches!(outcome, Err(Error::TooLarge { .. })),
            "{outcome:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(3));
    }
    assert_eq!(world.api.seen().len(), 2, "asking again brings the same");
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
    assert!(took < Duration::from_millis(2_700), "{took:?}");
}
