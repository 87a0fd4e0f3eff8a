//! Real files that were cut, bent or given as something else: a result or an error, never a panic.

use benchhost_exchange::{Format, SourceFile, candidates, detect, import};
use benchhost_stats::SplitMix64;

use crate::fixture::{all, text};

const SEED: u64 = 20_261_121;

/// Imports `text` in each format; nothing may panic, and a failure names the file.
fn try_all(path: &str, text: &str) {
    let files = [SourceFile { path, text }];
    let _ = candidates(&files);
    for format in Format::ALL {
        if let Err(error) = import(format, &files) {
            let sentence = error.to_string();
            assert!(
                sentence.contains(path) || sentence.starts_with("no file of format"),
                "{sentence}"
            );
        }
    }
}

fn boundary(text: &str, at: usize) -> usize {
    (at..).find(|at| text.is_char_boundary(*at)).unwrap()
}

#[test]
fn files_cut_at_any_place_do_not_panic() {
    let mut random = SplitMix64::new(SEED);
    for (path, text) in all() {
        let own = detect(&[SourceFile {
            path: &path,
            text: &text,
        }]);
        for _ in 0..40 {
            let at = boundary(&text, random.index(text.len()));
            let cut = &text[..at];
            let Some(format) = own else { continue };
            let _ = import(
                format,
                &[SourceFile {
                    path: &path,
                    text: cut,
                }],
            );
        }
        for _ in 0..2 {
            try_all(&path, &text[..boundary(&text, random.index(text.len()))]);
        }
    }
}

#[test]
fn folders_with_one_file_cut_do_not_panic() {
    let mut random = SplitMix64::new(SEED + 2);
    let all = all();
    for (folder, format) in [
        ("criterion/", Format::Criterion),
        ("asv-v1/", Format::Asv),
        ("asv-v2/", Format::Asv),
    ] {
        let files: Vec<SourceFile<'_>> = all
            .iter()
            .filter(|(path, _)| path.starts_with(folder))
            .map(|(path, text)| SourceFile { path, text })
            .collect();
        let whole = import(format, &files).unwrap();
        let mut refused = 0;
        for index in 0..files.len() {
            for _ in 0..20 {
                let mut cut = files.clone();
                let text = files[index].text;
                cut[index].text = &text[..boundary(text, random.index(text.len()))];
                match import(format, &cut) {
                    Err(error) => {
                        refused += 1;
                        assert!(error.to_string().starts_with(cut[index].path), "{error}");
                    }
                    // Files that are not looked at, or only white space was cut.
                    Ok(found) => assert_eq!(found.entries.len(), whole.entries.len()),
                }
            }
        }
        assert!(refused > files.len(), "{folder}: {refused}");
    }
}

#[test]
fn files_with_bent_bytes_do_not_panic() {
    let mut random = SplitMix64::new(SEED + 1);
    let spare: Vec<char> = "{}[]\",:0eE-.+x\n\0NaN∞9".chars().collect();
    for (path, text) in all() {
        for _ in 0..6 {
            let mut bent: Vec<char> = text.chars().collect();
            for _ in 0..=random.index(3) {
                let at = random.index(bent.len());
                bent[at] = spare[random.index(spare.len())];
            }
            let bent: String = bent.into_iter().collect();
            let own = detect(&[SourceFile {
                path: &path,
                text: &text,
            }]);
            if let Some(format) = own {
                let _ = import(
                    format,
                    &[SourceFile {
                        path: &path,
                        text: &bent,
                    }],
                );
            }
        }
    }
}

#[test]
fn numbers_swapped_for_other_things_do_not_panic() {
    for path in [
        "pytest-benchmark/storage_0030.json",
        "google-benchmark/plain.json",
        "hyperfine/local_1.15_params_failures.json",
        "asv-v2/bench-host/1865d129-existing-py.json",
        "asv-v1/cheetah/22b920c6-py2.7-Cython-numpy1.8.json",
        "pyperf/track_memory.json",
        "jmh/result.json",
        "custom/smaller.json",
        "github-action-benchmark/data.js",
    ] {
        let text = text(path);
        for other in [
            "null",
            "\"x\"",
            "[]",
            "{}",
            "true",
            "-1",
            "1e999",
            "1e300",
            "NaN",
            "-Infinity",
            "0",
        ] {
            for (at, _) in text.match_indices(": ") {
                let end = text[at + 2..]
                    .find([',', '\n', '}'])
                    .map_or(text.len(), |end| at + 2 + end);
                let bent = format!("{}: {other}{}", &text[..at], &text[end..]);
                let format = detect(&[SourceFile { path, text: &text }]).unwrap();
                let _ = import(format, &[SourceFile { path, text: &bent }]);
            }
        }
    }
}

#[test]
fn texts_that_are_nothing_are_refused_by_every_format() {
    let deep = "[".repeat(200_000);
    let deep_object = "{\"a\":".repeat(100_000);
    let deep_python = format!("{deep}NaN");
    for text in [
        "",
        " \n",
        "\u{feff}",
        "null",
        "{}",
        "[1]",
        "true",
        "\"x\"",
        "\0\0\0\0",
        "PK\u{3}\u{4}",
        "{\"a\":1e999}",
        &deep,
        &deep_object,
        &deep_python,
        "Benchmark",
        "BenchmarkX 1",
        "window.BENCHMARK_DATA = ",
        "series,value\n\"",
    ] {
        for format in Format::ALL {
            let found = import(
                format,
                &[SourceFile {
                    path: "odd.json",
                    text,
                }],
            );
            let is_header_alone = format == Format::Csv && text.starts_with("series");
            let is_empty_history = format == Format::TrackerHistory && text == "{}";
            assert!(
                found.is_err() || is_header_alone || is_empty_history,
                "{format} took {:?}",
                text.chars().take(20).collect::<String>()
            );
        }
        assert_eq!(
            detect(&[SourceFile { path: "odd", text }]).filter(|_| !text.starts_with(['s', 'w'])),
            None
        );
    }
}
