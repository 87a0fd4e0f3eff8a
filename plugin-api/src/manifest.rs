//! The `.benchhost` section: who a plugin is, readable from the file without loading it.
//!
//! Layout, little-endian: 8 bytes [`MAGIC`] · `u32` size of the whole block · `u32` ABI revision · UTF-8 TOML.
//! The first sixteen bytes never change, so that every future host can say what it is looking at.
//!
//! ```
//! use benchhost_plugin_api::manifest::{decode, encode, size};
//!
//! const PARTS: &[&str] = &["schema = 1\nkind = 'rust'\nname = 'x'\nversion = '1.0.0'\napi = '1.0.0'\n"];
//! const SECTION: [u8; size(PARTS)] = encode(PARTS);
//! assert_eq!(decode(&SECTION)?.name, "x");
//! # Ok::<(), benchhost_plugin_api::manifest::ManifestError>(())
//! ```

use serde::{Deserialize, Serialize};

use crate::{ABI_REVISION, meta::BuildInfo};

/// Name of the section.
pub const SECTION: &str = ".benchhost";

/// First bytes of the section.
pub const MAGIC: [u8; 8] = *b"BNCHHOST";

const HEADER_SIZE: usize = 16;

/// What the section says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the text form.
    pub schema: u32,
    /// By which door the plugin is entered: `rust`.
    pub kind: String,
    /// Name of the plugin.
    pub name: String,
    /// Version of the plugin's crate.
    pub version: String,
    /// Version of `benchhost-plugin-api` it was built against.
    pub api: String,
    /// Names of its workloads.
    #[serde(default)]
    pub workloads: Vec<String>,
    /// How it was built.
    #[serde(default)]
    pub build: BuildInfo,
}

/// Why a section cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestError {
    /// The block is shorter than its header, or than the header says.
    Truncated,
    /// The first bytes are not [`MAGIC`].
    Magic,
    /// The text is not UTF-8 TOML of the expected form.
    Text(String),
}

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => write!(f, "the {SECTION} section is cut off"),
            Self::Magic => write!(f, "the {SECTION} section does not begin with BNCHHOST"),
            Self::Text(reason) => write!(f, "the {SECTION} section cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for ManifestError {}

/// Size in bytes of the block that holds the concatenated `parts`.
#[must_use]
pub const fn size(parts: &[&str]) -> usize {
    let (mut total, mut part) = (HEADER_SIZE, 0);
    while part < parts.len() {
        total += parts[part].len();
        part += 1;
    }
    total
}

/// The block that holds the concatenated `parts`. `N` must be [`size`]`(parts)`.
#[must_use]
pub const fn encode<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut block = [0; N];
    let mut at = copy(&mut block, 0, &MAGIC);
    at = copy(&mut block, at, &(N as u32).to_le_bytes());
    at = copy(&mut block, at, &ABI_REVISION.to_le_bytes());
    let mut part = 0;
    while part < parts.len() {
        at = copy(&mut block, at, parts[part].as_bytes());
        part += 1;
    }
    assert!(at == N, "N must be manifest::size(parts)");
    block
}

const fn copy<const N: usize>(block: &mut [u8; N], start: usize, bytes: &[u8]) -> usize {
    let mut i = 0;
    while i < bytes.len() {
        block[start + i] = bytes[i];
        i += 1;
    }
    start + bytes.len()
}

/// ABI revision of a section, which is readable even when the rest has a form we do not know.
///
/// # Errors
/// [`ManifestError::Truncated`] and [`ManifestError::Magic`].
pub fn abi_revision(section: &[u8]) -> Result<u32, ManifestError> {
    if section.len() < HEADER_SIZE {
        return Err(ManifestError::Truncated);
    }
    if section[..8] != MAGIC {
        return Err(ManifestError::Magic);
    }
    Ok(word(section, 12))
}

/// Reads a section.
///
/// # Errors
/// See [`ManifestError`].
pub fn decode(section: &[u8]) -> Result<Manifest, ManifestError> {
    abi_revision(section)?;
    let size = word(section, 8) as usize;
    let text = section
        .get(HEADER_SIZE..size)
        .ok_or(ManifestError::Truncated)?;
    let text = std::str::from_utf8(text).map_err(|error| ManifestError::Text(error.to_string()))?;
    toml::from_str(text).map_err(|error| ManifestError::Text(error.message().to_owned()))
}

fn word(section: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([
        section[at],
        section[at + 1],
        section[at + 2],
        section[at + 3],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[&str] = &[
        "schema = 1\nkind = 'rust'\nname = '",
        "x",
        "'\nversion = '1.2.3'\napi = '1.0.0'\nunknown = 7\n",
    ];
    const BLOCK: [u8; size(PARTS)] = encode(PARTS);

    #[test]
    fn what_is_encoded_is_decoded_and_unknown_keys_are_ignored() {
        let manifest = decode(&BLOCK).unwrap();

        assert_eq!(
            (manifest.name.as_str(), manifest.version.as_str()),
            ("x", "1.2.3")
        );
        assert_eq!(abi_revision(&BLOCK), Ok(ABI_REVISION));
    }

    #[test]
    fn damaged_blocks_are_refused() {
        let mut other = BLOCK;
        other[0] = b'X';

        assert_eq!(decode(&other), Err(ManifestError::Magic));
        assert_eq!(decode(&BLOCK[..10]), Err(ManifestError::Truncated));
        assert_eq!(
            decode(&BLOCK[..BLOCK.len() - 1]),
            Err(ManifestError::Truncated)
        );
    }
}
