//! What is said of servers that are called and do not answer well.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use url::Url;

use super::Names;
use super::server::{Answer, Server};
use crate::net_guard::{Failure, Outside, Rules};

fn outside(port: u16) -> Outside {
    let rules = Rules {
        ports: vec![port],
        inside: vec![[127, 0, 0, 1].into()],
    };
    let none = Names::new(|_, _| &[]);
    Outside::new(rules, Arc::new(none), "test/1").unwrap()
}

async fn failure(port: u16, url: &str) -> Failure {
    let outside = outside(port);
    let request = outside
        .request(Method::GET, &Url::parse(url).unwrap())
        .unwrap();
    let sent = request.timeout(Duration::from_secs(3)).send().await;
    sent.unwrap_err().into()
}

/// The port of a server whose certificate nobody has signed.
async fn certified_by_itself() -> u16 {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

#[tokio::test]
async fn each_failure_has_its_name() {
    let broken = Server::at("127.0.0.1", |_| {
        Answer::Says("no HTTP at all\r\n\r\n".to_owned())
    })
    .await;
    let silent = Server::at("127.0.0.1", |_| Answer::Silence).await;
    let url = |port| format!("http://127.0.0.1:{port}/");
    assert_eq!(
        failure(1, "http://127.0.0.1:1/").await,
        Failure::NotConnected
    );
    assert_eq!(
        failure(broken.port(), &url(broken.port())).await,
        Failure::Broken
    );
    assert_eq!(
        failure(silent.port(), &url(silent.port())).await,
        Failure::TimedOut
    );
    let own = certified_by_itself().await;
    let url = format!("https://127.0.0.1:{own}/");
    assert_eq!(failure(own, &url).await, Failure::Certificate);
    assert_eq!(
        failure(443, "https://nowhere.example/").await,
        Failure::NoSuchHost
    );
}
