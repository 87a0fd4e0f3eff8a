//! Whether the file at one of its places holds what is pinned: plainly, or packed by gzip where workloads unpack it.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::Checksum;

/// What a place should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content<'a> {
    /// Its length, unpacked.
    pub(super) bytes: u64,
    /// Its checksum, unpacked.
    pub(super) sha256: &'a Checksum,
    /// Whether it lies there packed.
    pub(super) packing: Packing,
}

/// How content lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    Plain,
    /// As gzip, of any level.
    Gzip,
}

/// What is wrong with the file at `path`, by length: quick, also for what is packed.
pub(super) fn fault_of_length(path: &Path, content: Content<'_>) -> Option<String> {
    let expected = content.bytes;
    match content.packing {
        Packing::Plain => match path.metadata() {
            Ok(meta) if meta.len() == expected => None,
            Ok(meta) => Some(format!("it has {} bytes, expected {expected}", meta.len())),
            Err(error) => Some(unreadable(&error)),
        },
        // What the end of a gzip file says of a right one is so; of every other one nothing is known yet.
        Packing::Gzip => match length_at_end(path) {
            Ok(length) if length == expected as u32 => None,
            _ => fault_of_unpacked(path, content),
        },
    }
}

/// What is wrong with the file at `path`, by sha256 and, where it is packed, by length.
pub(super) fn fault_of_checksum(path: &Path, content: Content<'_>) -> Option<String> {
    match content.packing {
        Packing::Gzip => fault_of_unpacked(path, content),
        Packing::Plain => match Checksum::of_file(path) {
            Ok(found) if found == *content.sha256 => None,
            Ok(found) => Some(format!(
                "its sha256 is {found}, expected {}",
                content.sha256
            )),
            Err(error) => Some(unreadable(&error)),
        },
    }
}

fn fault_of_unpacked(path: &Path, content: Content<'_>) -> Option<String> {
    let expected = content.bytes;
    match unpacked(path, expected) {
        Ok((bytes, _)) if bytes > expected => {
            Some(format!("unpacked it has more than {expected} bytes"))
        }
        Ok((bytes, _)) if bytes < expected => Some(format!(
            "unpacked it has {bytes} bytes, expected {expected}"
        )),
        Ok((_, found)) if found != *content.sha256 => Some(format!(
            "unpacked its sha256 is {found}, expected {}",
            content.sha256
        )),
        Ok(_) => None,
        Err(error) => Some(format!("it cannot be unpacked: {error}")),
    }
}

/// Length and checksum of what is packed at `path`, read up to one byte more than `most`.
fn unpacked(path: &Path, most: u64) -> io::Result<(u64, Checksum)> {
    let file = MultiGzDecoder::new(File::open(path)?);
    let mut limited = file.take(most + 1);
    let sum = Checksum::of(&mut limited)?;
    Ok((most + 1 - limited.limit(), sum))
}

/// The unpacked length, modulo 2³², that a gzip file of one member ends with: RFC 1952, 2.3.1.
fn length_at_end(path: &Path) -> io::Result<u32> {
    let mut length = [0; 4];
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut length)?;
    Ok(u32::from_le_bytes(length))
}

fn unreadable(error: &io::Error) -> String {
    format!("it cannot be read: {error}")
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    /// What is wrong with `packed` where `plain` is expected: by length, by checksum.
    fn faults(packed: &[u8], plain: &str) -> [Option<String>; 2] {
        let folder = tempfile::tempdir().unwrap();
        let (path, original) = (folder.path().join("x.gz"), folder.path().join("x"));
        fs::write(&path, packed).unwrap();
        fs::write(&original, plain).unwrap();
        let content = Content {
            bytes: plain.len() as u64,
            sha256: &Checksum::of_file(&original).unwrap(),
            packing: Packing::Gzip,
        };
        [
            fault_of_length(&path, content),
            fault_of_checksum(&path, content),
        ]
    }

    #[test]
    fn packed_content_is_right_in_one_member_or_several() {
        let two = [gzip(b"one "), gzip(b"two")].concat();

        assert_eq!(faults(&gzip(b"one two"), "one two"), [None, None]);
        assert_eq!(faults(&two, "one two"), [None, None]);
    }

    #[test]
    fn packed_content_of_another_length_or_another_sum_or_cut_short_is_wrong() {
        let short = Some("unpacked it has 3 bytes, expected 7".to_owned());
        let long = Some("unpacked it has more than 3 bytes".to_owned());
        assert_eq!(faults(&gzip(b"one"), "one two"), [short.clone(), short]);
        assert_eq!(faults(&gzip(b"one two"), "one"), [long.clone(), long]);
        // The length is right: only the checksum can see it.
        let [by_length, by_sum] = faults(&gzip(b"One two"), "one two");
        assert_eq!(by_length, None);
        assert!(by_sum.unwrap().starts_with("unpacked its sha256 is "));
        for bytes in [&gzip(b"one two")[..12], b"one two", b""] {
            let [by_length, _] = faults(bytes, "one two");
            assert!(by_length.unwrap().starts_with("it cannot be unpacked: "));
        }
    }
}
