//! What a wrong file is told.

use benchhost_exchange::{CsvEntries, Format, SourceFile, import};

use crate::fixture::{import_text, text};

fn sentence(format: Format, path: &str, text: &str) -> String {
    import_text(format, path, text).unwrap_err().to_string()
}

#[test]
fn each_broken_file_is_told_what_is_wrong_where() {
    use Format as F;
    for (format, path, text, expected) in [
        (
            F::Hyperfine,
            "h.json",
            "",
            "h.json: empty, expected a file of format `hyperfine`; run the tool again",
        ),
        (
            F::Hyperfine,
            "h.json",
            "{\n\"results\": [",
            "h.json:2:12: not JSON: EOF while parsing a list; make the file again with its tool",
        ),
        (
            F::Hyperfine,
            "h.json",
            "{\"results\": [{\"command\": \"a\", \"median\": \"1\"}]}",
            "h.json: `results[0].median` is the text \"1\", expected a finite number",
        ),
        (
            F::Hyperfine,
            "h.json",
            "{\"results\": [{}]}",
            "h.json: `results[0].command` is missing; a file of format `hyperfine` has it",
        ),
        (
            F::Hyperfine,
            "h.json",
            "{\"results\": [{\"command\": \"a\", \"median\": 1e999}]}",
            "h.json:1:45: not JSON: number out of range; make the file again with its tool",
        ),
        (
            F::Hyperfine,
            "h.json",
            "a\nb\u{0}c",
            "h.json:2: byte 0x00 found, expected text in UTF-8; is it compressed?",
        ),
        (
            F::Pyperf,
            "p.json",
            "{\"benchmarks\": [], \"version\": \"2.0\"}",
            "p.json: `version` is the text \"2.0\", known are 1.0; update benchhost or export with an older tool",
        ),
        (
            F::Asv,
            "m/r.json",
            "{\"version\": 3, \"results\": {}, \"commit_hash\": \"a\"}",
            "m/r.json: `version` is 3, known are 1 and 2; update benchhost or export with an older tool",
        ),
        (
            F::Csv,
            "a.csv",
            "series,time\na,1\n",
            "a.csv:1: column \"value\" is missing; expected a header like `series,time,value[,metric][,unit][,direction]`",
        ),
        (
            F::Csv,
            "a.csv",
            "series,value,Value\n",
            "a.csv:1: column \"Value\" stands there twice; expected a header like \
             `series,time,value[,metric][,unit][,direction]`",
        ),
        (
            F::Csv,
            "a.csv",
            "series,value\na,1\na\n",
            "a.csv:3: 1 fields, expected 2 as in the header",
        ),
        (
            F::Csv,
            "a.csv",
            "series,value\na,fast\n",
            "a.csv:2: value is \"fast\", expected a finite number",
        ),
        (
            F::Csv,
            "a.csv",
            "series,value\na,1e999\n",
            "a.csv:2: value is \"1e999\", expected a finite number",
        ),
        (
            F::Csv,
            "a.csv",
            "series,value,direction\na,1,sideways\n",
            "a.csv:2: direction is \"sideways\", expected lower, higher or neither",
        ),
        (
            F::Go,
            "go.txt",
            "BenchmarkX-8 100 12 ns/op 7\n",
            "go.txt:1: unit is \"\", expected a unit after each value",
        ),
        (
            F::Go,
            "go.txt",
            "PASS\n",
            "go.txt: `BenchmarkName-8  1000  123 ns/op` is missing; a file of format `go` has it",
        ),
        (
            F::Benchhost,
            "h.jsonl",
            "{\"benchhost\":\"history\",\"schema\":7}\n",
            "h.jsonl: `schema` is 7, known are 1; update benchhost or export with an older tool",
        ),
        (
            F::Benchhost,
            "h.jsonl",
            "{\"benchhost\":\"history\",\"schema\":1}\n{\"case\":\"a\"}\n",
            "h.jsonl:2:12: not JSON: missing field `metric`; make the file again with its tool",
        ),
        (
            F::BaselineResults,
            "b.json",
            "{\"a\": {\"b\": {\"accuracy\": 1, \"tolerance\": -1}}}",
            "b.json: `a.b.tolerance` is -1, expected a tolerance of 0 or more",
        ),
        (
            F::TrackerHistory,
            "t.json",
            "{\"m:k\": [{\"name\": \"k\", \"unit\": \"ms\", \"value\": true}]}",
            "t.json: `m:k[0].value` is true, expected a number",
        ),
    ] {
        assert_eq!(sentence(format, path, text), expected);
    }
}

#[test]
fn the_wrong_format_is_told_the_right_one() {
    let text = text("hyperfine/local_1.15.json");

    let error = import_text(Format::Pyperf, "h.json", &text).unwrap_err();

    assert_eq!(
        error.to_string(),
        "h.json: not of format `pyperf`, it looks like `hyperfine`; import it as that"
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        cause,
        "h.json: `benchmarks` is missing; a file of format `pyperf` has it"
    );
}

#[test]
fn folders_without_their_files_say_what_belongs_there() {
    let file = [SourceFile {
        path: "target/criterion/a/new/tukey.json",
        text: "[]",
    }];

    let error = import(Format::Criterion, &file).unwrap_err();

    assert_eq!(
        error.to_string(),
        "no file of format `criterion` among 1: expected NAME/new/benchmark.json with estimates.json beside it"
    );
    assert!(
        import(Format::Csv, &[])
            .unwrap_err()
            .to_string()
            .contains("at least one file")
    );
}

#[test]
fn bytes_that_are_no_text_are_refused_in_a_stream() {
    let mut entries = CsvEntries::new("a.csv", &b"series,value\na,1\n\xff\xfe,2\n"[..]).unwrap();

    assert!(entries.next().unwrap().is_ok());
    let error = entries.next().unwrap().unwrap_err().to_string();
    assert_eq!(
        error,
        "a.csv:3: byte 0xff found, expected text in UTF-8; is it compressed?"
    );
    assert!(entries.next().is_none());
}

#[test]
fn format_names_read_back() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>(), Ok(format));
    }
    assert!(
        "asvv"
            .parse::<Format>()
            .unwrap_err()
            .contains("asv, pyperf")
    );
}
