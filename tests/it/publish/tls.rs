//! Authorities, certificates and the server's side of TLS.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// An authority, and a host of a certificate from it.
pub(super) struct Authority {
    /// Its certificate, as text.
    pub(super) pem: String,
    /// What the host needs.
    pub(super) host: Arc<ServerConfig>,
    /// The key of the host, as text.
    pub(super) key: String,
}

impl Authority {
    /// One whose host is called `name`.
    pub(super) fn of(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, format!("authority of {name}"));
        let authority = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let host_key = KeyPair::generate().unwrap();
        let host = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let host = host.signed_by(&host_key, &issuer).unwrap();
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(host_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![host.der().clone()], secret)
            .unwrap();
        Self {
            pem: authority.pem(),
            host: Arc::new(config),
            key: host_key.serialize_pem(),
        }
    }

    /// One whose host is the loopback device.
    pub(super) fn here() -> Self {
        Self::of("127.0.0.1")
    }
}
