//! Files that are no plugin, or no longer one.

use std::path::Path;

use super::{assert_refused, check};
use crate::support::{Elf, Sandbox, bin, plugin};

#[test]
fn what_is_no_shared_library_is_called_by_its_name() {
    let sandbox = Sandbox::new();
    let rows: [(&str, &[u8], &str); 5] = [
        ("empty.so", b"", "an empty file"),
        ("text.so", b"root:x:0:0:root:/root:/bin/sh\n", "a text file"),
        ("script.so", b"#!/bin/sh\n", "a script"),
        ("archive.so", b"!<arch>\n", "a static library"),
        ("binary.so", b"\x00\x01\x02\x03", "a binary file"),
    ];

    for (name, content, found) in rows {
        assert_refused(&sandbox, &sandbox.write(name, content), &[found, name]);
    }
    assert_refused(&sandbox, sandbox.path(), &["a directory"]);
    assert_refused(
        &sandbox,
        &sandbox.path().join("missing.so"),
        &["does not exist"],
    );
    assert_refused(&sandbox, Path::new("/dev/null"), &["a device"]);
    assert_refused(&sandbox, bin(), &["is a program"]);
}

#[test]
fn a_library_that_is_no_plugin_is_told_so() {
    let sandbox = Sandbox::new();
    // A procedural macro is a shared library that every build of the workspace has made.
    let deps = plugin("noop").with_file_name("deps");
    let library = std::fs::read_dir(deps)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("/libserde_derive-"))
        .unwrap();

    assert_refused(
        &sandbox,
        &library,
        &["valid library but not a benchhost plugin"],
    );
}

#[test]
fn a_plugin_for_another_machine_is_refused() {
    let sandbox = Sandbox::new();
    let good = Elf::read(&plugin("noop"));
    let (machine, name) = if cfg!(target_arch = "aarch64") {
        (62, "x86_64")
    } else {
        (183, "aarch64")
    };
    let mut class = good.clone();
    class.bytes[4] = 1;

    let rows = [
        ("machine.so", good.clone().with_machine(machine), name),
        (
            "unknown.so",
            good.clone().with_machine(9999),
            "machine number 9999",
        ),
        ("object.so", good.clone().with_type(1), "an object file"),
        ("core.so", good.clone().with_type(4), "a core dump"),
        ("class.so", class, "32-bit"),
    ];

    for (file, elf, word) in rows {
        assert_refused(&sandbox, &sandbox.write(file, elf.bytes), &[word]);
    }
}

#[test]
fn a_missing_dependency_is_named() {
    let sandbox = Sandbox::new();
    let elf = Elf::read(&plugin("noop")).replace("libgcc_s.so.1", "libgcc_x.so.1");

    let path = sandbox.write("dependency.so", elf.bytes);

    assert_refused(&sandbox, &path, &["needs libgcc_x.so.1", "hint: install"]);
}

#[test]
fn a_truncated_plugin_is_refused_before_it_is_opened() {
    let sandbox = Sandbox::new();
    let elf = Elf::read(&plugin("noop"));
    let (whole, end) = (elf.bytes.len(), elf.segments_end());
    let mut cuts: Vec<usize> = (0..8).map(|eighth| end * eighth / 8).collect();
    cuts.extend([1, 4, 16, 63, 64, 200, 1024, end - 1, end, end + 1]);
    cuts.extend([(end + whole) / 2, whole - 4096, whole - 64, whole - 1]);

    for cut in cuts {
        let path = sandbox.write(&format!("cut-{cut}.so"), &elf.bytes[..cut]);
        let word = if cut < 4 {
            "expected a shared library"
        } else {
            "is cut off"
        };

        assert_refused(&sandbox, &path, &[word]);
    }
}

#[test]
fn flipped_bits_never_take_the_host_down() {
    const SEED: u64 = 20_261_121;
    println!("seed {SEED}");
    let sandbox = Sandbox::new();
    let elf = Elf::read(&plugin("noop"));
    let mut random = SEED;
    let mut outcomes = [0_u32; 2];

    for round in 0..200 {
        let bits = if round % 4 == 0 { 1 } else { 20 };
        let path = sandbox.write("flipped.so", elf.clone().flipped(bits, &mut random).bytes);
        let output = check(&sandbox, &path);

        match output.code {
            Some(0) => outcomes[0] += 1,
            Some(3) if output.stderr.starts_with("error: ") => outcomes[1] += 1,
            _ => panic!("seed {SEED}, round {round}: {output:?}"),
        }
    }

    assert!(
        outcomes.iter().all(|count| *count > 0),
        "usable, refused: {outcomes:?}"
    );
}

#[test]
fn bits_flipped_in_the_headers_never_take_the_host_down() {
    const SEED: u64 = 7;
    println!("seed {SEED}");
    let sandbox = Sandbox::new();
    let elf = Elf::read(&plugin("noop"));
    let mut random = SEED;

    for round in 0..100 {
        // ELF header, program headers, and the tables of symbols and versions that follow them.
        let mut head = Elf {
            bytes: elf.bytes[..2048].to_vec(),
        };
        head = head.flipped(1, &mut random);
        let damaged = [&head.bytes, &elf.bytes[2048..]].concat();
        let output = check(&sandbox, &sandbox.write("flipped.so", damaged));

        assert!(
            matches!(output.code, Some(0 | 3)),
            "seed {SEED}, round {round}: {output:?}"
        );
    }
}
