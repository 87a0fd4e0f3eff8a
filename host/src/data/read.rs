//! Makes a catalogue from TOML; every mistake gets a sentence with file and line.

use std::{collections::BTreeSet, ops::Range, path::Path};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Archive, Catalogue, Checksum, Client, DataError, Entry, Package, Packing, Place, Source,
    WantedFile,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCatalogue {
    entry: Vec<WireEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WireEntry {
    name: Spanned<String>,
    what: Spanned<String>,
    licence: Spanned<String>,
    client: Option<Spanned<String>>,
    package: Option<Spanned<String>>,
    version: Option<Spanned<String>>,
    archive_bytes: Option<Spanned<u64>>,
    archive_sha256: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    files: Spanned<Vec<Spanned<WireFile>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFile {
    inside: Option<Spanned<String>>,
    file: Spanned<String>,
    bytes: u64,
    sha256: Spanned<String>,
    #[serde(default)]
    also: Vec<Spanned<WirePlace>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table like { path = \"models/x\" }"
)]
struct WirePlace {
    path: Spanned<String>,
    bytes: Option<u64>,
    sha256: Option<Spanned<String>>,
}

/// The catalogue that `text` of the file called `name` holds; names of `known` are taken.
///
/// # Errors
/// [`DataError::Catalogue`] with the line.
pub fn read(name: &str, text: &str, known: &[Entry]) -> Result<Catalogue, DataError> {
    let reader = Reader { name, text };
    let wire: WireCatalogue = toml::from_str(text).map_err(|error| {
        let message = error.message();
        let message = message
            .replace("unknown field", "unknown key")
            .replace("missing field", "missing key");
        reader.fault(error.span().unwrap_or(0..0), message)
    })?;
    let mut entries: Vec<Entry> = Vec::new();
    for entry in wire.entry {
        let span = entry.name.span();
        let entry = reader.entry(entry)?;
        let is_taken = |other: &Entry| other.name == entry.name;
        if known.iter().any(is_taken) || entries.iter().any(is_taken) {
            let sentence = format!("there is a `{}` already, choose another name", entry.name);
            return Err(reader.fault(span, sentence));
        }
        entries.push(entry);
    }
    Ok(Catalogue { entries })
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    fn fault(&self, span: Range<usize>, message: String) -> DataError {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        DataError::Catalogue {
            file: self.name.to_owned(),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            message,
        }
    }

    fn entry(&self, wire: WireEntry) -> Result<Entry, DataError> {
        let name = self.entry_name(&wire.name)?;
        for (key, value) in [("what", &wire.what), ("licence", &wire.licence)] {
            self.filled(key, value)?;
        }
        let source = self.source(&name, &wire)?;
        let is_packed = matches!(source, Source::Package(_));
        let span = wire.files.span();
        let mut files = Vec::new();
        let mut taken = BTreeSet::new();
        for file in wire.files.into_inner() {
            let span = file.get_ref().file.span();
            let file = self.file(file, is_packed)?;
            if !taken.insert(file.file.clone()) {
                let sentence = format!("`{name}` has two files `{}`", file.file);
                return Err(self.fault(span, sentence));
            }
            files.push(file);
        }
        if files.is_empty() {
            return Err(self.fault(span, format!("`{name}` has no files")));
        }
        Ok(Entry {
            name,
            what: wire.what.into_inner(),
            licence: wire.licence.into_inner(),
            source,
            files,
        })
    }

    fn entry_name(&self, name: &Spanned<String>) -> Result<String, DataError> {
        let text = name.get_ref();
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name = text.bytes().all(is_plain)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text != "all";
        if is_name {
            return Ok(text.clone());
        }
        let sentence = format!(
            "`name` is \"{text}\", expected letters, digits, `-`, `_` or `.`, like \"mnist\", and not \"all\""
        );
        Err(self.fault(name.span(), sentence))
    }

    fn filled(&self, key: &str, value: &Spanned<String>) -> Result<String, DataError> {
        if value.get_ref().trim().is_empty() {
            return Err(self.fault(value.span(), format!("`{key}` is empty")));
        }
        Ok(value.get_ref().clone())
    }

    fn source(&self, name: &str, wire: &WireEntry) -> Result<Source, DataError> {
        let Some(client) = &wire.client else {
            let of_package = [&wire.package, &wire.version, &wire.archive_sha256];
            if let Some(key) = of_package.into_iter().flatten().next() {
                let sentence = format!("`{name}` has a package, but no `client` that brings it");
                return Err(self.fault(key.span(), sentence));
            }
            let Some(from) = &wire.from else {
                let sentence =
                    format!("`{name}` has neither `client` nor `from`: where is it found?");
                return Err(self.fault(wire.name.span(), sentence));
            };
            return Ok(Source::Elsewhere(self.filled("from", from)?));
        };
        if let Some(from) = &wire.from {
            let sentence =
                format!("`{name}` has `client` and `from`; `from` is for what no client brings");
            return Err(self.fault(from.span(), sentence));
        }
        let known = Client::ALL.iter().find(|known| known.0 == client.get_ref());
        let Some((_, known)) = known else {
            let sentence = format!(
                "`client` is \"{}\", expected \"pip\", \"npm\" or \"apt\"",
                client.get_ref()
            );
            return Err(self.fault(client.span(), sentence));
        };
        Ok(Source::Package(Package {
            client: *known,
            package: self.word(name, "package", wire.package.as_ref(), client)?,
            version: self.word(name, "version", wire.version.as_ref(), client)?,
            archive: Archive {
                bytes: wire.archive_bytes.as_ref().map(|bytes| *bytes.get_ref()),
                sha256: match &wire.archive_sha256 {
                    Some(sum) => Some(self.checksum("archive-sha256", sum)?),
                    None => None,
                },
            },
        }))
    }

    /// Name or version of a package: it becomes an argument of the client, so it must not look like an option or a path.
    fn word(
        &self,
        name: &str,
        key: &str,
        value: Option<&Spanned<String>>,
        client: &Spanned<String>,
    ) -> Result<String, DataError> {
        let Some(value) = value else {
            let sentence = format!("`{name}` has a `client`, but no `{key}`");
            return Err(self.fault(client.span(), sentence));
        };
        let text = value.get_ref();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "@/.-_+~:".contains(c);
        let starts = |c: char| c.is_ascii_alphanumeric() || c == '@';
        if text.chars().all(is_plain) && text.starts_with(starts) && !text.contains("..") {
            return Ok(text.clone());
        }
        let sentence = format!("`{key}` is \"{text}\", which is no {key} of a package");
        Err(self.fault(value.span(), sentence))
    }

    fn file(&self, wire: Spanned<WireFile>, is_packed: bool) -> Result<WantedFile, DataError> {
        let span = wire.span();
        let wire = wire.into_inner();
        let file = wire.file.get_ref();
        if !is_below(file) || file.ends_with(".part") {
            let sentence = format!(
                "`file` is \"{file}\", expected a path below the entry's folder, like \"model.safetensors\""
            );
            return Err(self.fault(wire.file.span(), sentence));
        }
        if let Some(inside) = wire.inside.as_ref().filter(|i| !is_below(i.get_ref())) {
            let sentence = format!(
                "`inside` is \"{}\", expected a path inside the package, like \"data/model.bin\"",
                inside.get_ref()
            );
            return Err(self.fault(inside.span(), sentence));
        }
        if is_packed && wire.inside.is_none() {
            let sentence = format!("`{file}` has no `inside`: where in the package is it?");
            return Err(self.fault(span, sentence));
        }
        let mut wanted = WantedFile {
            sha256: self.checksum("sha256", &wire.sha256)?,
            inside: wire.inside.map(Spanned::into_inner),
            file: wire.file.into_inner(),
            bytes: wire.bytes,
            also: Vec::new(),
        };
        for place in wire.also {
            wanted.also.push(self.place(place, &wanted)?);
        }
        Ok(wanted)
    }

    /// Another place of the file `wanted`, with the same content unless another one is written.
    fn place(&self, wire: Spanned<WirePlace>, wanted: &WantedFile) -> Result<Place, DataError> {
        let span = wire.span();
        let WirePlace {
            path,
            bytes,
            sha256,
        } = wire.into_inner();
        let is_packed = path.get_ref().ends_with(".gz") && !wanted.file.ends_with(".gz");
        if !is_below(path.get_ref()) {
            let sentence = format!(
                "`path` is \"{}\", expected a path below a folder of data, like \"models/model.safetensors\"",
                path.get_ref()
            );
            return Err(self.fault(path.span(), sentence));
        }
        let (bytes, sha256) = match (bytes, sha256) {
            (None, None) => (wanted.bytes, wanted.sha256.clone()),
            (Some(bytes), Some(sum)) => (bytes, self.checksum("sha256", &sum)?),
            (Some(_), None) | (None, Some(_)) => {
                let sentence = format!(
                    "`{}` has one of `bytes` and `sha256`, expected both, or none for the content of `{}`",
                    path.get_ref(),
                    wanted.file
                );
                return Err(self.fault(span, sentence));
            }
        };
        Ok(Place {
            path: path.into_inner(),
            bytes,
            sha256,
            packing: if is_packed {
                Packing::Gzip
            } else {
                Packing::Plain
            },
        })
    }

    fn checksum(&self, key: &str, text: &Spanned<String>) -> Result<Checksum, DataError> {
        Checksum::parse(text.get_ref()).ok_or_else(|| {
            let sentence = format!(
                "`{key}` is \"{}\", expected 64 hexadecimal digits",
                text.get_ref()
            );
            self.fault(text.span(), sentence)
        })
    }
}

/// Whether `path` stays below the folder it is put in, and is written plainly.
fn is_below(path: &str) -> bool {
    let is_plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    let components = Path::new(path).components();
    !path.is_empty()
        && !path.ends_with('/')
        && !path.contains(['\\', '\0'])
        && components.clone().all(is_plain)
        && components.as_path().as_os_str() == path
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
