//! Brings the files of an entry into the cache, and does nothing for those that are there and right.
//!
//! What is on its way lies in `.fetch/ENTRY` of the cache: a package that a client brought, or the part of a transfer that has come.
//! It stays when a fetch is interrupted, the next one goes on from there; it goes when all files are in place, or
//! when its content is wrong.

mod client;
mod lock;
mod origin;
mod process;
mod url;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use benchhost_record::Bytes;

pub use self::origin::Origin;
use super::{
    Checksum, DataError, Entry, Package, Source, WantedFile,
    install::install,
    look::is_right,
    unpack::{Form, form, unpack},
};

/// Where things are while they are on their way.
const STAGING: &str = ".fetch";

/// Who looks on while something is fetched, and may end it.
pub trait Observer {
    /// A step begins that is about so many bytes.
    fn starts(&mut self, what: &str, bytes: Option<u64>);
    /// So many bytes of the step are done.
    fn at(&mut self, bytes: u64);
    /// Nothing is known but that it goes on.
    fn ticks(&mut self);
    /// Something that people should know.
    fn remark(&mut self, text: &str);
    /// Whether the user wants an end.
    fn is_interrupted(&self) -> bool;
}

/// How a fetch ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Everything was there, and right.
    AlreadyHere,
    /// So many files were put in place.
    Fetched(usize),
}

/// What is to be fetched, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The cache.
    pub cache: &'a Path,
    /// Where from, when that was said.
    pub from: Option<&'a Origin>,
}

/// Carries out `task`.
///
/// # Errors
/// [`DataError`]; then no file has its name that is not the right one.
pub fn fetch(task: Fetch<'_>, observer: &mut dyn Observer) -> Result<Done, DataError> {
    let make = |folder: &Path| {
        fs::create_dir_all(folder)
            .map_err(|error| DataError::file("make the folder", folder, error))
    };
    // Before anything is written: a cache that has it all may be one that nobody can write to.
    if task.missing()?.is_empty() {
        return Ok(Done::AlreadyHere);
    }
    make(task.cache)?;
    let _lock = lock::take(task.cache, observer)?;
    // Again, because somebody else may have fetched it meanwhile.
    let missing = task.missing()?;
    if missing.is_empty() {
        return Ok(Done::AlreadyHere);
    }
    let staging = task.cache.join(STAGING).join(&task.entry.name);
    make(&staging)?;
    let done = match (task.from, &task.entry.source) {
        (Some(Origin::Path(path)), _) => task.by_path(path, &missing, observer),
        (Some(Origin::Url(url)), _) => task.by_url(url, &staging, &missing, observer),
        (None, Source::Package(package)) => task.by_client(package, &staging, &missing, observer),
        (None, Source::Elsewhere(from)) => Err(DataError::NoPackage(format!(
            "no client brings it ({from})"
        ))),
    };
    // Best effort: what is left over is in nobody's way.
    let _ = match done {
        Ok(()) => fs::remove_dir_all(&staging),
        // Not what is in it: the next fetch goes on from there.
        Err(_) => fs::remove_dir(&staging),
    };
    let _ = fs::remove_dir(task.cache.join(STAGING));
    done.map(|()| Done::Fetched(missing.len()))
}

impl<'a> Fetch<'a> {
    fn missing(&self) -> Result<Vec<&'a WantedFile>, DataError> {
        let folder = self.folder();
        let mut missing = Vec::new();
        for wanted in &self.entry.files {
            if !is_right(&folder.join(&wanted.file), wanted)? {
                missing.push(wanted);
            }
        }
        Ok(missing)
    }

    fn folder(&self) -> PathBuf {
        self.cache.join(&self.entry.name)
    }

    /// By the user's own client. A package that an earlier fetch brought is used.
    fn by_client(
        &self,
        package: &Package,
        staging: &Path,
        missing: &[&WantedFile],
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        let archive = match client::brought(package, staging)? {
            Some(archive) => archive,
            None => {
                let size = package.archive.bytes.map(Bytes);
                let size = size.map_or_else(String::new, |size| format!(" ({size})"));
                let what = format!("{}: {}{size}", self.entry.name, self.entry.origin());
                observer.starts(&what, None);
                client::download(package, staging, observer)?
            }
        };
        let found = client::is_the_one(package, &archive)
            .and_then(|()| self.by_package(&archive, missing, observer));
        if found.as_ref().is_err_and(DataError::is_wrong_content) {
            // Another try should not begin with it.
            let _ = fs::remove_file(&archive);
        }
        found
    }

    fn by_url(
        &self,
        url: &str,
        staging: &Path,
        missing: &[&WantedFile],
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        let part = url::part_in(staging, url);
        let size = origin::expected_bytes(self.entry, url);
        loop {
            observer.starts(&format!("{}: {url}", self.entry.name), size);
            let transfer = url::download(url, &part, observer)?;
            let found = self.by_file(&part, missing, observer);
            let Err(error) = found else { return Ok(()) };
            if !error.is_wrong_content() {
                return Err(error);
            }
            // Best effort; what is there will be refused again.
            let _ = fs::remove_file(&part);
            if transfer == url::Transfer::Whole {
                return Err(error.of_address(url));
            }
            observer.remark(&format!(
                "{}: what was kept of an earlier transfer does not fit; from the beginning",
                self.entry.name
            ));
        }
    }

    /// From a folder that has the files, or the package; from the package; from the file itself.
    fn by_path(
        &self,
        path: &Path,
        missing: &[&WantedFile],
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        if !path.is_dir() {
            return self.by_file(path, missing, observer);
        }
        if let Some(found) = origin::files_in(path, self.entry, missing) {
            for (wanted, path) in missing.iter().zip(found) {
                self.take_file(&path, wanted, observer)?;
            }
            return Ok(());
        }
        match origin::archive_in(path, self.entry) {
            Some(archive) => self.by_package(&archive, missing, observer),
            None => Err(origin::nothing_in(path, self.entry)),
        }
    }

    fn by_file(
        &self,
        path: &Path,
        missing: &[&WantedFile],
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        if let [wanted] = &self.entry.files[..] {
            let is_packed = wanted.inside.is_some() && form(path)?.is_some();
            if !is_packed || is_right(path, wanted)? {
                return self.take_file(path, wanted, observer);
            }
        }
        self.by_package(path, missing, observer)
    }

    fn by_package(
        &self,
        path: &Path,
        missing: &[&WantedFile],
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        let form: Form = form(path)?.ok_or_else(|| origin::no_archive(path, self.entry))?;
        let folder = self.folder();
        let damaged = |source| DataError::Damaged {
            path: path.to_owned(),
            source,
        };
        unpack(path, form, missing, &mut |wanted, from| {
            let what = format!("{}: {}", self.entry.name, wanted.file);
            observer.starts(&what, Some(wanted.bytes));
            install(from, &folder, wanted, &damaged, observer)
        })
    }

    fn take_file(
        &self,
        path: &Path,
        wanted: &WantedFile,
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        let unreadable = |error: io::Error| DataError::file("read", path, error);
        let mut file = fs::File::open(path).map_err(unreadable)?;
        let what = format!("{}: {}", self.entry.name, wanted.file);
        observer.starts(&what, Some(wanted.bytes));
        install(&mut file, &self.folder(), wanted, &unreadable, observer)
    }
}

/// Whether the file at `path` has the checksum `expected`.
fn checked(path: &Path, what: &str, expected: &Checksum) -> Result<(), DataError> {
    let found = Checksum::of_file(path).map_err(|error| DataError::file("read", path, error))?;
    if found == *expected {
        return Ok(());
    }
    Err(DataError::checksum(what, expected, &found))
}
