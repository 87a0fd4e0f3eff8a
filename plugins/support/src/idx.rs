//! IDX files, the format of MNIST: plain, or packed by gzip.
//!
//! Only unsigned bytes, because nothing else is published in this format any more.
//!
//! Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", section on file formats.

use std::{fs, io::Read, path::Path};

use benchhost_plugin_api::Error;
use flate2::read::MultiGzDecoder;

/// Largest file, unpacked: twenty times that of MNIST.
const LARGEST_BYTES: u64 = 1 << 30;

/// First bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Type code of unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

/// What an IDX file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// Sizes, the slowest first: `[60000, 28, 28]`.
    pub shape: Vec<usize>,
    /// As many as the product of `shape`.
    pub values: Vec<u8>,
}

/// Reads the file at `path`; whether it is packed is seen from its first bytes, not from its name.
///
/// # Errors
/// [`Error::config`] with the path and what was found.
pub fn read(path: &Path) -> Result<Idx, Error> {
    let name = path.display().to_string();
    let bytes = fs::read(path)
        .map_err(|error| Error::config(format!("cannot read IDX file {name}: {error}")))?;
    parse(&bytes, &name)
}

/// Reads a file that is already in memory; `name` stands for the path in messages.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], name: &str) -> Result<Idx, Error> {
    let refuse = |found: String| Error::config(format!("IDX file {name} {found}"));
    if !bytes.starts_with(&GZIP) {
        return unpacked(bytes).map_err(refuse);
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LARGEST_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|error| refuse(format!("is damaged gzip: {error}")))?;
    if plain.len() as u64 > LARGEST_BYTES {
        return Err(refuse(format!(
            "is larger than {LARGEST_BYTES} bytes when unpacked"
        )));
    }
    unpacked(&plain).map_err(refuse)
}

fn unpacked(bytes: &[u8]) -> Result<Idx, String> {
    let length = bytes.len();
    let Some(([zero, other, kind, dimensions], rest)) = bytes.split_first_chunk() else {
        return Err(format!("has {length} bytes, its header alone takes 4"));
    };
    if (*zero, *other) != (0, 0) {
        return Err(format!(
            "begins with the bytes {zero:02x} {other:02x}, expected 00 00"
        ));
    }
    if *kind != UNSIGNED_BYTE {
        return Err(format!(
            "has elements of type 0x{kind:02x}, expected 0x08 (unsigned bytes)"
        ));
    }
    let dimensions = usize::from(*dimensions);
    if dimensions == 0 {
        return Err("has no dimensions".to_owned());
    }
    let Some((sizes, values)) = rest.split_at_checked(4 * dimensions) else {
        return Err(format!(
            "has {length} bytes, its header with {dimensions} dimensions takes {}",
            4 + 4 * dimensions
        ));
    };
    let shape: Vec<usize> = sizes
        .as_chunks()
        .0
        .iter()
        .map(|size| u32::from_be_bytes(*size) as usize)
        .collect();
    let promised = shape
        .iter()
        .try_fold(1usize, |product, size| product.checked_mul(*size));
    if promised != Some(values.len()) {
        let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
        return Err(format!(
            "has {} values, its header promises {}",
            values.len(),
            shape.join(" × ")
        ));
    }
    Ok(Idx {
        shape,
        values: values.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    /// 2 × 3 values 0..6.
    fn small() -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend(0..6);
        bytes
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_packed_files_hold_the_same() {
        let idx = parse(&small(), "x").unwrap();

        assert_eq!(idx.shape, [2, 3]);
        assert_eq!(idx.values, [0, 1, 2, 3, 4, 5]);
        assert_eq!(parse(&packed(&small()), "x").unwrap(), idx);
    }

    #[test]
    fn each_malformed_file_has_its_sentence() {
        let changed = |at: usize, value: u8| {
            let mut bytes = small();
            bytes[at] = value;
            bytes
        };
        for (bytes, sentence) in [
            (vec![0, 0, 8], "has 3 bytes, its header alone takes 4"),
            (vec![], "has 0 bytes, its header alone takes 4"),
            (
                changed(0, 0x50),
                "begins with the bytes 50 00, expected 00 00",
            ),
            (
                changed(2, 0x0d),
                "has elements of type 0x0d, expected 0x08 (unsigned bytes)",
            ),
            (changed(3, 0), "has no dimensions"),
            (
                changed(3, 9),
                "has 18 bytes, its header with 9 dimensions takes 40",
            ),
            (changed(7, 3), "has 6 values, its header promises 3 × 3"),
            (
                small()[..17].to_vec(),
                "has 5 values, its header promises 2 × 3",
            ),
            (
                [0, 0, 8, 3].into_iter().chain([0xff; 12]).collect(),
                "has 0 values, its header promises 4294967295 × 4294967295 × 4294967295",
            ),
        ] {
            let error = parse(&bytes, "x.idx").unwrap_err();

            assert_eq!(error.to_string(), format!("IDX file x.idx {sentence}"));
            let error = parse(&packed(&bytes), "x.idx").unwrap_err();
            assert_eq!(error.to_string(), format!("IDX file x.idx {sentence}"));
        }
    }

    #[test]
    fn a_packed_file_that_was_cut_is_damaged() {
        let whole = packed(&small());

        let error = parse(&whole[..whole.len() - 5], "x.gz").unwrap_err();

        let sentence = error.to_string();
        assert!(
            sentence.starts_with("IDX file x.gz is damaged gzip: "),
            "{sentence}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("/nowhere/x.idx")).unwrap_err().to_string();

        assert!(
            error.starts_with("cannot read IDX file /nowhere/x.idx: "),
            "{error}"
        );
    }
}
