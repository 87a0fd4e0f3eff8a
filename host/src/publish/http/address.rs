//! Addresses: which are accepted, and what of them is shown.

use std::{fmt, net::IpAddr};

use ureq::http::Uri;

/// An absolute address of http or https, without a password in it.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct Address {
    text: String,
    origin: String,
    host: String,
    is_encrypted: bool,
    is_secret: bool,
}

impl Address {
    /// The address in `text`. `is_secret`: whoever has it may post there, so that only its host is ever shown.
    ///
    /// # Errors
    /// What is wrong with it, without the address itself.
    pub(in super::super) fn parse(text: &str, is_secret: bool) -> Result<Self, String> {
        const EXPECTED: &str = "expected an address that begins with http:// or https://";
        let uri: Uri = text
            .parse()
            .map_err(|_| format!("it is no address; {EXPECTED}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(EXPECTED.to_owned());
        };
        if authority.as_str().contains('@') {
            return Err(
                "it holds a user or password; let a header come from the environment instead"
                    .to_owned(),
            );
        }
        let is_encrypted = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(EXPECTED.to_owned()),
        };
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            origin: format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()),
            host: authority.host().to_ascii_lowercase(),
            is_encrypted,
            is_secret,
        })
    }

    /// The whole address, for the wire.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What of it is secret: the whole, and its path, when it is long enough to be one.
    pub(super) fn secrets(&self) -> Vec<String> {
        if !self.is_secret {
            return Vec::new();
        }
        let path = self.text.get(self.origin.len()..).unwrap_or_default();
        let parts = [self.text.as_str(), path];
        let long = parts.iter().filter(|part| part.len() >= 4);
        long.map(|part| (*part).to_owned()).collect()
    }

    /// The address of something below this one. `path`: encoded already, without a slash at its beginning.
    pub(in super::super) fn below(&self, path: &str) -> Self {
        Self {
            text: format!("{}/{path}", self.text),
            ..self.clone()
        }
    }

    /// Whether the two lead to the same server: what may be told to one may be told to the other.
    pub(in super::super) fn is_beside(&self, other: &Self) -> bool {
        self.origin == other.origin
    }

    /// Whether a secret may go there: it is encrypted on its way, or it stays on this machine.
    pub(super) fn keeps_secrets(&self) -> bool {
        self.is_encrypted || self.is_loopback()
    }

    /// Whether it is this machine.
    pub(in super::super) fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_secret {
            write!(f, "{}/…", self.origin)
        } else {
            // What follows may name a key.
            f.write_str(self.text.split('?').next().unwrap_or_default())
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text, false).unwrap()
    }

    #[test]
    fn secrets_go_over_https_or_stay_on_this_machine() {
        for text in [
            "https://example.org",
            "http://localhost:9091",
            "http://127.0.0.1:1/x",
            "http://[::1]:4318",
        ] {
            assert!(address(text).keeps_secrets(), "{text}");
        }
        for text in [
            "http://example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://127.0.0.1.example.org",
        ] {
            assert!(!address(text).keeps_secrets(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_or_holds_a_password_is_refused_without_being_repeated() {
        for text in [
            "ftp://u:hunter2@example.org",
            "hunter2",
            "https://u:hunter2@example.org/",
            "",
            "http:///x",
            "https://a b",
        ] {
            let why = Address::parse(text, false).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn of_a_secret_address_only_the_server_is_shown() {
        let secret = Address::parse("https://hooks.example.org/T0/hunter2", true).unwrap();

        assert_eq!(secret.to_string(), "https://hooks.example.org/…");
        assert_eq!(
            format!("{secret:?}"),
            "Address(https://hooks.example.org/…)"
        );
        assert_eq!(
            address("https://x.org/a?key=hunter2").to_string(),
            "https://x.org/a"
        );
        assert!(address("https://X.org/a").is_beside(&address("https://x.org/b")));
        assert!(!address("http://x.org/a").is_beside(&address("https://x.org/a")));
    }
}
