//! Files in folders of the user's own: under other names, packed, or damaged and in the way.

use std::{fs, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use super::{Shop, content, lone, sha256};
use crate::support::{Output, finish};

/// An entry of one file `weights` with two more places: `model/model.bin.gz` packed, and `models/model.bin`.
fn shop() -> Shop {
    let also = "also = [{ path = \"model/model.bin.gz\" }, { path = \"models/model.bin\" }]";
    Shop::new(&lone("model", b"weights").replace(" },\n]", &format!(", {also} }},\n]")))
}

fn gzip(bytes: &str) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes.as_bytes()).unwrap();
    gz.finish().unwrap()
}

/// `benchhost data` with `args` and the folder `mine` of the user's own.
fn with_mine(shop: &Shop, args: &[&str]) -> Output {
    finish(shop.command(args).env("BENCHHOST_DATA", "mine"))
}

fn listed(shop: &Shop) -> Value {
    let output = with_mine(shop, &["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let entries = list["entries"].as_array().unwrap();
    let mut found = entries.iter().filter(|entry| entry["name"] == "model");
    found.next().unwrap().clone()
}

#[test]
fn a_file_counts_at_every_place_where_workloads_look() {
    for (place, bytes) in [
        ("model/model.bin", b"weights".to_vec()),
        ("model/model.bin.gz", gzip("weights")),
        ("models/model.bin", b"weights".to_vec()),
    ] {
        let shop = shop();
        let path = shop.sandbox.write(&format!("mine/{place}"), bytes);

        let verified = with_mine(&shop, &["verify", "model"]);

        assert_eq!(verified.code, Some(0), "{verified:?}");
        assert_eq!(verified.stdout, format!("{place}  right\n"));
        let found = listed(&shop);
        assert_eq!(found["state"], "here", "{found}");
        assert_eq!(found["files"][0]["file"], "model/model.bin");
        let path = path.canonicalize().unwrap();
        assert_eq!(Path::new(found["files"][0]["path"].as_str().unwrap()), path);
    }
}

#[test]
fn packed_content_that_is_another_is_damaged() {
    let (right, wrong) = (sha256("weights"), sha256("wEights"));
    for (bytes, state, fault) in [
        (
            gzip("wEights"),
            "here",
            format!("unpacked its sha256 is {wrong}, expected {right}"),
        ),
        (
            gzip("short"),
            "damaged",
            "unpacked it has 5 bytes, expected 7".to_owned(),
        ),
        (
            b"weights, but not packed".to_vec(),
            "damaged",
            "it cannot be unpacked: invalid gzip header".to_owned(),
        ),
    ] {
        let shop = shop();
        let path = shop.sandbox.write("mine/model/model.bin.gz", bytes);

        let verified = with_mine(&shop, &["verify", "model"]);

        assert_eq!(verified.code, Some(1), "{verified:?}");
        assert_eq!(verified.stdout, "model/model.bin.gz  wrong\n");
        let path = path.canonicalize().unwrap();
        assert_eq!(
            verified.stderr,
            format!(
                "error: `{}` is damaged: {fault}\n hint: put the right file there, or remove it: it lies in a folder of \
                 BENCHHOST_DATA, which is looked through first\n",
                path.display()
            )
        );
        assert_eq!(listed(&shop)["state"], state);
    }
}

#[test]
fn of_two_places_in_one_folder_neither_may_be_wrong() {
    let shop = shop();
    shop.sandbox.write("cache/model/model.bin", "weights");
    let other = shop.sandbox.write("cache/models/model.bin", "wEights");

    let verified = shop.run(&["verify", "model"]);

    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(
        verified.stderr.starts_with(&format!(
            "error: `{}` is damaged",
            other.canonicalize().unwrap().display()
        )),
        "{verified:?}"
    );
    assert!(
        verified.stderr.ends_with(
            " hint: remove it; `benchhost data fetch model --from PATH|URL` brings `model/model.bin`\n"
        ),
        "{verified:?}"
    );
}

#[test]
fn a_fetch_names_the_damaged_file_that_workloads_take_instead() {
    let shop = shop();
    shop.sandbox.write("some.bin", "weights");
    let mine = shop.sandbox.write("mine/model/model.bin", "wEights");
    let fetch = ["fetch", "model", "--from", "some.bin"];

    let outputs = [with_mine(&shop, &fetch), with_mine(&shop, &fetch)];

    let sentence = format!(
        "error: `{}` is damaged, and workloads take it instead of `{}`: its sha256 is {}, expected {}\n \
         hint: put the right file there, or remove it\n",
        mine.canonicalize().unwrap().display(),
        shop.cached("model/model.bin")
            .canonicalize()
            .unwrap()
            .display(),
        sha256("wEights"),
        sha256("weights")
    );
    for (output, done) in outputs.iter().zip(["fetched, 1 file", "already here"]) {
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(
            output.stdout.starts_with(&format!("model: {done}")),
            "{output:?}"
        );
        assert!(output.stderr.ends_with(&sentence), "{output:?}");
    }
    assert_eq!(content(&shop.cached("model/model.bin")), "weights");
    // Another machine's folder is no matter of these workloads.
    let mut elsewhere = fetch.to_vec();
    elsewhere.extend(["--cache", "stick"]);
    assert_eq!(with_mine(&shop, &elsewhere).code, Some(0));
    fs::write(&mine, "weights").unwrap();
    let output = with_mine(&shop, &fetch);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{output:?}");
}
