//! `benchhost data`: by clients that are shell scripts and a server of the test's own. No test reaches a network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod address;
mod cache;
mod client;
mod origin;
mod page;
mod places;
mod server;
mod workers;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Output, Sandbox, finish};

/// Three files that are wanted, by their names inside a package.
const FILES: [(&str, &str); 3] = [
    ("inner/one", "the first file\n"),
    ("inner/two", "the second file, somewhat longer\n"),
    ("inner/other", "nobody wants this\n"),
];

/// A sandbox with a catalogue, a cache, and a folder of programs that comes first in `PATH`.
struct Shop {
    sandbox: Sandbox,
}

impl Shop {
    /// With `catalogue` as the user's own.
    fn new(catalogue: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("own.toml", catalogue);
        fs::create_dir(sandbox.path().join("bin")).unwrap();
        Self { sandbox }
    }

    fn path(&self) -> &Path {
        self.sandbox.path()
    }

    /// The program `name`, a shell script.
    fn program(&self, name: &str, script: &str) {
        let path = self
            .sandbox
            .write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `benchhost data` with `args`, to be changed before it is started.
    fn command(&self, args: &[&str]) -> Command {
        let mut all = vec!["data", "--catalogue", "own.toml"];
        all.extend(args);
        let mut command = self.sandbox.command(&all);
        let path = format!("{}/bin:/usr/bin:/bin", self.path().display());
        command
            .env("PATH", path)
            .env("BENCHHOST_CACHE", "cache")
            .env_remove("BENCHHOST_DATA");
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        finish(&mut self.command(args))
    }

    fn cached(&self, name: &str) -> PathBuf {
        self.path().join("cache").join(name)
    }

    /// Everything in the cache that is a file, without the lock.
    fn left(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().join("cache")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with(".lock") {
                    let below = path.strip_prefix(self.path().join("cache")).unwrap();
                    found.push(below.display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let digest = Sha256::digest(bytes.as_ref());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An entry `name` with the first two of [`FILES`], from `source`.
fn entry(name: &str, source: &str) -> String {
    let file = |(inside, content): (&str, &str)| {
        format!(
            "{{ inside = \"{inside}\", file = \"{}\", bytes = {}, sha256 = \"{}\" }}",
            inside.replace("inner/", ""),
            content.len(),
            sha256(content)
        )
    };
    format!(
        "[[entry]]\nname = \"{name}\"\nwhat = \"two files\"\nlicence = \"MIT\"\n{source}\nfiles = [\n    {},\n    {},\n]\n",
        file(FILES[0]),
        file(FILES[1])
    )
}

/// An entry `name` of one file `model.bin` with `content`, which no package brings.
fn lone(name: &str, content: &[u8]) -> String {
    format!(
        "[[entry]]\nname = \"{name}\"\nwhat = \"a model\"\nlicence = \"MIT\"\nfrom = \"somebody\"\nfiles = [\n    \
         {{ file = \"model.bin\", bytes = {}, sha256 = \"{}\" }},\n]\n",
        content.len(),
        sha256(content)
    )
}

/// A tar in gzip with all of [`FILES`].
fn tar_gz() -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in FILES {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// A Debian package with all of [`FILES`].
fn deb() -> Vec<u8> {
    let mut deb = ar::Builder::new(Vec::new());
    for (name, content) in [
        ("debian-binary", b"2.0\n".to_vec()),
        ("data.tar.gz", tar_gz()),
    ] {
        let header = ar::Header::new(name.into(), content.len() as u64);
        deb.append(&header, &content[..]).unwrap();
    }
    deb.into_inner().unwrap()
}

fn content(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn listed(shop: &Shop, name: &str) -> Value {
    let output = shop.run(&["list", "--format", "json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let entries = list["entries"].as_array().unwrap();
    let mut found = entries.iter().filter(|entry| entry["name"] == name);
    found.next().unwrap().clone()
}

#[test]
fn what_is_here_is_listed_and_verified() {
    let shop = Shop::new(&entry(
        "two",
        "client = \"npm\"\npackage = \"two\"\nversion = \"1.0.0\"",
    ));
    assert_eq!(listed(&shop, "two")["state"], "absent");
    assert_eq!(shop.run(&["verify"]).code, Some(0));

    shop.sandbox.write("cache/two/one", FILES[0].1);
    assert_eq!(listed(&shop, "two")["state"], "incomplete");
    // One byte is wrong, the length is right: only verify can see it.
    shop.sandbox
        .write("cache/two/two", FILES[1].1.replace("second", "sEcond"));
    assert_eq!(listed(&shop, "two")["state"], "here");
    let verified = shop.run(&["verify"]);

    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert_eq!(verified.stdout, "two/one  right\ntwo/two  wrong\n");
    let path = shop.cached("two/two");
    let found = sha256(content(&path));
    assert_eq!(
        verified.stderr,
        format!(
            "error: `{}` is damaged: its sha256 is {found}, expected {}\n hint: `benchhost data fetch two` replaces it\n",
            path.display(),
            sha256(FILES[1].1)
        )
    );
    fs::write(&path, "short").unwrap();
    let two = listed(&shop, "two");
    assert_eq!(two["state"], "damaged");
    assert_eq!(two["files"][1]["fault"], "it has 5 bytes, expected 33");
}

#[test]
fn verify_by_name_asks_for_all_of_it() {
    let shop = Shop::new(&lone("model", b"weights"));

    let output = shop.run(&["verify", "model"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(output.stdout, "model/model.bin  absent\n");
    assert!(
        output
            .stderr
            .ends_with("hint: `benchhost data fetch model --from PATH|URL` fetches it\n"),
        "{output:?}"
    );
}

#[test]
fn where_names_the_folders_in_the_order_workloads_look() {
    let shop = Shop::new(&lone("model", b"weights"));
    let mut command = shop.command(&["where"]);
    command.env("BENCHHOST_DATA", "/a:b");

    let output = finish(&mut command);

    let here = shop.path().canonicalize().unwrap();
    let here = here.display();
    assert_eq!(output.stdout, format!("/a\n{here}/b\n{here}/cache\n"));
    let typed = shop.run(&["where", "--cache", "/typed"]);
    assert_eq!(typed.stdout, "/typed\n");
}

#[test]
fn a_file_in_a_folder_of_the_users_own_is_found_first() {
    let shop = Shop::new(&lone("model", b"weights"));
    let own = shop.sandbox.write("mine/model/model.bin", "wEights");
    shop.sandbox.write("cache/model/model.bin", "weights");
    let mut command = shop.command(&["verify"]);
    command.env("BENCHHOST_DATA", "mine");

    let output = finish(&mut command);

    assert_eq!(output.code, Some(1), "{output:?}");
    let own = own.canonicalize().unwrap();
    assert!(
        output
            .stderr
            .contains(&format!("`{}` is damaged", own.display())),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("a folder of BENCHHOST_DATA"),
        "{output:?}"
    );
}
