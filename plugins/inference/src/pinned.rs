//! The model files whose answers are known: where they lie, and that they are what they should be.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use benchhost_plugin_api::Error;
use benchhost_support::files;
use sha2::{Digest, Sha256};

/// A file that `benchhost data` knows.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// What `benchhost data fetch` is told.
    fetch: &'static str,
    /// Where it lies in a folder of data.
    candidates: &'static [&'static str],
    /// As in the host's `data.toml`.
    sha256: &'static str,
}

/// SmolLM2-135M-Instruct, GGUF.
pub(crate) static SMOLLM2: Pinned = Pinned {
    fetch: "smollm2-135m",
    candidates: &["smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf"],
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};

/// all-MiniLM-L6-v2, safetensors.
pub(crate) static MINI_LM: Pinned = Pinned {
    fetch: "minilm-l6-v2",
    candidates: &["minilm-l6-v2/model.safetensors"],
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
};

/// EfficientNet-Lite0, safetensors.
pub(crate) static EFFICIENT_NET: Pinned = Pinned {
    fetch: "efficientnet-lite0 --from PATH",
    candidates: &[
        "efficientnet-lite0/efficientnet_lite0.safetensors",
        "models/efficientnet_lite0.safetensors",
    ],
    sha256: "209e1aa2123ff6122706aac007f2faa72913fcf8db37a98ec72305a6f3f15cd3",
};

/// A model file on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pinned: &'static Pinned,
    /// A path in the suite, not a search, led to it.
    is_named: bool,
}

impl Pinned {
    /// The file at `path`, or this one when `path` is empty.
    ///
    /// # Errors
    /// See [`files::named_or_find`].
    pub(crate) fn locate(&'static self, path: &str) -> Result<Source, Error> {
        Ok(Source {
            path: files::named_or_find(path, self.fetch, self.candidates)?,
            pinned: self,
            is_named: !path.is_empty(),
        })
    }
}

impl Source {
    /// The file `name` in the same folder.
    ///
    /// # Errors
    /// There is none: [`Error::config`] beside a file that was named, else [`Error::unsupported`].
    pub(crate) fn beside(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.path.with_file_name(name);
        if path.is_file() {
            return Ok(path);
        }
        let missing = format!(
            "{} is not a file; {name} lies beside the weights",
            path.display()
        );
        Err(match self.is_named {
            true => Error::config(missing),
            false => Error::unsupported(format!(
                "{missing}; `benchhost data fetch {}` fetches it",
                self.pinned.fetch
            )),
        })
    }

    /// Whether this is the file whose answers are known. Reads all of it.
    ///
    /// # Errors
    /// It cannot be read; or nobody named another one, so that it should be the known file, and it is not.
    pub(crate) fn is_pinned(&self) -> Result<bool, Error> {
        let found = sha256(&self.path)?;
        let is_pinned = found == self.pinned.sha256;
        if is_pinned || self.is_named {
            return Ok(is_pinned);
        }
        let fetch = self.pinned.fetch;
        let entry = fetch.split(' ').next().unwrap_or(fetch);
        Err(Error::failed(format!(
            "{} is damaged, or another file: its sha256 is {found}, expected {}; `benchhost data verify {entry}` looks \
             at all of them, `benchhost data fetch {fetch}` brings it anew; a suite that names its path takes it as it is",
            self.path.display(),
            self.pinned.sha256
        )))
    }
}

fn sha256(path: &Path) -> Result<String, Error> {
    let context = |error| Error::from(error).context(format!("reading {}", path.display()));
    let mut file = File::open(path).map_err(context)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(context)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    let bytes = hash.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    static EMPTY: Pinned = Pinned {
        fetch: "empty",
        candidates: &["empty"],
        sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    };

    /// An empty file in a folder of its own: named by a path, and found by a search.
    fn empty_file() -> (tempfile::TempDir, [Source; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty");
        std::fs::write(&path, "").unwrap();
        let named = EMPTY.locate(path.to_str().unwrap()).unwrap();
        let searched = Source {
            is_named: false,
            ..named.clone()
        };
        (folder, [named, searched])
    }

    #[test]
    fn what_is_pinned_here_is_what_the_host_fetches() {
        let catalogue = include_str!("../../../host/data.toml");
        for pinned in [&SMOLLM2, &MINI_LM, &EFFICIENT_NET] {
            let (_, file) = pinned.candidates[0].split_once('/').unwrap();
            let line = format!("file = \"{file}\"");
            let mut lines = catalogue.lines().filter(|text| text.contains(&line));
            assert!(
                lines.any(|text| text.contains(&format!("sha256 = \"{}\"", pinned.sha256))),
                "{} {}",
                pinned.fetch,
                pinned.sha256
            );
        }
    }

    #[test]
    fn a_file_is_known_by_its_bytes_and_a_damaged_one_is_refused_unless_it_was_named() {
        let (_folder, [named, searched]) = empty_file();

        assert!(named.is_pinned().unwrap());
        assert!(searched.is_pinned().unwrap());
        std::fs::write(&named.path, "x").unwrap();
        assert!(!named.is_pinned().unwrap());
        let refused = searched.is_pinned().unwrap_err().to_string();
        assert!(
            refused.contains("is damaged, or another file: its sha256 is 2d711642b726b044"),
            "{refused}"
        );
        assert!(refused.contains("`benchhost data fetch empty` brings it anew"));
    }

    #[test]
    fn what_lies_beside_is_fetched_or_a_mistake_of_the_suite() {
        let (_folder, [named, searched]) = empty_file();

        assert_eq!(named.beside("empty").unwrap(), named.path);
        let mistake = named.beside("config.json").unwrap_err();
        assert_eq!(mistake.kind(), ErrorKind::Config);
        assert!(
            mistake
                .to_string()
                .ends_with("config.json is not a file; config.json lies beside the weights")
        );
        let absent = searched.beside("config.json").unwrap_err();
        assert_eq!(absent.kind(), ErrorKind::Unsupported);
        assert!(
            absent
                .to_string()
                .ends_with("`benchhost data fetch empty` fetches it")
        );
    }
}
