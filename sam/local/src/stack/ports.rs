//! Which ports the parts listen on. All of them on 127.0.0.1 only.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// One port per part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The functions: production routes, function URLs, the runtime API.
    pub http: u16,
    /// CXone and the embedding provider.
    pub simulator: u16,
    /// Postgres.
    pub postgres: u16,
    /// SQS and Secrets Manager.
    pub sqs: u16,
}

impl Ports {
    /// The usual ones, or four in a row from `base`.
    pub fn choose(base: Option<u16>) -> Result<Self, Failure> {
        let Some(base) = base else {
            return Ok(Self {
                http: 9000,
                simulator: 9100,
                postgres: 15432,
                sqs: 5001,
            });
        };
        if !(1024..=65532).contains(&base) {
            let advice = "choose a base between 1024 and 65532, for example --port-base 22000";
            return Err(Failure::new(
                format!("--port-base {base} leaves no room for four ports"),
                advice,
            ));
        }
        Ok(Self {
            http: base,
            simulator: base + 1,
            postgres: base + 2,
            sqs: base + 3,
        })
    }

    /// Four in a row that are free now, below the range from which outgoing connections take theirs.
    pub fn free() -> Result<Self, Failure> {
        for _ in 0..100 {
            let ports = Self::choose(Some(rand::random_range(20_000..32_000)))?;
            if ports.named().iter().all(|(port, _)| is_free(*port)) {
                return Ok(ports);
            }
        }
        let advice = "look for a program that listens on thousands of ports";
        Err(Failure::new(
            "found no four free ports in a row between 20000 and 32000",
            advice,
        ))
    }

    /// Each port with the part that wants it.
    pub fn named(&self) -> [(u16, &'static str); 4] {
        [
            (self.http, "the functions"),
            (self.simulator, "the CXone simulator"),
            (self.postgres, "Postgres"),
            (self.sqs, "SQS and Secrets Manager"),
        ]
    }

    /// Fails with the first port that somebody else holds.
    pub fn check(&self) -> Result<(), Failure> {
        match self.named().into_iter().find(|(port, _)| !is_free(*port)) {
            None => Ok(()),
            Some((port, wanted_by)) => Err(busy(port, wanted_by)),
        }
    }
}

/// Whether nobody listens on the port, here or on all addresses.
pub fn is_free(port: u16) -> bool {
    !is_listening(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether somebody listens on the port.
pub fn is_listening(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
}

fn busy(port: u16, wanted_by: &str) -> Failure {
    let holder = holder(port).unwrap_or("another program".to_owned());
    let advice =
        "stop that program, or choose four other ports in a row: cargo local up --port-base 22000";
    Failure::new(
        format!("port {port}, which {wanted_by} should get, is held by {holder}"),
        advice,
    )
}

/// Who listens on the port, as far as `lsof` or `ss` knows.
fn holder(port: u16) -> Option<String> {
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let lsof = || {
        let text = run(
            "lsof",
            &["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-Fpc"],
        )?;
        let field = |key: char| {
            text.lines()
                .find_map(|line| line.strip_prefix(key))
                .map(str::to_owned)
        };
        Some(format!("{} (pid {})", field('c')?, field('p')?))
    };
    let ss = || {
        let text = run("ss", &["-Hltnp", &format!("sport = :{port}")])?;
        let users = text.split_once("users:((\"")?.1;
        let (name, rest) = users.split_once('"')?;
        let pid = rest.split_once("pid=")?.1.split(',').next()?;
        Some(format!("{name} (pid {pid})"))
    };
    lsof().or_else(ss)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From 32,768 on Linux gives them to connections, each of which then holds one for a minute.
    #[test]
    fn the_usual_ports_are_given_to_no_connection() {
        let ports = Ports::choose(None).unwrap();
        assert!(ports.named().iter().all(|(port, _)| *port < 32_768));
    }

    #[test]
    fn a_base_gives_four_in_a_row() {
        let ports = Ports::choose(Some(42_000)).unwrap();
        assert_eq!(
            ports.named().map(|(port, _)| port),
            [42_000, 42_001, 42_002, 42_003]
        );
        assert!(Ports::choose(Some(80)).is_err() && Ports::choose(Some(65_533)).is_err());
    }

    #[test]
    fn a_busy_port_is_named_with_a_way_out() {
        let ports = Ports::free().unwrap();
        ports.check().unwrap();
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.postgres)).unwrap();
        let failure = ports.check().unwrap_err();
        assert!(
            failure
                .to_string()
                .contains(&format!("port {}, which Postgres", ports.postgres)),
            "{failure}"
        );
        assert!(failure.advice().contains("--port-base"));
        drop(held);
        let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, ports.http)).unwrap();
        assert!(!is_free(ports.http));
        drop(everywhere);
    }
}
