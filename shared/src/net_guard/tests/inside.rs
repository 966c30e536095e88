//! The list of addresses that try to get inside. A listener counts how many do.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response};
use tokio::time::timeout;
use url::Url;

use super::Names;
use super::server::{Server, redirect, status};
use crate::net_guard::{Failure, Outside, Refusal, Rules, Step};

/// Hosts that all mean this machine, a neighbour, or the metadata of the cloud.
const HOSTS: [&str; 66] = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0X7F.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "0",
    "0.0.0.0",
    "00",
    "0x0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "localhost",
    "LocalHost",
    "localhost.",
    "a.localhost",
    "x.local",
    "metadata.google.internal",
    "ip-10-0-0-1.ec2.internal",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "169.254.170.2",
    "10.0.0.1",
    "10.1",
    "172.16.0.1",
    "192.168.0.1",
    "192.168.257",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "240.0.0.1",
];

/// Names that somebody else's server resolves for us.
fn resolve(name: &str, _: usize) -> &'static [&'static str] {
    match name {
        "v4.example" | "127.0.0.1.example" => &["127.0.0.1"],
        "v6.example" => &["::1"],
        "mapped.example" => &["::ffff:127.0.0.1"],
        "any.example" => &["0.0.0.0"],
        "metadata.example" => &["169.254.169.254"],
        "both.example" => &["1.1.1.1", "127.0.0.1"],
        "turned.example" => &["127.0.0.1", "1.1.1.1"],
        "private.example" => &["10.0.0.1", "192.168.1.1"],
        "ula.example" => &["fd00:ec2::254"],
        _ => &[],
    }
}

const NAMES: [&str; 10] = [
    "v4.example",
    "v6.example",
    "mapped.example",
    "any.example",
    "metadata.example",
    "both.example",
    "turned.example",
    "private.example",
    "ula.example",
    "127.0.0.1.example",
];

fn outside(
    ports: Vec<u16>,
    inside: &[&str],
    names: impl Fn(&str, usize) -> &'static [&'static str] + Send + Sync + 'static,
) -> Outside {
    let inside = inside
        .iter()
        .map(|address| address.parse::<IpAddr>().unwrap())
        .collect();
    Outside::new(Rules { ports, inside }, Arc::new(Names::new(names)), "test").unwrap()
}

/// Follows the way to its end.
async fn go(outside: &Outside, url: &str) -> Result<Response, Failure> {
    let mut way = outside.way(Method::GET, &Url::parse(url).unwrap());
    loop {
        if let Step::Arrived(response) = way.step().await? {
            return Ok(response);
        }
    }
}

#[tokio::test]
async fn none_of_76_hosts_in_4_writings_gets_a_connection_inside() {
    let v4 = Server::at("127.0.0.1", |_| status(200)).await;
    let any = [
        v4.beside("::1", |_| status(200)).await,
        v4.beside("127.0.0.2", |_| status(200)).await,
    ];
    let port = v4.port();
    let outside = outside(vec![80, 443, port], &[], resolve);
    let mut tried = 0;
    for host in HOSTS.iter().chain(&NAMES) {
        for url in [
            format!("http://{host}:{port}/"),
            format!("https://{host}:{port}/x?http://example.com/"),
            format!("http://example.com:80@{host}:{port}/"),
            format!("http://{host}:{port}\\@example.com/#@example.com"),
        ] {
            let Ok(parsed) = Url::parse(&url) else {
                continue;
            };
            let went = timeout(Duration::from_secs(5), go(&outside, parsed.as_str())).await;
            assert!(
                matches!(went, Ok(Err(Failure::Refused(_)))),
                "{url}: {went:?}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 300, "{tried} URLs were tried");
    assert_eq!(
        v4.connections() + any[0].connections() + any[1].connections(),
        0
    );
}

#[tokio::test]
async fn the_listener_would_have_seen_a_connection() {
    let server = Server::at("127.0.0.1", |_| status(200)).await;
    let port = server.port();
    let permitted = outside(vec![port], &["127.0.0.1"], resolve);
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "v4.example"] {
        let response = go(&permitted, &format!("http://{host}:{port}/"))
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(server.connections(), 4);
}

/// Through a proxy, names would be resolved by somebody else. Environments are a process's own, so the test above runs in another one.
#[test]
fn no_proxy_of_the_environment_is_asked() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        "net_guard::tests::inside::the_listener_would_have_seen_a_connection",
    ]);
    child.envs(
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
            .map(|name| (name, "http://127.0.0.1:1")),
    );
    let output = child
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let inside = Server::at("127.0.0.1", |_| status(200)).await;
    let port = inside.port();
    let targets = move |line: &str| {
        let path = line.trim_start_matches("GET /");
        redirect(&match path {
            "loop" => "/loop".to_owned(),
            "scheme" => "file:///etc/passwd".to_owned(),
            "relative" => format!("//2130706433:{port}/"),
            host => format!("http://{host}:{port}/"),
        })
    };
    let open = inside.beside("127.0.0.2", targets).await;
    let outside = outside(vec![port], &["127.0.0.2"], resolve);
    let call = async |path: &str| {
        go(&outside, &format!("http://127.0.0.2:{port}/{path}"))
            .await
            .unwrap_err()
    };
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "v4.example",
        "both.example",
        "user@127.0.0.1",
        "relative",
    ] {
        assert!(
            matches!(
                call(host).await,
                Failure::Refused(Refusal::Inside | Refusal::Credentials)
            ),
            "{host}"
        );
    }
    assert_eq!(call("scheme").await, Failure::Refused(Refusal::Scheme));
    let before = open.requests().len();
    assert_eq!(call("loop").await, Failure::Refused(Refusal::Redirects));
    assert_eq!(open.requests().len() - before, 6);
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_name_that_resolves_differently_a_moment_later_gets_nowhere() {
    let inside = Server::at("127.0.0.1", |_| status(200)).await;
    let port = inside.port();
    let open = inside.beside("127.0.0.2", move |line| match line {
        "GET /again" => redirect(&format!("http://rebound.example:{port}/")),
        _ => status(200),
    });
    let open = open.await;
    let rebind = |_: &str, asked: usize| -> &'static [&'static str] {
        if asked.is_multiple_of(2) {
            &["127.0.0.2"]
        } else {
            &["127.0.0.1"]
        }
    };
    let outside = outside(vec![port], &["127.0.0.2"], rebind);
    let url = format!("http://rebound.example:{port}/");
    for round in 0..10 {
        assert_eq!(go(&outside, &url).await.unwrap().status(), 200, "{round}");
        assert_eq!(
            go(&outside, &url).await.unwrap_err(),
            Failure::Refused(Refusal::Inside),
            "{round}"
        );
    }
    assert_eq!(
        go(&outside, &format!("{url}again")).await.unwrap_err(),
        Failure::Refused(Refusal::Inside)
    );
    assert_eq!((inside.connections(), open.connections()), (0, 11));
}
