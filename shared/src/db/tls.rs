//! Whom we believe that they are the database.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::error::Error;

/// The authorities that sign the certificates of RDS, Aurora and RDS Proxy. They stand in no system's trust store.
const RDS_ROOTS: &[u8] = include_bytes!("rds-roots.pem");

/// Trusts those authorities and these.
pub(super) fn tls(extra_roots: Option<&[u8]>) -> Result<ClientConfig, Error> {
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
}
