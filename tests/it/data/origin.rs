//! `--from`: the file, a folder, the package; and what cannot be used.

use std::fs;

use super::{FILES, Shop, content, entry, lone, sha256, tar_gz};
use crate::support::{bin, finish};

const NPM: &str = "client = \"npm\"\npackage = \"two\"\nversion = \"1.0.0\"";

fn both() -> Shop {
    Shop::new(&[entry("two", NPM), lone("model", b"weights")].concat())
}

#[test]
fn it_comes_from_the_file_a_folder_or_the_package() {
    let shop = both();
    shop.sandbox.write("some.bin", "weights");
    shop.sandbox.write("two-1.0.0.tgz", tar_gz());
    shop.sandbox.write("flat/one", FILES[0].1);
    shop.sandbox.write("flat/two", FILES[1].1);
    shop.sandbox.write("deep/two/one", FILES[0].1);
    shop.sandbox.write("deep/two/two", FILES[1].1);
    shop.sandbox.write("deep/model/model.bin", "weights");
    shop.sandbox.write("packed/two-1.0.0.tgz", tar_gz());
    for (names, from) in [
        (&["model"][..], "some.bin"),
        (&["two"], "two-1.0.0.tgz"),
        (&["two"], "flat"),
        (&["two"], "packed"),
        (&["all"], "deep"),
        (&["two", "model"], "deep"),
    ] {
        let _ = fs::remove_dir_all(shop.path().join("cache"));
        let mut args = vec!["fetch", "--from", from];
        // `all` has the built-in entries, too.
        args.extend(names);

        let output = shop.run(&args);

        if names.contains(&"all") {
            assert_eq!(output.code, Some(2), "{output:?}");
            assert!(
                output.stderr.contains("the folder `deep` has neither"),
                "{output:?}"
            );
        } else {
            assert_eq!(output.code, Some(0), "{from}: {output:?}");
        }
        if names != ["model"] {
            assert_eq!(content(&shop.cached("two/two")), FILES[1].1);
        }
        if names != ["two"] {
            assert_eq!(content(&shop.cached("model/model.bin")), "weights");
        }
    }
}

#[test]
fn another_file_is_refused_with_both_checksums() {
    let shop = both();
    shop.sandbox.write("other.bin", "wEights");

    let output = shop.run(&["fetch", "model", "--from", "other.bin"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    let sentence = format!(
        "error: cannot fetch `model`: `model.bin` is not what the catalogue says: expected sha256 {}, found {}; nothing was kept of it",
        sha256("weights"),
        sha256("wEights")
    );
    assert!(output.stderr.contains(&sentence), "{output:?}");
    assert!(
        output.stderr.ends_with(
            " hint: `model` is exactly the one of the catalogue; another one can have a name of its own with --catalogue FILE\n"
        ),
        "{output:?}"
    );
    assert!(shop.left().is_empty(), "{:?}", shop.left());
    assert_eq!(content(&shop.path().join("other.bin")), "wEights");
}

#[test]
fn another_package_is_refused_with_the_command_that_brings_the_right_one() {
    let shop = both();
    let package = shop.sandbox.write("two-1.0.0.tgz", &tar_gz()[..60]);
    for from in ["two-1.0.0.tgz", &format!("file://{}", package.display())] {
        let output = shop.run(&["fetch", "two", "--from", from]);

        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(
            output.stderr.ends_with(
                " hint: without --from, `benchhost data fetch two` brings it; another one can have a name of its own with \
                 --catalogue FILE\n"
            ),
            "{output:?}"
        );
    }
}

#[test]
fn what_cannot_be_used_is_said_exactly() {
    let shop = both();
    shop.sandbox.write("some.bin", "weights");
    fs::create_dir(shop.path().join("empty")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(shop.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let cases: [(&[&str], i32, &str); 10] = [
        (
            &["fetch", "model", "--from", "pipe"],
            2,
            "--from is \"pipe\", which is neither a file nor a folder",
        ),
        (
            &["fetch", "modle", "--from", "some.bin"],
            2,
            "the catalogue has no `modle` (did you mean `model`?)\n hint: `benchhost data list` shows what there is",
        ),
        (
            &["fetch", "model", "--from", "no.bin"],
            2,
            "--from is \"no.bin\", and there is no such file or folder",
        ),
        (
            &["fetch", "model", "--from", "ftp://x/y"],
            2,
            "--from is \"ftp://x/y\", expected a file, a folder, or an address with http://, https:// or file://",
        ),
        (
            &["fetch", "model", "two", "--from", "some.bin"],
            2,
            "--from is one file, and 2 names are asked for\n hint: fetch them one by one, or name a folder that has them all",
        ),
        (
            &["fetch", "two", "--from", "empty"],
            2,
            "cannot fetch `two`: the folder `empty` has neither one, two nor a folder `two` with them, nor the package two 1.0.0",
        ),
        (
            &["fetch", "two", "--from", "some.bin"],
            1,
            "cannot fetch `two`: `some.bin` is not what the catalogue says: expected the package two 1.0.0, or a folder with its 2 \
             files, found a file that is no zip, gzip or Debian package",
        ),
        (
            &["fetch", "model"],
            1,
            "cannot fetch `model`: no client brings it (somebody)\n hint: `--from FILE|FOLDER|URL` takes it",
        ),
        (
            &["verify", "mdoel"],
            2,
            "the catalogue has no `mdoel` (did you mean `model`?)",
        ),
        (&["fetch"], 2, "<NAME>..."),
    ];
    for (args, code, sentence) in cases {
        let output = shop.run(args);

        assert_eq!(output.code, Some(code), "{output:?}");
        assert!(output.stderr.contains(sentence), "{output:?}");
    }
}

#[test]
fn a_catalogue_of_ones_own_is_checked_with_file_and_line() {
    let shop = Shop::new(
        "[[entry]]\nname = \"mnist\"\nwhat = \"x\"\nlicence = \"x\"\nfrom = \"x\"\nfiles = []\n",
    );
    let output = shop.run(&["list"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(output.stderr, "error: own.toml:6: `mnist` has no files\n");

    let shop = Shop::new(&lone("mnist", b"x"));
    let output = shop.run(&["list"]);
    assert_eq!(
        output.stderr,
        "error: own.toml:2: there is a `mnist` already, choose another name\n"
    );

    fs::remove_file(shop.path().join("own.toml")).unwrap();
    let output = shop.run(&["list"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output
            .stderr
            .starts_with("error: cannot read the catalogue `own.toml`: "),
        "{output:?}"
    );
}

#[test]
fn a_cache_that_cannot_be_made_or_filled_is_named() {
    let shop = Shop::new(&lone("model", &[7; 100_000]));
    shop.sandbox.write("some.bin", [7; 100_000]);
    let output = shop.run(&[
        "fetch",
        "model",
        "--from",
        "some.bin",
        "--cache",
        "some.bin/x",
    ]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("cannot make the folder `"),
        "{output:?}"
    );

    // A limit on the size of files is met like a full disk: by an error of the write.
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "ulimit -f 32; exec \"$0\" \"$@\""])
        .arg(bin());
    limited.args([
        "data",
        "--catalogue",
        "own.toml",
        "fetch",
        "model",
        "--from",
        "some.bin",
    ]);
    limited
        .current_dir(shop.path())
        .env("BENCHHOST_CACHE", "cache");
    let output = finish(&mut limited);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("model.bin.part`: the limit on the size of files is reached\n hint: make room, or choose another"),
        "{output:?}"
    );
    assert!(shop.left().is_empty(), "{:?}", shop.left());
}

#[test]
fn a_cache_that_workloads_do_not_look_in_is_said() {
    let shop = both();
    shop.sandbox.write("some.bin", "weights");

    let output = shop.run(&["fetch", "model", "--from", "some.bin", "--cache", "other"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let here = shop.path().canonicalize().unwrap();
    let sentence = format!(
        "workloads look there only with BENCHHOST_CACHE={}/other\n",
        here.display()
    );
    assert!(output.stderr.ends_with(&sentence), "{output:?}");
}
