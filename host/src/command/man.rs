//! `benchhost man`: manual pages in the language of `man`, made from the types of `cli`.
//!
//! A page has what `--help` says of its command, the exit codes as a list of their own, and the pages around it; the main
//! page has the environment variables too.

use std::io;

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use super::{Failure, report};
use crate::{
    cli::{Arguments, ManArguments},
    exit, terminal,
};

/// Section of the manual that commands belong to.
const SECTION: &str = "1";

/// What may be set around the program, and what it does.
const ENVIRONMENT: [(&str, &str); 8] = [
    (
        "BENCHHOST_STORE",
        "The history, instead of .benchhost/history.db in the current folder.",
    ),
    (
        "BENCHHOST_PLUGIN_PATH",
        "Folders of plugins that are given by name, separated by colons; they come before all others.",
    ),
    (
        "BENCHHOST_CACHE",
        "The folder that models and sets of data are fetched into.",
    ),
    (
        "BENCHHOST_DATA",
        "Folders of your own that are looked through for data first, separated by colons.",
    ),
    (
        "BENCHHOST_TOKEN",
        "The token that `benchhost serve` asks for, without --token-file.",
    ),
    (
        "BENCHHOST_NVML",
        "The library that GPUs are read with, instead of NVIDIA's in its usual place.",
    ),
    (
        "NO_COLOR, CLICOLOR_FORCE",
        "No colours at all; colours although the output is no terminal.",
    ),
    (
        "COLUMNS",
        "Width of tables where the output is no terminal.",
    ),
];

/// A page and the file it belongs in.
struct Page {
    name: String,
    text: Vec<u8>,
}

/// Prints the main page, or writes one for each command.
///
/// # Errors
/// [`Failure`] when they cannot be printed or written.
pub fn execute(arguments: &ManArguments) -> Result<u8, Failure> {
    let pages = pages().context("cannot make the manual")?;
    let Some(folder) = &arguments.folder else {
        // The program's own page is the first.
        let main = String::from_utf8_lossy(&pages[0].text);
        terminal::show(&main).context("cannot print")?;
        return Ok(exit::FINE);
    };
    for page in &pages {
        let path = folder.join(&page.name);
        report::write(&path, &page.text).map_err(|error| report::unwritable(&path, &error))?;
    }
    terminal::remark(&format!(
        "written: {} pages in {}",
        pages.len(),
        folder.display()
    ));
    Ok(exit::FINE)
}

/// A page for the program and one for each command, the program's first.
fn pages() -> io::Result<Vec<Page>> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let codes = exit_codes(&program).unwrap_or_default();
    let mut pages = Vec::new();
    add(&program, None, &codes, &mut pages)?;
    Ok(pages)
}

/// Adds the page of `command`, found below the command called `above`, and those below it.
fn add(
    command: &Command,
    above: Option<&str>,
    codes: &str,
    pages: &mut Vec<Page>,
) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push(Page {
        name: format!("{name}.{SECTION}"),
        text: page(command, name, above, codes)?,
    });
    for below in command.get_subcommands() {
        add(below, Some(name), codes, pages)?;
    }
    Ok(())
}

fn page(command: &Command, name: &str, above: Option<&str>, codes: &str) -> io::Result<Vec<u8>> {
    let version = env!("CARGO_PKG_VERSION");
    let shown = command.clone().subcommand_help_heading("COMMANDS");
    let man = Man::new(shown)
        .title(name.to_uppercase())
        .section(SECTION)
        .source(format!("benchhost {version}"))
        .manual("benchhost");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    notes(&mut roff, command);
    exit_status(&mut roff, exit_codes(command).as_deref().unwrap_or(codes));
    match above {
        None => environment(&mut roff),
        Some(above) => {
            roff.control("SH", ["SEE ALSO"]);
            roff.text([bold(above), roman(format!("({SECTION})"))]);
        }
    }
    roff.to_writer(&mut text)?;
    Ok(text)
}

/// Paragraphs that stand below the options in `--help`.
fn paragraphs(command: &Command) -> Vec<String> {
    let text = command.get_after_help().map(ToString::to_string);
    let text = text.unwrap_or_default();
    let parts = text.split("\n\n").map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_of_exit_codes(paragraph: &str) -> bool {
    paragraph.starts_with("Exit code")
}

/// What a command says of its exit codes, if it does.
fn exit_codes(command: &Command) -> Option<String> {
    paragraphs(command)
        .into_iter()
        .find(|p| is_of_exit_codes(p))
}

fn notes(roff: &mut Roff, command: &Command) {
    let mut notes = paragraphs(command);
    notes.retain(|paragraph| !is_of_exit_codes(paragraph));
    if notes.is_empty() {
        return;
    }
    roff.control("SH", ["NOTES"]);
    for note in notes {
        roff.control("PP", []);
        roff.text([roman(note)]);
    }
}

/// `Exit codes: 0 fine · 1 a case failed …`, each with a line of its own; any other sentence as it is.
fn exit_status(roff: &mut Roff, codes: &str) {
    roff.control("SH", ["EXIT STATUS"]);
    let Some(codes) = codes.strip_prefix("Exit codes: ") else {
        roff.text([roman(codes)]);
        return;
    };
    for one in codes.split(" · ") {
        let (code, meaning) = one.split_once(' ').unwrap_or((one, ""));
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
}

fn environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(meaning)]);
    }
}
