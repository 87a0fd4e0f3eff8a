//! Packages by the clients of their registries.

use std::fs;

use super::{FILES, Shop, content, deb, entry, sha256, tar_gz};

const PIP: &str = "client = \"pip\"\npackage = \"two-files\"\nversion = \"1.0\"";
const NPM: &str = "client = \"npm\"\npackage = \"@some/two\"\nversion = \"1.0.0\"";
const APT: &str = "client = \"apt\"\npackage = \"two-files\"\nversion = \"0~1-2\"";

/// The clients, as programs that note how they were called and copy `fixture`.
fn clients(shop: &Shop) {
    shop.sandbox.write("fixture", tar_gz());
    shop.sandbox.write("fixture.deb", deb());
    let here = shop.path().display();
    shop.program(
        "python3",
        &format!(
            "[ \"$3\" = --version ] && exit 0\necho \"pip $*\" >> {here}/calls\n\
             while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && cp {here}/fixture \"$2/two_files-1.0.whl\"; shift; done"
        ),
    );
    shop.program(
        "npm",
        &format!(
            "echo \"npm $*\" >> {here}/calls\n\
             while [ $# -gt 1 ]; do [ \"$1\" = --pack-destination ] && cp {here}/fixture \"$2/some-two-1.0.0.tgz\"; shift; done"
        ),
    );
    shop.program(
        "apt-get",
        &format!(
            "echo \"apt-get $*\" >> {here}/calls; cp {here}/fixture.deb two-files_0~1-2_all.deb"
        ),
    );
}

#[test]
fn each_client_is_asked_for_the_pinned_version_and_once() {
    let catalogue = [
        entry("by-pip", PIP),
        entry("by-npm", NPM),
        entry("by-apt", APT),
    ]
    .concat();
    let shop = Shop::new(&catalogue);
    clients(&shop);

    let first = shop.run(&["fetch", "by-pip", "by-npm", "by-apt"]);

    assert_eq!(first.code, Some(0), "{first:?}");
    for name in ["by-pip", "by-npm", "by-apt"] {
        assert_eq!(content(&shop.cached(&format!("{name}/one"))), FILES[0].1);
        assert_eq!(content(&shop.cached(&format!("{name}/two"))), FILES[1].1);
        assert!(
            first
                .stdout
                .contains(&format!("{name}: fetched, 2 files, 48 B in "))
        );
    }
    let calls = content(&shop.path().join("calls"));
    let calls: Vec<&str> = calls.lines().collect();
    let cache = shop.path().canonicalize().unwrap().join("cache/.fetch");
    let cache = cache.display();
    assert_eq!(
        calls,
        [
            format!(
                "pip -m pip download --no-deps --only-binary :all: --dest {cache}/by-pip --ignore-requires-python \
                 --disable-pip-version-check --no-input --retries 2 --progress-bar off two-files==1.0"
            ),
            format!(
                "npm pack --ignore-scripts --fetch-retries=1 --pack-destination {cache}/by-npm @some/two@1.0.0"
            ),
            "apt-get --quiet download two-files=0~1-2".to_owned(),
        ]
    );
    assert_eq!(shop.left().len(), 6, "{:?}", shop.left());

    let second = shop.run(&["fetch", "by-pip", "by-npm", "by-apt"]);

    assert_eq!(second.code, Some(0), "{second:?}");
    assert_eq!(second.stdout.matches(": already here, 48 B in ").count(), 3);
    assert_eq!(content(&shop.path().join("calls")).lines().count(), 3);
}

#[test]
fn only_what_is_missing_or_damaged_is_put_in_place_again() {
    let shop = Shop::new(&entry("by-npm", NPM));
    clients(&shop);
    shop.sandbox.write("cache/by-npm/one", FILES[0].1);
    shop.sandbox
        .write("cache/by-npm/two", FILES[1].1.to_uppercase());
    let before = fs::metadata(shop.cached("by-npm/one"))
        .unwrap()
        .modified()
        .unwrap();

    let output = shop.run(&["fetch", "by-npm"]);

    assert!(
        output.stdout.starts_with("by-npm: fetched, 1 file, "),
        "{output:?}"
    );
    assert_eq!(content(&shop.cached("by-npm/two")), FILES[1].1);
    let after = fs::metadata(shop.cached("by-npm/one"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
}

#[test]
fn pip_is_found_as_a_module_of_python_or_by_its_name() {
    let shop = Shop::new(&entry("by-pip", PIP));
    clients(&shop);
    let python = content(&shop.path().join("bin/python3"));
    shop.program(
        "pip",
        &python.replacen("[ \"$3\" = --version ] && exit 0", "", 1),
    );
    shop.program("python3", "exit 1");

    let output = shop.run(&["fetch", "by-pip"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let calls = content(&shop.path().join("calls"));
    assert!(calls.starts_with("pip download --no-deps"), "{calls}");
}

#[test]
fn a_client_that_is_not_there_is_named_with_the_way_to_get_it() {
    let catalogue = [
        entry("by-pip", PIP),
        entry("by-npm", NPM),
        entry("by-apt", APT),
    ]
    .concat();
    let shop = Shop::new(&catalogue);
    let mut command = shop.command(&["fetch", "by-pip", "by-npm", "by-apt"]);
    command.env("PATH", shop.path().join("bin"));

    let output = crate::support::finish(&mut command);

    assert_eq!(output.code, Some(1), "{output:?}");
    let from = "or `--from FILE|FOLDER|URL` takes it from where you have it";
    assert_eq!(
        output.stderr,
        format!(
            "by-pip: pip two-files 1.0\n\
             error: cannot fetch `by-pip`: there is no pip here to fetch it with\n \
             hint: install pip (neither `python3 -m pip` nor `pip` is there); {from}\n\
             by-npm: npm @some/two 1.0.0\n\
             error: cannot fetch `by-npm`: there is no npm here to fetch it with\n \
             hint: install npm (it comes with Node.js); {from}\n\
             by-apt: apt two-files 0~1-2\n\
             error: cannot fetch `by-apt`: there is no apt-get here to fetch it with\n \
             hint: this package is for Debian and its relatives; {from}\n"
        )
    );
}

#[test]
fn what_a_client_says_becomes_a_sentence_with_a_way_out() {
    let cases = [
        (
            "npm error code ETARGET\nnpm error notarget No matching version found for two@1.0.0.",
            "npm finds no @some/two 1.0.0: npm error notarget No matching version found for two@1.0.0.",
            "`--from FILE|FOLDER|URL`",
        ),
        (
            "npm error code ENOTFOUND\nnpm error network request failed",
            "npm cannot reach the source of @some/two 1.0.0: npm error network request failed",
            "is there a network, and does it need a proxy?",
        ),
        (
            "npm error code ENOSPC",
            ".fetch/by-npm`: the disk is full",
            "make room, or choose another folder with --cache DIR or BENCHHOST_CACHE",
        ),
        (
            "something else",
            "npm failed to fetch @some/two 1.0.0 (exit code 7): something else",
            "`--from FILE|FOLDER|URL`",
        ),
    ];
    for (said, sentence, hint) in cases {
        let shop = Shop::new(&entry("by-npm", NPM));
        shop.program(
            "npm",
            &format!("printf '{}\\n' >&2; exit 7", said.replace('\n', "\\n")),
        );

        let output = shop.run(&["fetch", "by-npm"]);

        assert_eq!(output.code, Some(1), "{output:?}");
        let lines: Vec<&str> = output.stderr.lines().collect();
        assert!(
            lines[1].starts_with("error: cannot fetch `by-npm`: "),
            "{output:?}"
        );
        assert!(lines[1].ends_with(sentence), "{output:?}");
        assert!(
            lines[2].starts_with(&format!(" hint: {hint}")),
            "{output:?}"
        );
        assert!(shop.left().is_empty(), "{:?}", shop.left());
    }
}

#[test]
fn pip_without_network_is_not_taken_for_a_package_that_is_not_there() {
    let shop = Shop::new(&entry("by-pip", PIP));
    shop.program(
        "python3",
        "[ \"$3\" = --version ] && exit 0\n\
         echo 'WARNING: Retrying (Retry(total=1)) after connection broken by NewConnectionError: refused' >&2\n\
         echo 'ERROR: No matching distribution found for two-files==1.0' >&2\nexit 1",
    );

    let output = shop.run(&["fetch", "by-pip"]);

    assert!(
        output
            .stderr
            .contains("pip cannot reach the source of two-files 1.0: "),
        "{output:?}"
    );
}

#[test]
fn apt_without_the_version_is_told_of_update() {
    let shop = Shop::new(&entry("by-apt", APT));
    shop.program(
        "apt-get",
        "echo \"E: Version '0~1-2' for 'two-files' was not found\" >&2; exit 100",
    );

    let output = shop.run(&["fetch", "by-apt"]);

    assert!(
        output.stderr.contains(
            "apt-get finds no two-files 0~1-2: E: Version '0~1-2' for 'two-files' was not found"
        ),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("hint: `apt-get update` (as root) renews"),
        "{output:?}"
    );
}

#[test]
fn what_a_client_says_does_not_drive_the_terminal() {
    let shop = Shop::new(&entry("by-npm", NPM));
    shop.program("npm", "printf '\\033[2J\\033[1mbroken\\007\\n' >&2; exit 7");

    let output = shop.run(&["fetch", "by-npm"]);

    assert!(
        output
            .stderr
            .contains("npm failed to fetch @some/two 1.0.0 (exit code 7): broken\n"),
        "{output:?}"
    );
    assert!(!output.stderr.contains('\u{1b}'), "{output:?}");
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let shop = Shop::new(&[entry("by-pip", PIP), entry("by-npm", NPM)].concat());
    clients(&shop);
    shop.program("python3", "exit 1");
    shop.program("pip", "exit 1");

    let output = shop.run(&["fetch", "by-pip", "by-npm"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("cannot fetch `by-pip`: pip failed"),
        "{output:?}"
    );
    assert!(output.stdout.starts_with("by-npm: fetched"), "{output:?}");
}

#[test]
fn a_package_of_another_content_gets_no_name_and_is_not_kept() {
    let sum = "0".repeat(64);
    let shop = Shop::new(&entry(
        "by-npm",
        &format!("{NPM}\narchive-sha256 = \"{sum}\""),
    ));
    clients(&shop);

    let output = shop.run(&["fetch", "by-npm"]);

    assert_eq!(output.code, Some(1), "{output:?}");
    let sentence = format!(
        "error: cannot fetch `by-npm`: `some-two-1.0.0.tgz` is not what the catalogue says: expected sha256 {sum}, found {}; \
         nothing was kept of it",
        sha256(tar_gz())
    );
    assert!(output.stderr.contains(&sentence), "{output:?}");
    assert!(shop.left().is_empty(), "{:?}", shop.left());
}

#[test]
fn a_file_of_another_content_gets_no_name() {
    let right = entry("by-npm", NPM);
    let (expected, wrong) = (sha256(FILES[1].1), "f".repeat(64));
    let longer = right.replace("bytes = 33", "bytes = 34");
    let shorter = right.replace("bytes = 33", "bytes = 32");
    let elsewhere = right.replace("inner/two", "inner/three");
    let cases = [
        (
            right.replace(&expected, &wrong),
            format!(
                "`two` is not what the catalogue says: expected sha256 {wrong}, found {expected}; nothing"
            ),
        ),
        (
            longer,
            "`two` is not what the catalogue says: expected 34 bytes, found 33; ".to_owned(),
        ),
        (
            shorter,
            "`two` is not what the catalogue says: expected 32 bytes, found more; ".to_owned(),
        ),
        (
            elsewhere,
            "some-two-1.0.0.tgz` has no file `inner/three`".to_owned(),
        ),
    ];
    for (catalogue, sentence) in cases {
        let shop = Shop::new(&catalogue);
        clients(&shop);

        let output = shop.run(&["fetch", "by-npm"]);

        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains(&sentence), "{output:?}");
        assert_eq!(shop.left(), ["by-npm/one"], "{output:?}");
    }
}

#[test]
fn a_package_that_an_interrupted_fetch_brought_is_used() {
    let sum = sha256(tar_gz());
    let shop = Shop::new(&entry(
        "by-npm",
        &format!("{NPM}\narchive-sha256 = \"{sum}\""),
    ));
    clients(&shop);
    shop.sandbox
        .write("cache/.fetch/by-npm/some-two-1.0.0.tgz", tar_gz());

    let output = shop.run(&["fetch", "by-npm"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!shop.path().join("calls").exists());

    // Half of it is of no use.
    fs::remove_dir_all(shop.cached("by-npm")).unwrap();
    shop.sandbox
        .write("cache/.fetch/by-npm/some-two-1.0.0.tgz", &tar_gz()[..50]);
    let output = shop.run(&["fetch", "by-npm"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(shop.path().join("calls").exists());
}
