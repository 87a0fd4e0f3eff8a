//! What there is to fetch: entries, their files, and where these come from. Data only; `read` makes it from text.

use std::path::Path;

use super::{
    Checksum, DataError,
    content::{Content, Packing},
    read,
};

/// The catalogue of this program.
const BUILT_IN: &str = include_str!("../../data.toml");

/// Entries, each with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// In the order they were written.
    pub entries: Vec<Entry>,
}

/// Something that can be fetched: a model, a set of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, and that of its folder.
    pub name: String,
    /// What it is.
    pub what: String,
    /// Under which licence.
    pub licence: String,
    /// Where it comes from.
    pub source: Source,
    /// What is wanted of it.
    pub files: Vec<WantedFile>,
}

/// Where an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A package.
    Package(Package),
    /// No package is known; a sentence that says where else.
    Elsewhere(String),
}

/// A package of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Who fetches it.
    pub client: Client,
    /// Its name there.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// The file that the client brings.
    pub archive: Archive,
}

/// What is known of a package's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    /// Its length.
    pub bytes: Option<u64>,
    /// Its checksum.
    pub sha256: Option<Checksum>,
}

/// The program that fetches packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Python packages.
    Pip,
    /// JavaScript packages.
    Npm,
    /// Packages of Debian and its relatives.
    Apt,
}

/// A file of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedFile {
    /// Its path inside the package; `None` where there is none.
    pub inside: Option<String>,
    /// Its path below the entry's folder.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its checksum.
    pub sha256: Checksum,
    /// Where else workloads look for it.
    pub also: Vec<Place>,
}

/// Another place of a file, which the user may have filled; `fetch` does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path below a folder of data.
    pub path: String,
    /// Length of what it holds, unpacked.
    pub bytes: u64,
    /// Checksum of what it holds, unpacked.
    pub sha256: Checksum,
    /// How it holds that.
    pub packing: Packing,
}

impl WantedFile {
    /// Its places below a folder of data, and what each should hold; that of `fetch` comes first.
    pub(super) fn places(&self, entry: &Entry) -> Vec<(String, Content<'_>)> {
        let fetched = Content {
            bytes: self.bytes,
            sha256: &self.sha256,
            packing: Packing::Plain,
        };
        let also = self.also.iter().map(|place| {
            let content = Content {
                bytes: place.bytes,
                sha256: &place.sha256,
                packing: place.packing,
            };
            (place.path.clone(), content)
        });
        let mut places = vec![(entry.path_of(self), fetched)];
        places.extend(also);
        places
    }
}

impl Client {
    /// All of them, by the name in catalogues.
    pub const ALL: [(&'static str, Self); 3] =
        [("pip", Self::Pip), ("npm", Self::Npm), ("apt", Self::Apt)];

    /// Its name in catalogues.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
            Self::Apt => "apt",
        }
    }
}

impl Entry {
    /// Length of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Where `fetch` puts the file `wanted`, below the cache: `ENTRY/FILE`.
    #[must_use]
    pub fn path_of(&self, wanted: &WantedFile) -> String {
        format!("{}/{}", self.name, wanted.file)
    }

    /// Its package, if it has one.
    #[must_use]
    pub fn package(&self) -> Option<&Package> {
        match &self.source {
            Source::Package(package) => Some(package),
            Source::Elsewhere(_) => None,
        }
    }

    /// Where it comes from, in a few words.
    #[must_use]
    pub fn origin(&self) -> String {
        match &self.source {
            Source::Package(package) => format!(
                "{} {} {}",
                package.client.name(),
                package.package,
                package.version
            ),
            Source::Elsewhere(from) => from.clone(),
        }
    }
}

impl Catalogue {
    /// The catalogue of this program, and that of the file `own` after it.
    ///
    /// # Errors
    /// What is wrong with the user's file, with its line.
    pub fn load(own: Option<&Path>) -> Result<Self, DataError> {
        let mut catalogue =
            read("host/data.toml", BUILT_IN, &[]).expect("a test reads the built-in catalogue");
        if let Some(path) = own {
            let name = path.display().to_string();
            let text =
                std::fs::read_to_string(path).map_err(|source| DataError::CatalogueFile {
                    path: path.to_owned(),
                    source,
                })?;
            let more = read(&name, &text, &catalogue.entries)?;
            catalogue.entries.extend(more.entries);
        }
        Ok(catalogue)
    }

    /// The entries called `names`, each once, in that order; `all` stands for every entry.
    ///
    /// # Errors
    /// [`DataError::Unknown`] with the name that was probably meant.
    pub fn named(&self, names: &[String]) -> Result<Vec<&Entry>, DataError> {
        let mut found: Vec<&Entry> = Vec::new();
        for name in names {
            if name == "all" {
                found.extend(&self.entries);
                continue;
            }
            let entry = self.entries.iter().find(|entry| entry.name == *name);
            found.push(entry.ok_or_else(|| self.unknown(name))?);
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|entry| seen.insert(entry.name.clone()));
        Ok(found)
    }

    fn unknown(&self, name: &str) -> DataError {
        let known: Vec<String> = self.entries.iter().map(|e| e.name.clone()).collect();
        DataError::Unknown {
            name: name.to_owned(),
            near: benchhost_plan::closest(name, &known),
            known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entries: &[&Entry]) -> Vec<String> {
        entries.iter().map(|entry| entry.name.clone()).collect()
    }

    #[test]
    fn every_entry_of_the_built_in_catalogue_can_be_fetched() {
        let catalogue = Catalogue::load(None).unwrap();

        assert!(catalogue.entries.len() >= 6);
        for entry in &catalogue.entries {
            assert!(!entry.what.is_empty() && !entry.licence.is_empty());
            let Some(package) = entry.package() else {
                continue;
            };
            assert!(package.archive.sha256.is_some(), "{}", entry.name);
            assert!(package.archive.bytes.is_some(), "{}", entry.name);
        }
    }

    #[test]
    fn names_are_found_once_and_all_means_all() {
        let catalogue = Catalogue::load(None).unwrap();
        let asked = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            catalogue.named(&names)
        };

        assert_eq!(
            names(&asked(&["mnist", "silero-vad", "mnist"]).unwrap()),
            ["mnist", "silero-vad"]
        );
        assert_eq!(
            asked(&["all", "mnist"]).unwrap().len(),
            catalogue.entries.len()
        );
        let error = asked(&["mnits"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the catalogue has no `mnits` (did you mean `mnist`?)"
        );
        let error = asked(&["zebra"]).unwrap_err().to_string();
        assert!(
            error.starts_with("the catalogue has no `zebra` (there are: `smollm2-135m`, `minilm")
        );
    }
}
