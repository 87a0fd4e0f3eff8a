//! Where to listen, and whether that is wise.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Why nothing can be served there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address.
    #[error(
        "`--listen {typed}` is no address to listen at, expected IP:PORT, like 127.0.0.1:8417 or [::1]:0"
    )]
    NoAddress {
        /// As it was typed.
        typed: String,
    },
    /// Others could come in.
    #[error(
        "refusing to listen at {address} without a token: everyone who reaches that address could read the history"
    )]
    Open {
        /// The address.
        address: SocketAddr,
    },
}

impl AddressError {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoAddress { .. } => "names are not looked up, except `localhost`",
            Self::Open { .. } => {
                "--token-file FILE or BENCHHOST_TOKEN sets a token (`openssl rand -hex 24` makes one); 127.0.0.1 needs none"
            }
        }
    }
}

/// The address that was typed, when it may be listened at.
///
/// # Errors
/// [`AddressError`] when it is none, or when it is open to others and nothing keeps them out.
pub fn address(typed: &str, has_token: bool) -> Result<SocketAddr, AddressError> {
    let of_name = || {
        let port = typed.strip_prefix("localhost:")?.parse().ok()?;
        Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    };
    let address = typed.parse().ok().or_else(of_name);
    let address = address.ok_or_else(|| AddressError::NoAddress {
        typed: typed.to_owned(),
    })?;
    if !has_token && !is_loopback(address.ip()) {
        return Err(AddressError::Open { address });
    }
    Ok(address)
}

/// Whether only programs of this machine reach the address.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_need_no_token() {
        for typed in [
            "127.0.0.1:0",
            "[::1]:8417",
            "localhost:80",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(address(typed, false).is_ok(), "{typed}");
        }
        for typed in [
            "0.0.0.0:8417",
            "[::]:0",
            "192.168.1.2:80",
            "[::ffff:10.0.0.1]:1",
        ] {
            let refused = address(typed, false);
            assert!(matches!(refused, Err(AddressError::Open { .. })), "{typed}");
            assert!(address(typed, true).is_ok(), "{typed}");
        }
        for typed in ["", "8417", "127.0.0.1", "example.org:80", "localhost:http"] {
            let refused = address(typed, true);
            assert!(
                matches!(refused, Err(AddressError::NoAddress { .. })),
                "{typed}"
            );
        }
    }
}
