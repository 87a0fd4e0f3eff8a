//! Takes the wanted files out of a package: a wheel or another zip, a tar in gzip, a Debian package.
//!
//! Nothing is written under a name that an archive gives; a package with a path that leaves its folder is refused all the same,
//! because nobody makes such a package by mistake.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read},
    path::{Component, Path},
};

use flate2::read::{DeflateDecoder, GzDecoder};
use zip::CompressionMethod;

use super::{DataError, WantedFile};

/// Memory that one block of an xz stream may ask for, in KiB: three times what `xz -9` needs.
const XZ_MEMORY_KIB: u32 = 200 << 10;

/// What an archive is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Zip,
    TarGz,
    Deb,
}

/// What is done with each wanted file: the file, its content.
pub(super) type Take<'a> = dyn FnMut(&WantedFile, &mut dyn Read) -> Result<(), DataError> + 'a;

/// What the file at `path` is; `None` for something else than a package.
pub(super) fn form(path: &Path) -> Result<Option<Form>, DataError> {
    let unreadable = |error| DataError::file("read", path, error);
    let mut start = Vec::new();
    let mut file = File::open(path).map_err(unreadable)?.take(8);
    file.read_to_end(&mut start).map_err(unreadable)?;
    Ok(match &start[..] {
        [b'P', b'K', 3, 4, ..] => Some(Form::Zip),
        [0x1f, 0x8b, ..] => Some(Form::TarGz),
        b"!<arch>\n" => Some(Form::Deb),
        _ => None,
    })
}

/// Gives each of `wanted` to `take`, in the order of the archive.
///
/// # Errors
/// [`DataError::Lacks`] for the first file that is not there, [`DataError::Damaged`], [`DataError::Escapes`], and those of `take`.
pub(super) fn unpack(
    path: &Path,
    form: Form,
    wanted: &[&WantedFile],
    take: &mut Take<'_>,
) -> Result<(), DataError> {
    let file = File::open(path).map_err(|error| DataError::file("read", path, error))?;
    let file = BufReader::new(file);
    let mut search = Search {
        path,
        missing: wanted.to_vec(),
        take,
    };
    match form {
        Form::Zip => search.zip(file),
        Form::TarGz => search.tar(GzDecoder::new(file)),
        Form::Deb => search.deb(file),
    }?;
    match search.missing.first() {
        None => Ok(()),
        Some(wanted) => Err(DataError::Lacks {
            path: path.to_owned(),
            inside: wanted.inside.clone().unwrap_or_default(),
        }),
    }
}

/// What is still looked for.
struct Search<'a, 'b> {
    path: &'a Path,
    missing: Vec<&'a WantedFile>,
    take: &'a mut Take<'b>,
}

impl Search<'_, '_> {
    fn damaged(&self, source: io::Error) -> DataError {
        DataError::Damaged {
            path: self.path.to_owned(),
            source,
        }
    }

    /// Whether the member `name` is wanted; `./` before it does not matter.
    fn is_wanted(&mut self, name: &str) -> Result<Option<usize>, DataError> {
        let leaves = |part| matches!(part, Component::ParentDir | Component::RootDir);
        if Path::new(name).components().any(leaves) {
            return Err(DataError::Escapes {
                path: self.path.to_owned(),
                inside: name.to_owned(),
            });
        }
        let plain = name.trim_start_matches("./");
        let is_it = |wanted: &&WantedFile| wanted.inside.as_deref() == Some(plain);
        Ok(self.missing.iter().position(is_it))
    }

    fn zip(&mut self, file: BufReader<File>) -> Result<(), DataError> {
        let broken = |error: zip::result::ZipError| io::Error::new(ErrorKind::InvalidData, error);
        let archive = zip::ZipArchive::new(file).map_err(broken);
        let mut archive = archive.map_err(|error| self.damaged(error))?;
        for index in 0..archive.len() {
            let member = archive.by_index_raw(index).map_err(broken);
            let mut member = member.map_err(|error| self.damaged(error))?;
            let name = member.name().map(|name| name.into_owned());
            let name = name.map_err(|error| self.damaged(broken(error)))?;
            let Some(place) = self.is_wanted(&name)? else {
                continue;
            };
            if !member.is_file() || member.encrypted() {
                continue;
            }
            let wanted = self.missing.swap_remove(place);
            // Raw, because the crate is without its decoders here: the workspace's manifest says why.
            match member.compression() {
                CompressionMethod::Stored => (self.take)(wanted, &mut member),
                CompressionMethod::DEFLATE => (self.take)(wanted, &mut DeflateDecoder::new(member)),
                other => {
                    let what = format!("`{name}` is packed by {other}, expected deflate");
                    Err(self.damaged(io::Error::new(ErrorKind::Unsupported, what)))
                }
            }?;
        }
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> Result<(), DataError> {
        let mut archive = tar::Archive::new(reader);
        let members = archive.entries().map_err(|error| self.damaged(error))?;
        for member in members {
            let mut member = member.map_err(|error| self.damaged(error))?;
            let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
            let Some(place) = self.is_wanted(&name)? else {
                continue;
            };
            if member.header().entry_type().is_file() {
                let wanted = self.missing.swap_remove(place);
                (self.take)(wanted, &mut member)?;
            }
        }
        Ok(())
    }

    /// A Debian package is an `ar` of `debian-binary`, `control.tar.*` and `data.tar.*`: deb(5).
    fn deb(&mut self, file: BufReader<File>) -> Result<(), DataError> {
        let mut archive = ar::Archive::new(file);
        while let Some(member) = archive.next_entry() {
            let member = member.map_err(|error| self.damaged(error))?;
            let name = String::from_utf8_lossy(member.header().identifier()).into_owned();
            match name.trim_end_matches('/') {
                "data.tar" => self.tar(member),
                "data.tar.gz" => self.tar(GzDecoder::new(member)),
                "data.tar.xz" => self.tar(lzma_rust2::XzReader::new_mem_limit(
                    member,
                    true,
                    XZ_MEMORY_KIB,
                )),
                "data.tar.zst" => {
                    let reader = zstd::Decoder::new(member);
                    self.tar(reader.map_err(|error| self.damaged(error))?)
                }
                _ => continue,
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
