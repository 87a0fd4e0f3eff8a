//! Runs one comparison with one tool, as its user would, and reads the verdict.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use peers::SLOWDOWN;

use crate::{arguments::Arguments, plan::Trial};

mod read;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `benchhost compare`, with a second a comparison.
    Benchhost,
    /// tango-bench with its default settings: 0.1 s, differences up to 1 % are noise.
    Tango,
    /// tango-bench as its README promises it: 1 s, differences up to 0.5 % are noise.
    TangoSecond,
    /// criterion with its default settings: a run that saves a baseline, a run against it.
    Criterion,
}

impl Tool {
    /// Every tool.
    pub(crate) const ALL: [Self; 4] = [
        Self::Benchhost,
        Self::Tango,
        Self::TangoSecond,
        Self::Criterion,
    ];

    /// How it is called on the command line and in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Benchhost => "benchhost",
            Self::Tango => "tango",
            Self::TangoSecond => "tango-1s",
            Self::Criterion => "criterion",
        }
    }
}

/// What a tool says about the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Faster than the baseline.
    Faster,
    /// Slower than the baseline.
    Slower,
    /// Neither: no change, too small a change, or not known.
    Unchanged,
    /// The tool gave no verdict.
    Failed,
}

impl Verdict {
    /// As it stands in the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// Verdict and estimated change, %.
pub(crate) type Found = (Verdict, f64);

/// One program in two files: the second a copy, as if the same code had been built again.
#[derive(Debug)]
struct Pair {
    base: PathBuf,
    candidate: PathBuf,
}

/// The tools, ready to be run.
#[derive(Debug)]
pub(crate) struct Bench {
    benchhost: PathBuf,
    max_time: String,
    plugin: Pair,
    tango: Pair,
    criterion: Pair,
    folder: PathBuf,
}

impl Bench {
    /// Finds the executables beside this one and makes the copies, in a folder `peers-copies` there.
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let own = env::current_exe().context("finding the executables")?;
        let beside = own.parent().context("finding the executables")?;
        let folder = beside.join("peers-copies");
        fs::create_dir_all(&folder).context("making the folder for copies")?;
        let mut plugin = copied(&arguments.plugin, &folder)?;
        if let Some(base) = &arguments.base_plugin {
            plugin.base.clone_from(base);
        }
        Ok(Self {
            benchhost: arguments.benchhost.clone(),
            max_time: arguments.max_time.clone(),
            plugin,
            tango: copied(&beside.join("tango"), &folder)?,
            criterion: copied(&beside.join("criterion"), &folder)?,
            folder,
        })
    }

    /// Makes the comparison.
    ///
    /// # Errors
    /// The tool could not be run, or what it wrote holds no verdict.
    pub(crate) fn compare(&self, trial: &Trial) -> anyhow::Result<Found> {
        match trial.tool {
            Tool::Benchhost => self.benchhost(trial),
            Tool::Tango => self.tango(trial, &[]),
            Tool::TangoSecond => self.tango(trial, &["--time", "1", "--noise-threshold", "0.5"]),
            Tool::Criterion => self.criterion(trial),
        }
    }

    fn benchhost(&self, trial: &Trial) -> anyhow::Result<Found> {
        let mut command = Command::new(&self.benchhost);
        command
            .arg("compare")
            .args([&self.plugin.base, &self.plugin.candidate]);
        command.args(["--filter", &format!("kernels/{}", trial.kernel)]);
        command.args(["--format", "json", "--max-time", &self.max_time]);
        if trial.slowdown != 0.0 {
            command.args(["--candidate-param", &format!("slowdown={}", trial.slowdown)]);
        }
        read::benchhost(&output(&mut command)?)
    }

    fn tango(&self, trial: &Trial, settings: &[&str]) -> anyhow::Result<Found> {
        let mut command = Command::new(&self.tango.candidate);
        command
            .args(["--color", "never", "compare"])
            .arg(&self.tango.base);
        command.args(["--filter", &trial.kernel]).args(settings);
        command.env(SLOWDOWN, trial.slowdown.to_string());
        read::tango(&output(&mut command)?)
    }

    /// Both runs belong to the comparison. Pictures are left out, in favour of its time.
    fn criterion(&self, trial: &Trial) -> anyhow::Result<Found> {
        let home = self.folder.join("criterion-home");
        let run = |program: &Path, baseline: &str, slowdown: f64| {
            let mut command = Command::new(program);
            command.args(["--bench", "--color", "never", "--noplot", baseline, "base"]);
            command.args(["--exact", &trial.kernel]);
            command
                .env("CRITERION_HOME", &home)
                .env(SLOWDOWN, slowdown.to_string());
            output(&mut command)
        };
        if home.exists() {
            fs::remove_dir_all(&home).context("forgetting the baseline of the last trial")?;
        }
        run(&self.criterion.base, "--save-baseline", 0.0)?;
        read::criterion(&run(
            &self.criterion.candidate,
            "--baseline",
            trial.slowdown,
        )?)
    }
}

/// Copies `program` into `folder`; the copy is the baseline.
fn copied(program: &Path, folder: &Path) -> anyhow::Result<Pair> {
    let tried = || format!("copying {}", program.display());
    let name = program.file_name().with_context(tried)?;
    let base = folder.join(name);
    fs::copy(program, &base).with_context(tried)?;
    let candidate = fs::canonicalize(program).with_context(tried)?;
    Ok(Pair { base, candidate })
}

/// What the program wrote to standard output. Exit codes say "slower" as often as "failed": the text decides.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let tried = format!("running {}", command.get_program().to_string_lossy());
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| tried.clone())?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&done.stderr);
    ensure!(
        !text.trim().is_empty(),
        "{tried}: {}; {}",
        done.status,
        complaint.trim()
    );
    Ok(text)
}
