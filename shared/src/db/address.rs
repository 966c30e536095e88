//! Where the database is: verified TLS to everything that is not this machine.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::connect::PATIENCE;
use crate::error::Error;

/// A connection whose other end is not heard of for so long is given up by the system, also in the middle of a statement. A
/// database that is at work is heard of: its system answers for it.
const UNHEARD: Duration = Duration::from_secs(5);

/// Where the database is and who we are there.
#[derive(Clone)]
pub struct DatabaseUrl(pub(super) Config);

/// The form in which RDS keeps its secrets.
#[derive(Deserialize)]
struct RdsSecret {
    host: String,
    #[serde(default)]
    port: Port,
    username: String,
    password: SecretString,
    #[serde(alias = "dbname")]
    database: Option<String>,
}

/// RDS writes a number, its documentation a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Text(String),
}

impl Default for Port {
    fn default() -> Self {
        Self::Number(5432)
    }
}

impl Port {
    fn number(self) -> Option<u16> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let config = Config::from_str(text)
            .map_err(|_| "is no URL such as postgres://user:password@host:5432/name")?;
        if config.get_hosts().is_empty() {
            Err("names no host")
        } else {
            Ok(Self::settled(config))
        }
    }
}

impl DatabaseUrl {
    /// Reads a secret in the form of RDS.
    pub fn from_secret(secret: &SecretString) -> Result<Self, Error> {
        let unreadable = || {
            Error::misconfigured(
                "the database secret must be JSON with host, username, password, and optionally port, dbname",
            )
        };
        let secret: RdsSecret =
            serde_json::from_str(secret.expose_secret()).map_err(|_| unreadable())?;
        let mut config = Config::new();
        config
            .host(secret.host)
            .port(secret.port.number().ok_or_else(unreadable)?)
            .user(secret.username)
            .password(secret.password.expose_secret());
        config.dbname(secret.database.as_deref().unwrap_or("cxone_memory"));
        Ok(Self::settled(config))
    }

    /// Only this machine is reached without TLS; everything else must prove itself, whatever was written. A server that only reads is none:
    /// after a failover the name of a cluster may still lead to the one that gave way.
    fn settled(mut config: Config) -> Self {
        let is_here = |host: &Host| match host {
            Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
            Host::Unix(_) => true,
        };
        let local = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        config.ssl_mode(if local {
            SslMode::Disable
        } else {
            SslMode::Require
        });
        config
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(UNHEARD)
            .keepalives_idle(UNHEARD)
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .application_name("cxone-memory");
        Self(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn mode(url: &str) -> SslMode {
        url.parse::<DatabaseUrl>()
            .map(|url| url.0.get_ssl_mode())
            .unwrap()
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        assert_eq!(mode("postgres://u:p@127.0.0.1:5432/d"), SslMode::Disable);
        assert_eq!(
            mode("postgres://u:p@localhost/d?sslmode=require"),
            SslMode::Disable
        );
        assert_eq!(
            mode("postgres://u:p@db.example/d?sslmode=disable"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://u:p@localhost,db.example/d"),
            SslMode::Require
        );
        // A way through another host: it begins here, and leads to whoever must prove that name.
        assert_eq!(
            mode("postgres://u:p@db.example:54321/d?hostaddr=127.0.0.1"),
            SslMode::Require
        );
    }

    /// As the attachment writes it, as AWS documents it, and as a person may.
    #[test]
    fn a_secret_of_rds_is_read() {
        let attached = r#"{"dbClusterIdentifier": "c", "password": "p", "dbname": "d", "engine": "postgres", "port": 5433,
            "host": "c.cluster-x.eu-central-1.rds.amazonaws.com", "username": "u"}"#;
        let documented = r#"{"engine": "postgres", "host": "db.example", "username": "u", "password": "p", "dbname": "d",
            "port": "5433", "masterarn": "arn:x"}"#;
        let short = r#"{"host": "db.example", "username": "u", "password": "p"}"#;
        for (secret, port, name) in [
            (attached, 5433, "d"),
            (documented, 5433, "d"),
            (short, 5432, "cxone_memory"),
        ] {
            let url = DatabaseUrl::from_secret(&SecretString::from(secret)).unwrap();
            assert_eq!(
                (url.0.get_ports(), url.0.get_dbname()),
                (&[port][..], Some(name))
            );
            assert_eq!(url.0.get_ssl_mode(), SslMode::Require);
        }
    }

    #[test]
    fn a_secret_that_lacks_something_is_refused() {
        for secret in [
            "{}",
            "no JSON",
            r#"{"username": "u", "password": "of RDS itself"}"#,
            r#"{"host": "h", "username": "u", "password": "p", "port": "none"}"#,
            r#"{"host": "h", "username": "u", "password": "p", "port": 65536}"#,
        ] {
            let outcome = DatabaseUrl::from_secret(&SecretString::from(secret));
            assert_eq!(
                outcome.err().unwrap().kind(),
                Kind::Misconfigured,
                "{secret}"
            );
        }
    }
}
