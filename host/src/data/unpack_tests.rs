//! Small packages of each form, right and wrong.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::data::Checksum;

/// A tar with `members`: name, content.
fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        // By hand, because the crate refuses to write names that leave the folder.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, content.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn deb(data: &str, content: &[u8]) -> Vec<u8> {
    let mut deb = ar::Builder::new(Vec::new());
    for (name, content) in [("debian-binary", &b"2.0\n"[..]), (data, content)] {
        let header = ar::Header::new(name.as_bytes().to_vec(), content.len() as u64);
        deb.append(&header, content).unwrap();
    }
    deb.into_inner().unwrap()
}

/// Unpacks `inside` of `bytes`: the contents that came, in their order.
fn unpacked(bytes: &[u8], inside: &[&str]) -> Result<Vec<String>, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    std::fs::write(&path, bytes).unwrap();
    let wanted: Vec<WantedFile> = inside
        .iter()
        .map(|inside| WantedFile {
            inside: Some((*inside).to_owned()),
            file: "x".to_owned(),
            bytes: 0,
            sha256: Checksum::parse(&"0".repeat(64)).unwrap(),
            also: Vec::new(),
        })
        .collect();
    let mut came = Vec::new();
    let form = form(&path)?.expect("a package");
    let mut take = |_: &WantedFile, from: &mut dyn Read| {
        let mut text = String::new();
        from.read_to_string(&mut text)
            .map_err(|error| DataError::file("read", &path, error))?;
        came.push(text);
        Ok(())
    };
    unpack(&path, form, &wanted.iter().collect::<Vec<_>>(), &mut take)?;
    Ok(came)
}

const MEMBERS: [(&str, &str); 3] = [("./a/1", "one"), ("./a/2", "two"), ("./b", "other")];

/// `data.tar` of [`MEMBERS`] through `xz -9`.
const XZ: &[u8] = include_bytes!("../../../tests/golden/data/members.tar.xz");

/// `a/1` stored, `a/2` deflated, `b`; by zipfile of Python 3.11.
const ZIP: &[u8] = include_bytes!("../../../tests/golden/data/members.zip");

#[test]
fn the_wanted_files_come_out_of_every_form() {
    let packed = tar(&MEMBERS);
    let zst = zstd::encode_all(&packed[..], 1).unwrap();

    for bytes in [
        gz(&packed),
        deb("data.tar", &packed),
        deb("data.tar.gz", &gz(&packed)),
        deb("data.tar.zst", &zst),
        deb("data.tar.xz", XZ),
    ] {
        assert_eq!(unpacked(&bytes, &["a/2", "a/1"]).unwrap(), ["one", "two"]);
    }
}

#[test]
fn a_zip_is_read_stored_and_deflated() {
    let two = "two ".repeat(40);

    assert_eq!(unpacked(ZIP, &["a/2", "a/1"]).unwrap(), ["one", &two]);
    assert!(unpacked(ZIP, &["a/3"]).is_err());
    // The directory of a zip is at its end.
    assert!(unpacked(&ZIP[..ZIP.len() - 9], &["a/1"]).is_err());
    // A name in the directory and in the local header, of the same length.
    let text = String::from_utf8_lossy(ZIP);
    assert_eq!(text.matches("a/1").count(), 2);
    let leaving: Vec<u8> = replaced(ZIP, b"a/1", b"../");
    let error = unpacked(&leaving, &["a/2"]).unwrap_err();
    assert!(matches!(error, DataError::Escapes { .. }), "{error}");
}

/// `bytes` with every `old` replaced by `new`, of the same length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
    }
    bytes
}

#[test]
fn what_is_not_there_is_named() {
    let error = unpacked(&gz(&tar(&MEMBERS)), &["a/1", "a/3"]).unwrap_err();

    assert!(error.to_string().ends_with("has no file `a/3`"), "{error}");
}

#[test]
fn a_package_with_a_path_that_leaves_its_folder_is_refused() {
    for name in ["../../etc/x", "a/../../x", "/etc/x"] {
        let error = unpacked(&gz(&tar(&[(name, "x")])), &["a/1"]).unwrap_err();

        let sentence = format!("refused: it holds `{name}`, a path that leaves its folder");
        assert!(error.to_string().ends_with(&sentence), "{error}");
    }
}

#[test]
fn of_a_package_cut_short_nothing_but_whole_files_comes() {
    let whole = deb("data.tar.gz", &gz(&tar(&MEMBERS)));
    let mut refused = 0;

    for length in 8..whole.len() {
        match unpacked(&whole[..length], &["a/1", "a/2"]) {
            // The end of a tar says nothing about the files before it.
            Ok(came) => assert_eq!(came, ["one", "two"], "{length} of {}", whole.len()),
            Err(_) => refused += 1,
        }
    }

    assert!(refused > whole.len() / 2, "{refused} of {}", whole.len());
}
