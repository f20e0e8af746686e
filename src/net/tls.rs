//! TLS: one configuration for all that leaves, and what wraps a bare connection into it.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// TLS 1.2 and 1.3, roots baked in and the user's own; no key log.
pub(super) fn config(authorities: &[u8]) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let certificate =
            certificate.map_err(|_| "the file of authorities is no PEM".to_owned())?;
        roots.add(certificate).map_err(|_| "an authority cannot be used".to_owned())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| "TLS cannot be set up".to_owned())?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(feature = "logins")]
pub use wrapping::Tls;

#[cfg(feature = "logins")]
mod wrapping {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::pki_types::ServerName;
    use tokio::io::{AsyncRead, AsyncWrite};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;

    use crate::net::failure::Failure;

    /// What wraps bare connections. Cheap to share.
    #[derive(Clone)]
    pub struct Tls(TlsConnector);

    impl Tls {
        pub(in crate::net) fn new(config: ClientConfig) -> Self {
            Self(TlsConnector::from(Arc::new(config)))
        }

        /// Wraps a connection. The other side must be this host; there is no way around that.
        ///
        /// # Errors
        /// Another side, no TLS there, a connection that broke.
        pub async fn wrap<S: AsyncRead + AsyncWrite + Unpin>(
            &self,
            stream: S,
            host: &str,
        ) -> Result<TlsStream<S>, Failure> {
            let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
            let name = name.map_err(|_| Failure::Certificate)?;
            self.0.connect(name, stream).await.map_err(|error| failure(&error))
        }
    }

    fn failure(error: &std::io::Error) -> Failure {
        use rustls::Error::{AlertReceived, InvalidCertificate, NoCertificatesPresented};
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(InvalidCertificate(_) | NoCertificatesPresented | AlertReceived(_)) => {
                Failure::Certificate
            }
            Some(_) => Failure::Garbled,
            None => Failure::Connection,
        }
    }
}
