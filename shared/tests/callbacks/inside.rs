//! Whatever address somebody wrote: nothing inside is called.

use crate::receiver::{Receiver, Told, status};
use crate::stage::{Stage, caller, keys};

#[tokio::test]
async fn no_address_leads_inside() {
    let Some(stage) = Stage::set("no_address_leads_inside").await else {
        return;
    };
    let inside = Receiver::at("127.0.0.1", 0, |_, _| status(200, "")).await;
    let v6 = Receiver::at("::1", inside.port, |_, _| status(200, "")).await;
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "①②⑦.⓪.⓪.①",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "localhost",
        "a.localhost",
        "metadata.google.internal",
        "169.254.169.254",
        "10.0.0.1",
        "user:word@127.0.0.1",
        "inside.example",
        "metadata.example",
    ];
    for host in hosts {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/", inside.port);
            stage.enqueue(&url, "one").await;
        }
    }
    for url in [
        "",
        "no url",
        "file:///etc/passwd",
        "http://127.0.0.1:22/",
        "https://",
    ] {
        stage.enqueue(url, "one").await;
    }
    let drained = stage
        .drain(&caller(&[80, 443, inside.port], &[], &keys()))
        .await;
    assert_eq!(drained.dead, 2 * hosts.len() as u64 + 5);
    assert_eq!((drained.delivered, drained.again), (0, 0));
    assert_eq!(inside.connections() + v6.connections(), 0);
    for (_, _, dead) in stage.left().await {
        assert!(dead.unwrap().starts_with("it is not called: "));
    }
}

#[tokio::test]
async fn no_redirect_is_followed_inside_or_anywhere() {
    let Some(stage) = Stage::set("no_redirect_is_followed").await else {
        return;
    };
    let inside = Receiver::at("127.0.0.1", 0, |_, _| status(200, "")).await;
    let port = inside.port;
    let rule = move |_, told: &Told| {
        let code = told.line.get(6..9).unwrap().parse().unwrap();
        let target = format!("location: http://127.0.0.1:{port}/\r\n");
        status(code, &target)
    };
    let open = Receiver::at("127.0.0.2", port, rule).await;
    for code in [300, 301, 302, 303, 307, 308] {
        stage
            .enqueue(&format!("http://127.0.0.2:{port}/{code}"), "one")
            .await;
    }
    // Even though it may be called.
    let caller = caller(&[port], &["127.0.0.1", "127.0.0.2"], &keys());
    assert_eq!(stage.drain(&caller).await.dead, 6);
    assert_eq!((open.told().len(), inside.connections()), (6, 0));
}
