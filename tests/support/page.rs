//! Pages of the documentation that are played: what they say is done, and what they show is looked for.
//!
//! Each `## ` section begins in an empty folder. Its blocks mean, by the words behind the three backticks:
//!
//! | block | is |
//! |---|---|
//! | `sh` | run by bash, in the folder where the last one ended; `exit=4` says how it ends, `exit=0\|4` how it may |
//! | `text` | shown by the commands before: each of its lines is found in what they said, in this order, numbers aside |
//! | `… file=PATH` | written to that file |
//! | `… in=PATH` | a piece of that file, word for word |
//! | `diff file=PATH` | a change of that file: lines with `-` become those with `+` |
//!
//! A command also finds the files of later blocks of its section that do not exist yet. A block of any other kind is a
//! mistake: nothing on a page goes untested.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Sandbox, bin, finish, root, target_dir};

/// A section: its title and everything below it.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
    /// What is no block.
    pub(crate) prose: Vec<String>,
}

/// What stands between three backticks and three backticks.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where it begins in the page.
    line: usize,
    pub(crate) language: String,
    /// `file`, `in`, `exit`.
    words: HashMap<String, String>,
    pub(crate) lines: Vec<String>,
}

/// The sections of the page at `path` below the root of the workspace.
pub(crate) fn sections(path: &str) -> Vec<Section> {
    let page = fs::read_to_string(root().join(path)).unwrap();
    let mut sections = vec![Section::of("")];
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        let section = sections.last_mut().unwrap();
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => section.blocks.push(block),
            (Some(info), None) => open = Some(Block::of(index + 1, info)),
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => match line.strip_prefix("## ") {
                Some(title) => sections.push(Section::of(title)),
                None => section.prose.push(line.to_owned()),
            },
        }
    }
    assert!(open.is_none(), "{path}: a block does not end");
    sections
}

impl Section {
    fn of(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            blocks: Vec::new(),
            prose: Vec::new(),
        }
    }

    /// Does everything that the section says.
    pub(crate) fn play(&self) {
        let sandbox = Sandbox::new();
        let mut player = Player {
            folder: sandbox.path().to_owned(),
            sandbox: &sandbox,
            said: String::new(),
        };
        for (index, block) in self.blocks.iter().enumerate() {
            let at = format!("{}, line {}", self.title, block.line);
            match (block.language.as_str(), block.target()) {
                ("sh", None) => player.run(block, &self.blocks[index + 1..], &at),
                ("text", None) => player.find(block, &at),
                ("diff", Some(("file", path))) => player.change(path, &block.lines, &at),
                (_, Some(("file", path))) => player.write(path, block),
                (_, Some(("in", path))) => player.compare(path, block, &at),
                _ => panic!("{at}: nothing tests this block"),
            }
        }
    }

    /// Paths and texts of its listings.
    pub(crate) fn listings(&self) -> impl Iterator<Item = (&str, String)> {
        self.blocks.iter().filter_map(|block| match block.target() {
            Some(("file", path)) if block.language != "diff" => Some((path, block.text())),
            _ => None,
        })
    }

    /// Cells of the rows of its one table, without those of its head.
    pub(crate) fn table(&self) -> Vec<Vec<String>> {
        let rows = self.prose.iter().filter(|line| line.starts_with('|'));
        rows.skip(2)
            .map(|row| {
                let cells = row.trim_matches('|').split(" | ");
                cells.map(|cell| cell.trim().replace("\\|", "|")).collect()
            })
            .collect()
    }
}

impl Block {
    fn of(line: usize, info: &str) -> Self {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        let words = words
            .map(|word| word.split_once('=').unwrap_or((word, "")))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Self {
            line,
            language,
            words,
            lines: Vec::new(),
        }
    }

    /// `file` or `in`, and the path.
    fn target(&self) -> Option<(&str, &str)> {
        let (word, path) = ["file", "in"]
            .into_iter()
            .find_map(|word| Some((word, self.words.get(word)?)))?;
        Some((word, path.as_str()))
    }

    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Whether a command may end with `code`.
    fn may_end_with(&self, code: Option<i32>) -> bool {
        let codes = self.words.get("exit").map_or("0", String::as_str);
        codes
            .split('|')
            .any(|known| known.parse() == Ok(code.unwrap_or(-1)))
    }
}

struct Player<'a> {
    sandbox: &'a Sandbox,
    /// Where the next command begins.
    folder: PathBuf,
    /// What was said since the last command began and is not found yet.
    said: String,
}

impl Player<'_> {
    fn write(&self, path: &str, block: &Block) {
        let path = self.folder.join(path);
        let text = block.text();
        // A new date would make cargo build again.
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn run(&mut self, block: &Block, later: &[Block], at: &str) {
        for block in later {
            if let (true, Some(("file", path))) = (block.language != "diff", block.target())
                && !self.folder.join(path).exists()
            {
                self.write(path, block);
            }
        }
        share_target(&self.folder);
        let ended_in = self.sandbox.path().join(".ended-in");
        let script = format!(
            "exec 2>&1; trap 'pwd > {}' EXIT\n{}\n",
            ended_in.display(),
            block.lines.join("\n")
        );
        let mut bash = Command::new("bash");
        bash.args(["-eu", "-o", "pipefail", "-c", &script]);
        let output = finish(as_author(&mut bash, self.sandbox.path()).current_dir(&self.folder));
        assert!(block.may_end_with(output.code), "{at}: {output:#?}");
        self.folder = fs::read_to_string(ended_in).unwrap().trim_end().into();
        self.said = output.stdout;
    }

    fn find(&mut self, block: &Block, at: &str) {
        let mut said = self.said.lines();
        let shown: Vec<Vec<&str>> = block.lines.iter().map(|line| words(line)).collect();
        assert!(
            shown.iter().any(|words| !words.is_empty()),
            "{at}: says nothing"
        );
        for (words, line) in shown.iter().zip(&block.lines) {
            let is_found = words.is_empty() || said.any(|said| follows(said, words));
            assert!(is_found, "{at}: `{line}` was not said: {}", self.said);
        }
    }

    fn compare(&self, path: &str, piece: &Block, at: &str) {
        let text = fs::read_to_string(self.folder.join(path)).unwrap();
        let is_in = text.contains(&piece.text());
        assert!(is_in, "{at}: no such piece in {path}:\n{text}");
    }

    fn change(&self, path: &str, change: &[String], at: &str) {
        let side = |other: char| -> String {
            let lines = change.iter().filter(|line| !line.starts_with(other));
            lines.fold(String::new(), |text, line| {
                text + line.get(1..).unwrap_or_default() + "\n"
            })
        };
        let text = fs::read_to_string(self.folder.join(path)).unwrap();
        let before = side('+');
        assert_eq!(text.matches(&before).count(), 1, "{at}: {path}:\n{text}");
        fs::write(self.folder.join(path), text.replace(&before, &side('-'))).unwrap();
    }
}

/// Target directory of all crates of authors; it outlives the test. What they make is told apart by their names.
fn shared_target() -> PathBuf {
    target_dir().join("authors")
}

/// Makes it the one of the crate in `folder`, too, for who looks there and for builds that have a folder of their own in it.
fn share_target(folder: &Path) {
    if folder.join("Cargo.toml").is_file() && !folder.join("target").exists() {
        fs::create_dir_all(shared_target()).unwrap();
        std::os::unix::fs::symlink(shared_target(), folder.join("target")).unwrap();
    }
}

/// The environment of an author: the program on the path, nothing of ours, and a target directory that outlives the test.
pub(crate) fn as_author<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    let path = std::env::var("PATH").unwrap();
    let ours = bin().parent().unwrap().display();
    for name in ["PLUGIN_PATH", "STORE", "CACHE", "TOKEN"] {
        command.env_remove(format!("BENCHHOST_{name}"));
    }
    for (key, value) in [("AUTHOR", "A. Author"), ("COMMITTER", "A. Author")] {
        command.env(format!("GIT_{key}_NAME"), value);
        command.env(format!("GIT_{key}_EMAIL"), "author@example.org");
    }
    command
        .env("PATH", format!("{ours}:{path}"))
        .env("TMPDIR", home)
        .env("XDG_CACHE_HOME", home.join(".cache"))
        .env("CARGO_TARGET_DIR", shared_target())
        .env("BENCHHOST", bin())
}

/// Whether `words` occur in `line` in this order.
fn follows(line: &str, words: &[&str]) -> bool {
    let mut said = line.split_whitespace();
    words
        .iter()
        .all(|word| said.any(|said| said.trim_end_matches(',') == *word))
}

/// Words of `line` that are the same wherever it is said: settings, and what has letters and no digit. A unit behind a
/// number goes with it.
fn words(line: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut after_number = false;
    for word in line.split_whitespace() {
        // The last of a list, here or there.
        let word = word.trim_end_matches(',');
        let has_digit = word.contains(|c: char| c.is_ascii_digit());
        let is_unit = after_number && (is_time(word) || word.contains('/') || word.ends_with("iB"));
        let has_letter = word.contains(char::is_alphabetic);
        if word.contains('=') || (has_letter && !has_digit && !is_unit) {
            kept.push(word);
        }
        after_number = has_digit;
    }
    kept
}

fn is_time(word: &str) -> bool {
    ["ns", "µs", "ms", "s"].contains(&word)
}

#[test]
fn what_differs_from_machine_to_machine_is_not_compared() {
    let row = "  length=1024 method=plain   465.3 ns  5.2 %  2.201 Gvalues/s  4.4 GFLOP/s";

    assert_eq!(words(row), ["length=1024", "method=plain"]);
    assert_eq!(
        words("1 case: 1 ok · 0.1 s · run 2026-x"),
        ["case:", "ok", "run"]
    );
    assert!(follows(
        "dot  time  1 ns  p95  flops",
        &["dot", "time", "flops"]
    ));
    assert!(!follows("dot  flops  time", &["time", "flops"]));
}
