//! docs/writing-a-plugin.md and docs/plugin-process.md: every command is run and every listing is used.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use crate::support::{Sandbox, Section, as_author, bin, finish, root, sections};

const PAGE: &str = "docs/writing-a-plugin.md";
const PROCESS_PAGE: &str = "docs/plugin-process.md";
const MISTAKES: &str = "What goes wrong, and what is said";

/// Sections that are played, each by a test of its own so that they are played at once.
const PLAYED: [&str; 5] = [
    "Ten minutes",
    "Conveniences",
    "candle",
    "C and C++",
    "Python",
];

fn section(page: &str, title: &str) -> Section {
    let mut all = sections(page).into_iter();
    all.find(|section| section.title == title)
        .unwrap_or_else(|| panic!("{page} has no section `{title}`"))
}

#[test]
fn in_ten_minutes_a_plugin_is_made_changed_swept_judged_and_compared() {
    section(PAGE, PLAYED[0]).play();
}

#[test]
fn every_convenience_is_shown_at_work() {
    section(PAGE, PLAYED[1]).play();
}

#[test]
fn what_is_said_of_candle_is_what_its_template_makes() {
    section(PAGE, PLAYED[2]).play();
}

#[test]
fn a_plugin_in_c_goes_the_same_way() {
    section(PAGE, PLAYED[3]).play();
}

#[test]
fn a_plugin_in_python_goes_the_same_way() {
    section(PAGE, PLAYED[4]).play();
}

#[test]
fn no_block_is_left_out() {
    // The lines of the protocol are tested where they are read: host/src/load/process/wire.rs.
    let of_process = ["The smallest plugin", "The lines", "Another language"];
    for (page, played) in [(PAGE, &PLAYED[..]), (PROCESS_PAGE, &of_process)] {
        for section in sections(page) {
            let is_played = played.contains(&section.title.as_str());
            assert!(is_played || section.blocks.is_empty(), "{}", section.title);
        }
    }
}

#[test]
fn each_mistake_is_answered_with_the_sentence_of_the_page() {
    let sandbox = Sandbox::new();
    let made = sandbox.run(&["new", "mistaken"]);
    assert_eq!(made.code, Some(0), "{made:?}");

    make_mistakes(&section(PAGE, MISTAKES), &sandbox, "mistaken");
}

#[test]
fn a_process_needs_no_helper_and_its_misbehaviour_has_a_sentence() {
    let smallest = section(PROCESS_PAGE, "The smallest plugin");
    smallest.play();
    let sandbox = Sandbox::new();
    for (path, text) in smallest.listings() {
        sandbox.write(&format!("bare/{path}"), text);
    }

    make_mistakes(
        &section(PROCESS_PAGE, "What becomes of misbehaviour"),
        &sandbox,
        "bare",
    );
}

#[test]
fn a_process_can_be_written_in_another_language() {
    section(PROCESS_PAGE, "Another language").play();
}

/// Makes each mistake of the table of `section` in the plugin `folder`. A row: what is done, the file, what stands there,
/// what is written instead, the exit code, what is said.
fn make_mistakes(section: &Section, sandbox: &Sandbox, folder: &str) {
    let code = |cell: &str| cell.trim_matches('`').to_owned();
    let rows = section.table();
    assert!(rows.len() >= 6, "{}", rows.len());
    for row in rows {
        let path = sandbox.path().join(folder).join(code(&row[1]));
        let text = fs::read_to_string(&path).unwrap();
        let (from, to) = (code(&row[2]), code(&row[3]));
        assert!(text.contains(&from), "{} has no `{from}`", path.display());
        fs::write(&path, text.replacen(&from, &to, 1)).unwrap();
        let plugin = format!("./{folder}");
        let mut run = sandbox.command(&["run", "--plugin", &plugin, "--max-time", "20ms"]);

        let output = finish(as_author(&mut run, sandbox.path()));

        assert_eq!(output.code, row[4].parse().ok(), "{row:?}: {output:#?}");
        let said = format!("{}{}", output.stdout, output.stderr);
        for sentence in row[5].split(" … ").map(code) {
            assert!(said.contains(&sentence), "`{sentence}`: {output:#?}");
        }
        fs::write(&path, &text).unwrap();
    }
}

#[test]
fn listings_are_formatted_and_the_page_names_the_compiler_that_it_takes() {
    let sandbox = Sandbox::new();
    let sections = sections(PAGE);
    let listings = sections.iter().flat_map(Section::listings);
    let written: Vec<PathBuf> = listings
        .filter(|(file, _)| file.ends_with(".rs"))
        .map(|(file, text)| sandbox.write(file, text))
        .collect();
    for path in written {
        let mut format = Command::new("rustfmt");
        let config = ["--edition", "2024", "--check"];
        let output = finish(format.args(config).arg(&path));
        assert_eq!(output.code, Some(0), "{}", output.stdout);
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let least = manifest.split("rust-version = \"").nth(1).unwrap();
    let least = least.split('"').next().unwrap();
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    assert!(page.contains(&format!("You need Rust {least} or newer")));
}

#[test]
fn links_lead_somewhere_and_commands_are_commands() {
    let mut commands = BTreeSet::new();
    for line in finish(Command::new(bin()).arg("--help")).stdout.lines() {
        commands.extend(
            line.strip_prefix("  ")
                .and_then(|line| line.split(' ').next())
                .map(str::to_owned),
        );
    }
    for page in [PAGE, PROCESS_PAGE] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let headings: Vec<String> = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(anchor)
            .collect();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = root().join("docs").join(file);
            assert!(target.exists(), "{page}: {link}");
            let is_here = file.is_empty() && heading.is_empty()
                || !file.is_empty()
                || headings.iter().any(|known| known == heading);
            assert!(is_here, "{page}: {link}");
        }
        for typed in text.split("`benchhost ").skip(1) {
            let command: String = typed.chars().take_while(|c| c.is_alphanumeric()).collect();
            assert!(commands.contains(&command), "{page}: benchhost {command}");
        }
    }
}

/// The name of a heading in a link.
fn anchor(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}
