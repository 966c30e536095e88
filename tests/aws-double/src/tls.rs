//! The certificate of a double that speaks TLS.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A certificate for this machine, and what is needed to serve it.
pub(crate) struct Identity {
    pem: String,
    acceptor: TlsAcceptor,
}

impl Identity {
    /// Makes a self-signed certificate for `localhost` and 127.0.0.1.
    pub(crate) fn generate() -> io::Result<Self> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                let chain = vec![certified.cert.der().clone()];
                builder
                    .with_no_client_auth()
                    .with_single_cert(chain, key.into())
            })
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            pem: certified.cert.pem(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    pub(crate) fn into_parts(self) -> (String, TlsAcceptor) {
        (self.pem, self.acceptor)
    }
}
