//! Caches that nobody can write to, that are in the way of themselves, or that a failed fetch leaves.

use std::{fs, os::unix::fs::symlink};

use super::{Shop, content, lone};
use crate::support::finish;

fn shop() -> Shop {
    let shop = Shop::new(&lone("model", b"weights"));
    shop.sandbox.write("some.bin", "weights");
    shop
}

/// The end of what is said about a fetch from `some.bin` that fails.
fn complaint(shop: &Shop) -> String {
    let output = shop.run(&["fetch", "model", "--from", "some.bin"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    output.stderr
}

#[test]
fn a_cache_that_has_it_all_is_not_written_to() {
    let shop = shop();
    shop.sandbox.write("cache/model/model.bin", "weights");
    // Nobody can open this for writing, not even root, who may write to every file.
    fs::create_dir(shop.cached(".lock")).unwrap();

    let output = shop.run(&["fetch", "model"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stdout.starts_with("model: already here, 7 B in "),
        "{output:?}"
    );
    fs::write(shop.cached("model/model.bin"), "wEights").unwrap();
    let here = shop.path().canonicalize().unwrap();
    assert_eq!(
        complaint(&shop),
        format!(
            "error: cannot fetch `model`: cannot write `{}/cache/.lock`: Is a directory (os error 21)\n \
             hint: what lies there is no ordinary file: remove it, or choose another folder with --cache DIR or BENCHHOST_CACHE\n",
            here.display()
        )
    );
}

#[test]
fn a_file_where_the_cache_should_be_is_named_with_the_way_out() {
    let shop = shop();
    shop.sandbox.write("cache", "no folder");

    let said = complaint(&shop);

    assert!(
        said.contains("cannot make the folder `") && said.contains("/cache`: File exists"),
        "{said}"
    );
    assert!(
        said.ends_with(
            " hint: something that is no folder lies there or above: remove it, or choose another folder with --cache DIR or \
             BENCHHOST_CACHE\n"
        ),
        "{said}"
    );
}

#[test]
fn a_link_that_is_left_over_as_a_part_is_replaced_and_not_followed() {
    let shop = shop();
    let elsewhere = shop.path().join("elsewhere");
    fs::create_dir_all(shop.cached("model")).unwrap();
    for (link, target) in [("dangling", "nowhere/x"), ("to a file", "elsewhere")] {
        let _ = fs::remove_file(shop.cached("model/model.bin"));
        fs::write(&elsewhere, "mine").unwrap();
        symlink(
            shop.path().join(target),
            shop.cached("model/model.bin.part"),
        )
        .unwrap();

        let output = shop.run(&["fetch", "model", "--from", "some.bin"]);

        assert_eq!(output.code, Some(0), "{link}: {output:?}");
        assert_eq!(content(&shop.cached("model/model.bin")), "weights");
        assert_eq!(content(&elsewhere), "mine");
        assert_eq!(shop.left(), ["model/model.bin"]);
    }
}

#[test]
fn a_fetch_that_fails_leaves_no_empty_folders() {
    let shop = shop();

    let output = shop.run(&["fetch", "model"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(shop.path().join("cache").is_dir());
    assert!(!shop.cached(".fetch").exists());
}

#[test]
fn a_cache_whose_name_cannot_be_listed_is_said_and_how_it_can() {
    let shop = shop();
    let mut command = shop.command(&["fetch", "model", "--from", "some.bin"]);
    command.env("BENCHHOST_CACHE", "with:colon");

    let output = finish(&mut command);

    assert_eq!(output.code, Some(0), "{output:?}");
    let here = shop.path().canonicalize().unwrap();
    let sentence = format!(
        "workloads cannot look in `{}/with:colon`: folders are listed with `:` between them, and its name has one; choose another \
         with --cache DIR or BENCHHOST_CACHE\n",
        here.display()
    );
    assert!(output.stderr.ends_with(&sentence), "{output:?}");
    let mut command = shop.command(&["where"]);
    command.env("BENCHHOST_CACHE", "with:colon");
    assert_eq!(finish(&mut command).stderr, sentence);
}
