//! The certificates of a served cluster: an authority of its own, one for the server, one for the administrator.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};

/// Names under which the API server is known, beside its addresses.
const NAMES: &[&str] = &[
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];
/// The cluster IP of the Service `kubernetes`.
const CLUSTER_IP: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 96, 0, 1));

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A key or a certificate could not be made.
    #[error("cannot make certificates: {0}")]
    Make(#[from] rcgen::Error),
    /// The TLS library does not take them.
    #[error("cannot use certificates: {0}")]
    Use(String),
}

/// An authority, and what it certified.
pub struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    server: (CertificateDer<'static>, Vec<u8>),
    /// Certificate and key of the administrator, PEM.
    admin: (String, String),
}

impl Certificates {
    /// Makes an authority, a certificate for a server that listens on `address`, and one for its administrator.
    pub fn new(address: IpAddr) -> Result<Self, CertificateError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name("kubernetes", None);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(NAMES.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        params.distinguished_name = name("kube-apiserver", None);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for address in [address, IpAddr::V4(Ipv4Addr::LOCALHOST), CLUSTER_IP] {
            params.subject_alt_names.push(SanType::IpAddress(address));
        }
        let certificate = params.signed_by(&key, &authority)?;
        let server = (certificate.der().clone(), key.serialize_der());

        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name("kubernetes-admin", Some("system:masters"));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let admin = (params.signed_by(&key, &authority)?.pem(), key.serialize_pem());
        Ok(Self { authority, server, admin })
    }

    /// The authority's certificate, PEM.
    pub fn authority_pem(&self) -> String {
        self.authority.as_ref().pem()
    }

    /// The administrator's certificate and key, PEM.
    pub fn admin_pem(&self) -> (&str, &str) {
        (&self.admin.0, &self.admin.1)
    }

    /// How the server speaks TLS: clients may come without a certificate, and are nobody then.
    pub(super) fn server_config(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        let wrong = |error: &dyn std::fmt::Display| CertificateError::Use(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.as_ref().der().clone()).map_err(|error| wrong(&error))?;
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
            .allow_unauthenticated()
            .build()
            .map_err(|error| wrong(&error))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.server.1.clone()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![self.server.0.clone()], key)
            .map_err(|error| wrong(&error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn name(common: &str, organization: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, organization);
    }
    name
}
