//! Whom to trust: the certificates in a file, instead of those of Mozilla that come with the program.
//!
//! A section names the file (`ca-file`), or the environment does. Nobody can be trusted without a certificate.

use std::{env, fmt, path::Path, sync::Arc};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Variable that names a file of certificates, for all sections that name none.
const VARIABLE: &str = "SSL_CERT_FILE";

/// Bytes of a file of certificates, at most.
const LONGEST: u64 = 64 << 20;

/// Certificates to trust.
pub(super) type Roots = Arc<Vec<CertificateDer<'static>>>;

/// Where the certificates to trust come from; by default the environment says.
#[derive(Clone, Default)]
pub(super) struct Trust(Option<Roots>);

impl Trust {
    /// Those in the file at `path`.
    ///
    /// # Errors
    /// The file and what is wrong with it.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let read = crate::written::read_bytes(path, LONGEST);
        // Notes between the certificates of a system's list are in any encoding.
        let text =
            read.map_err(|error| format!("cannot read the certificates in `{name}`: {error}"))?;
        let mut roots = Vec::new();
        let mut unusable = None;
        for (index, found) in CertificateDer::pem_slice_iter(&text).enumerate() {
            let nth = index + 1;
            let wrong = |why: &dyn fmt::Display| {
                let why = benchhost_report::harmless(&why.to_string());
                format!("certificate {nth} in `{name}` cannot be used: {why}")
            };
            let added = found.map_err(|error| wrong(&error)).and_then(|one| {
                let added = RootCertStore::empty().add(one.clone());
                added.map(|()| one).map_err(|error| wrong(&error))
            });
            match added {
                Ok(one) => roots.push(one),
                // A system's own list may hold one that is too old, or a file one that is not whole.
                Err(why) => unusable = unusable.or(Some(why)),
            }
        }
        if let (Some(why), true) = (unusable, roots.is_empty()) {
            return Err(why);
        }
        if roots.is_empty() {
            let other = if String::from_utf8_lossy(&text).contains("PRIVATE KEY") {
                ", but a private key"
            } else {
                ""
            };
            return Err(format!("`{name}` holds no certificate{other}"));
        }
        Ok(Self(Some(Arc::new(roots))))
    }

    /// The certificates; `None` for those that come with the program.
    ///
    /// # Errors
    /// What is wrong with the file that the environment names.
    pub(super) fn roots(&self) -> Result<Option<Roots>, String> {
        if let Some(roots) = &self.0 {
            return Ok(Some(Arc::clone(roots)));
        }
        let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let read = Self::read(Path::new(&path)).map_err(|why| format!("{VARIABLE}: {why}"))?;
        Ok(read.0)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(roots) => write!(f, "Trust({} certificates)", roots.len()),
            None => f.write_str("Trust(usual)"),
        }
    }
}

/// What a file of certificates looks like.
pub(super) const FORM: &str =
    "certificates are text there (PEM), each between BEGIN CERTIFICATE and END CERTIFICATE";

/// Whether `why` says that a receiver is not who it should be: another try would end in the same way.
pub(super) fn is_distrust(why: &str) -> bool {
    why.contains("certificate")
}

/// The way out, for a receiver that is not trusted because of `why`.
pub(super) fn way_out(why: &str) -> Option<String> {
    if !is_distrust(why) {
        return None;
    }
    let way = if why.contains("not valid for") {
        "the address must name the host as its certificate does"
    } else if why.contains("expired") || why.contains("not valid yet") {
        "the receiver needs a new certificate, or this machine's clock is wrong"
    } else if why.contains("CaUsedAsEndEntity") {
        "its certificate is one of an authority, which may not speak for a host: `openssl req -x509` makes one that may with \
         `-addext basicConstraints=critical,CA:FALSE`"
    } else {
        "`ca-file` in its section, or SSL_CERT_FILE, names a file with the certificates of its own authority"
    };
    Some(way.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_ones_of_a_list_count_whatever_stands_between_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.pem");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
        let list = |good: &str| [b"Autorit\xe9\n", broken.as_bytes(), good.as_bytes()].concat();

        std::fs::write(&file, list(&made.cert.pem())).unwrap();
        let trust = Trust::read(&file).unwrap();
        assert_eq!(trust.roots().unwrap().unwrap().len(), 1);

        std::fs::write(&file, list("")).unwrap();
        let why = Trust::read(&file).unwrap_err();
        assert!(why.contains("certificate 1 in"), "{why}");
    }

    #[test]
    fn each_reason_for_distrust_has_its_own_way_out() {
        let way = |why: &str| way_out(&format!("invalid peer certificate: {why}"));

        assert!(way("UnknownIssuer").unwrap().contains("`ca-file`"));
        assert!(
            way("certificate not valid for name \"a\"; certificate is only valid for b")
                .unwrap()
                .contains("name the host")
        );
        assert!(way("certificate expired: …").unwrap().contains("clock"));
        assert!(
            way("Other(OtherError(CaUsedAsEndEntity))")
                .unwrap()
                .contains("CA:FALSE")
        );
        assert_eq!(way_out("connection refused"), None);
    }
}
