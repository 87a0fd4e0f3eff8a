//! What is wrong with a catalogue, said with file and line.

use super::*;

const SUM: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A right catalogue; line 6 is the client.
fn right() -> String {
    format!(
        r#"[[entry]]
name = "x"
what = "something"
licence = "MIT"
# where from
client = "pip"
package = "x"
version = "1.0"
files = [
    {{ inside = "x/a", file = "a", bytes = 3, sha256 = "{SUM}" }},
]
"#
    )
}

fn fault(text: &str) -> String {
    read("own.toml", text, &[]).unwrap_err().to_string()
}

#[test]
fn a_right_catalogue_is_read_whole() {
    let catalogue = read("own.toml", &right(), &[]).unwrap();

    let entry = &catalogue.entries[0];
    assert_eq!(entry.origin(), "pip x 1.0");
    assert_eq!(entry.files[0].inside.as_deref(), Some("x/a"));
    assert_eq!(entry.bytes(), 3);
}

#[test]
fn every_mistake_has_its_line_and_says_what_is_expected() {
    let name = "expected letters, digits, `-`, `_` or `.`, like \"mnist\", and not \"all\"";
    let below = "expected a path below the entry's folder, like \"model.safetensors\"";
    let long = format!("sha256 = \"{SUM}\"");
    let another = |also: &str| format!("sha256 = \"{SUM}\", also = [{also}]");
    let cases: [(&str, &str, String); 23] = [
        (r#""x""#, r#""""#, format!("2: `name` is \"\", {name}")),
        (r#""x""#, r#""../x""#, format!("2: `name` is \"../x\", {name}")),
        (r#""x""#, r#""all""#, format!("2: `name` is \"all\", {name}")),
        ("something", " ", "3: `what` is empty".into()),
        ("MIT", "", "4: `licence` is empty".into()),
        ("licence = \"MIT\"", "", "1: missing key `licence`".into()),
        (
            "\"pip\"",
            "\"uv\"",
            "6: `client` is \"uv\", expected \"pip\", \"npm\" or \"apt\"".into(),
        ),
        (
            "client = \"pip\"",
            "",
            "7: `x` has a package, but no `client` that brings it".into(),
        ),
        (
            "client = \"pip\"\npackage = \"x\"\nversion = \"1.0\"",
            "",
            "2: `x` has neither `client` nor `from`: where is it found?".into(),
        ),
        (
            "# where from",
            "from = \"a page\"",
            "5: `x` has `client` and `from`; `from` is for what no client brings".into(),
        ),
        (
            "version = \"1.0\"",
            "",
            "6: `x` has a `client`, but no `version`".into(),
        ),
        (
            "package = \"x\"",
            "package = \"--index-url\"",
            "7: `package` is \"--index-url\", which is no package of a package".into(),
        ),
        (
            "\"1.0\"",
            "\"1.0; rm\"",
            "8: `version` is \"1.0; rm\", which is no version of a package".into(),
        ),
        (
            "inside = \"x/a\", ",
            "",
            "10: `a` has no `inside`: where in the package is it?".into(),
        ),
        (
            "\"x/a\"",
            "\"/etc/a\"",
            "10: `inside` is \"/etc/a\", expected a path inside the package, like \"data/model.bin\""
                .into(),
        ),
        ("file = \"a\"", "file = \"../a\"", format!("10: `file` is \"../a\", {below}")),
        ("file = \"a\"", "file = \"./a\"", format!("10: `file` is \"./a\", {below}")),
        (
            &long,
            "sha256 = \"abc\"",
            "10: `sha256` is \"abc\", expected 64 hexadecimal digits".into(),
        ),
        (
            "bytes = 3",
            "bytes = \"3\"",
            "10: invalid type: string \"3\", expected u64".into(),
        ),
        (
            "bytes = 3",
            "byte = 3",
            "10: unknown key `byte`, expected one of `inside`, `file`, `bytes`, `sha256`, `also`".into(),
        ),
        (
            &long,
            &another("{ path = \"../a\" }"),
            "10: `path` is \"../a\", expected a path below a folder of data, like \"models/model.safetensors\"".into(),
        ),
        (
            &long,
            &another("{ path = \"a.gz\", bytes = 3 }"),
            "10: `a.gz` has one of `bytes` and `sha256`, expected both, or none for the content of `a`".into(),
        ),
        (
            &long,
            &another("\"a.gz\""),
            "10: invalid type: string \"a.gz\", expected a table like { path = \"models/x\" }".into(),
        ),
    ];
    for (old, new, sentence) in cases {
        assert!(right().contains(old), "{old}");

        let text = right().replacen(old, new, 1);

        assert_eq!(fault(&text), format!("own.toml:{sentence}"), "{new}");
    }
}

#[test]
fn names_and_files_are_there_once() {
    let twice = format!("{}\n{}", right(), right());
    let line = format!("{{ inside = \"x/b\", file = \"a\", bytes = 3, sha256 = \"{SUM}\" }},\n]");
    let two_files = right().replace("},\n]", &format!("}},\n{line}"));

    assert_eq!(
        fault(&twice),
        "own.toml:14: there is a `x` already, choose another name"
    );
    assert_eq!(fault(&two_files), "own.toml:11: `x` has two files `a`");
    let known = read("own.toml", &right(), &[]).unwrap().entries;
    assert!(read("own.toml", &right(), &known).is_err());
    let none = right();
    let none = &none[..none.find("files").unwrap()];
    assert_eq!(
        fault(&format!("{none}files = []\n")),
        "own.toml:9: `x` has no files"
    );
    assert!(fault("entry = 3").starts_with("own.toml:1: "));
}
