//! The way to Postgres: verified TLS to everything that is not this machine, a connection that is proven before it is used.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::vector_types::VectorTypes;
use crate::error::Error;

/// The authorities that sign the certificates of RDS, Aurora and RDS Proxy. They stand in no system's trust store.
const RDS_ROOTS: &[u8] = include_bytes!("rds-roots.pem");
/// A database that does not answer in this time, from asking to a proven connection, is down, and the caller is told so.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// Where the database is and who we are there.
#[derive(Clone)]
pub struct DatabaseUrl(Config);

/// Access to one database, through one connection.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    vector_types: VectorTypes,
}

/// The form in which RDS keeps its secrets.
#[derive(Deserialize)]
struct RdsSecret {
    host: String,
    #[serde(default = "default_port")]
    port: u16,
    username: String,
    password: SecretString,
    #[serde(alias = "dbname")]
    database: Option<String>,
}

fn default_port() -> u16 {
    5432
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
        let secret: RdsSecret = serde_json::from_str(secret.expose_secret()).map_err(|_| {
            Error::misconfigured("the database secret must be JSON with host, username, password, and optionally port, dbname")
        })?;
        let mut config = Config::new();
        config
            .host(secret.host)
            .port(secret.port)
            .user(secret.username)
            .password(secret.password.expose_secret());
        config.dbname(secret.database.as_deref().unwrap_or("cxone_memory"));
        Ok(Self::settled(config))
    }

    /// Only this machine is reached without TLS; everything else must prove itself, whatever was written.
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
            .connect_timeout(PATIENCE)
            .application_name("cxone-memory");
        Self(config)
    }
}

impl Database {
    /// A way to the database. Nothing is connected yet.
    pub fn new(url: DatabaseUrl, extra_roots: Option<&[u8]>) -> Result<Self, Error> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Verified,
        };
        let manager = match url.0.get_ssl_mode() {
            SslMode::Disable => Manager::from_config(url.0, NoTls, recycling),
            _ => Manager::from_config(url.0, MakeRustlsConnect::new(tls(extra_roots)?), recycling),
        };
        let vector_types = VectorTypes::default();
        let known = vector_types.clone();
        let learn = Hook::async_fn(move |client, _| {
            let known = known.clone();
            Box::pin(async move { known.learn(&**client).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .max_size(1)
            .post_create(learn)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .build();
        let bug = |error| Error::Bug {
            what: "the pool's settings contradict each other",
            source: Some(Box::new(error)),
        };
        Ok(Self {
            pool: pool.map_err(bug)?,
            vector_types,
        })
    }

    /// A connection that answered just now.
    pub async fn connection(&self) -> Result<Object, Error> {
        match tokio::time::timeout(PATIENCE, self.pool.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(
                PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)),
            )) => Err(failed(error)),
            Ok(Err(error)) => Err(Error::transient("Postgres", error)),
            Err(late) => Err(Error::transient("Postgres", late)),
        }
    }

    /// The types of pgvector, as this database numbers them.
    pub(super) fn vector_types(&self) -> &VectorTypes {
        &self.vector_types
    }
}

/// What a failure of Postgres asks of the caller. The server going, full or busy, and a lost connection, pass; a wrong
/// password, a missing database or a missing right do not; and a value that cannot be kept is the sender's.
pub(super) fn failed(error: tokio_postgres::Error) -> Error {
    if passes(&error) {
        return Error::transient("Postgres", error);
    }
    let code = error.code().map_or("", SqlState::code).to_owned();
    if ["22", "23", "54"]
        .iter()
        .any(|class| code.starts_with(class))
    {
        return Error::invalid("", format!("Postgres cannot keep it (SQLSTATE {code})"));
    }
    Error::Misconfigured {
        what: format!("Postgres refuses (SQLSTATE {code})"),
        source: Some(error.into()),
    }
}

/// Whether it may work in a moment. Without a code it is the connection that failed.
pub(super) fn passes(error: &tokio_postgres::Error) -> bool {
    let classes = ["08", "40", "53", "57", "58", "25P03", "55P03"];
    error
        .code()
        .is_none_or(|code| classes.iter().any(|class| code.code().starts_with(class)))
}

fn tls(extra_roots: Option<&[u8]>) -> Result<ClientConfig, Error> {
    let wrong = |what: &str| Error::misconfigured(format!("DATABASE_CA_FILE {what}"));
    let mut roots = RootCertStore::empty();
    for bundle in [Some(RDS_ROOTS), extra_roots].into_iter().flatten() {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(bundle) {
            let certificate = certificate.map_err(|_| wrong("is no PEM file"))?;
            roots
                .add(certificate)
                .map_err(|_| wrong("holds a certificate that is none"))?;
        }
        if roots.len() == before {
            return Err(wrong("holds no certificate"));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let bug = |error| Error::Bug {
        what: "TLS has no usable version",
        source: Some(Box::new(error)),
    };
    Ok(builder
        .map_err(bug)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn the_roots_of_rds_are_all_readable() {
        let config = tls(None).unwrap();
        assert!(format!("{config:?}").len() > 10);
        assert!(CertificateDer::pem_slice_iter(RDS_ROOTS).count() > 90);
        assert!(tls(Some(b"")).is_err() && tls(Some(b"no certificate")).is_err());
        assert!(
            tls(Some(
                b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            ))
            .is_err()
        );
    }

    #[test]
    fn a_secret_of_rds_is_read() {
        let secret = r#"{"host": "db.example", "port": 5433, "username": "u", "password": "p", "dbname": "d", "engine": "postgres"}"#;
        let url = DatabaseUrl::from_secret(&SecretString::from(secret)).unwrap();
        assert_eq!(
            (url.0.get_ports(), url.0.get_dbname()),
            (&[5433][..], Some("d"))
        );
    }
}
