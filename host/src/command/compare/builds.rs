//! Two builds of a plugin: found or built, matched, compared.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use benchhost_plan::{Offer, Overrides, Plan};
use benchhost_record::{ComparedSide, Comparisons, Method};

use crate::{
    cli::CompareArguments,
    command::{
        Failure,
        params::params,
        prepare::{check_pins, known_workload, plan_failure, read_plan, suite_folder},
    },
    compare::{self, Contest, Sides, Terms},
    load::{self, LoadError, Located, Plugin, Reference, RevisionRange, SearchPath},
    probe::{self, machine::MachineCounters, process::CpuUse},
    progress::Progress,
    run::{PluginState, Probes, Setting, held_to, machine_flags},
    terminal, worker,
};

/// Compares two builds.
pub(super) fn compare(
    arguments: &CompareArguments,
    terms: &Terms,
    interrupted: &AtomicBool,
) -> Result<Comparisons, Failure> {
    if arguments.across_machines {
        return Err(Failure::usage(
            "--across-machines has no meaning for builds: both are measured on this machine",
        ));
    }
    let copies = tempfile::Builder::new()
        .prefix("benchhost-")
        .tempdir()
        .map_err(|error| Failure::usage(format!("cannot make a folder, see TMPDIR: {error}")))?;
    let names = names(arguments)?;
    let mut located = Vec::new();
    for name in &names {
        located.push(name.locate(copies.path()));
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure::usage("interrupted"));
        }
    }
    let mut records = Vec::new();
    let mut states: Vec<PluginState> = Vec::new();
    let mut first_failure = None;
    for (name, located) in names.iter().zip(located) {
        let loaded =
            located.and_then(|located| load::inspect(&located.path, Path::new("/proc/self/exe")));
        records.push(side(name, &loaded));
        states.push(loaded.map_err(|error| {
            let failure = Failure::plugin(&error);
            terminal::complain(&failure);
            let sentence = error.to_string();
            first_failure.get_or_insert(failure);
            sentence
        }));
    }
    let (Ok([baseline, candidate]), Ok(states)) = (
        <[ComparedSide; 2]>::try_from(records),
        <[PluginState; 2]>::try_from(states),
    ) else {
        return Err(Failure::usage("a comparison has two sides"));
    };
    let (plan, folder) = plan(arguments, &states)?.ok_or_else(|| {
        let mut failure = first_failure.unwrap_or_else(|| Failure::usage("no side"));
        failure.message = "neither side can be loaded, there is nothing to compare".to_owned();
        failure.hints = Vec::new();
        failure
    })?;
    let sides = Sides {
        plugins: states.each_ref(),
        params: params("--param", &arguments.param)?,
        own_params: [
            params("--base-param", &arguments.base_param)?,
            params("--candidate-param", &arguments.candidate_param)?,
        ],
        allow_other_parameters: arguments.allow_other_parameters,
    };
    let mut matched = compare::matched(&plan, &sides, terms, known_workload);
    if let Some(mistake) = matched.mistakes.first() {
        return Err(Failure::usage(mistake.clone()));
    }
    let no_plugins = BTreeMap::new();
    let setting = Setting {
        exe: PathBuf::from("/proc/self/exe"),
        folder,
        plugins: &no_plugins,
        own_children: worker::adopt_orphans(),
        interrupted,
        probes: Probes::unheard().into(),
        roofs: None,
    };
    let mut progress = Progress::new(matched.contests.len(), arguments.quiet);
    let cpus = cpus(&matched.contests);
    let (machine, own) = (MachineCounters::now(&cpus), CpuUse::of(std::process::id()));
    let mut comparisons = compare::execute(&mut matched.contests, terms, &setting, &mut progress);
    progress.finish();
    for remark in setting.probes().take_remarks() {
        terminal::remark(&remark);
    }
    let own = own
        .zip(CpuUse::of(std::process::id()))
        .map(|(before, after)| after.since(&before));
    let noise = MachineCounters::now(&cpus).since(&machine, own);
    let flags = machine_flags(&noise, &cpus);
    for comparison in &mut comparisons {
        comparison.flags.extend(flags.iter().cloned());
    }
    Ok(Comparisons {
        method: Method::PairedRounds,
        baseline,
        candidate,
        level: terms.level,
        tolerance: terms.tolerance,
        margin: terms.margin,
        seed: terms.seed,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: probe::environment::environment(),
        interrupted: interrupted.load(Ordering::Relaxed),
        comparisons,
    })
}

/// The CPUs that the workers are held to.
fn cpus(contests: &[Contest<'_>]) -> Vec<u32> {
    let sides = contests.iter().filter_map(Contest::baseline);
    let mut cpus: Vec<u32> = sides
        .flat_map(|side| held_to(&side.settings.pin, side.case.threads))
        .collect();
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

/// How a side was named.
enum Named {
    /// A file, a crate directory, or a name.
    Build(String),
    /// A revision of the crate in a directory.
    Revision(PathBuf, String),
}

fn names(arguments: &CompareArguments) -> Result<[Named; 2], Failure> {
    if let (Some(range), Some(dir)) = (&arguments.rev, &arguments.plugin) {
        let range =
            RevisionRange::parse(range).map_err(|why| Failure::usage(format!("--rev: {why}")))?;
        // A build takes minutes; a slip in the second revision is told before the first one's.
        for revision in [Some(&range.base), range.candidate.as_ref()]
            .into_iter()
            .flatten()
        {
            load::check_revision(dir, revision).map_err(|error| Failure::plugin(&error))?;
        }
        let candidate = match range.candidate {
            Some(revision) => Named::Revision(dir.clone(), revision),
            None => Named::Build(path_text(dir)),
        };
        return Ok([Named::Revision(dir.clone(), range.base), candidate]);
    }
    let typed = |side: &Option<PathBuf>| side.as_ref().map(|path| path.display().to_string());
    match (typed(&arguments.baseline), typed(&arguments.candidate)) {
        (Some(baseline), Some(candidate)) => Ok([Named::Build(baseline), Named::Build(candidate)]),
        _ => Err(Failure::usage(
            "a comparison has two sides, like `benchhost compare old.so new.so`",
        )),
    }
}

/// The directory so that it is taken for a path, never for a name to look up.
fn path_text(dir: &Path) -> String {
    Path::new(".").join(dir).display().to_string()
}

impl Named {
    fn text(&self) -> String {
        match self {
            Self::Build(text) => text.clone(),
            Self::Revision(dir, revision) => format!("{} at {revision}", dir.display()),
        }
    }

    /// Finds or builds the library. What was built is copied to `copies`, because the other side may be built to the
    /// same place.
    fn locate(&self, copies: &Path) -> Result<Located, LoadError> {
        let mut progress = |message: &str| terminal::remark(message);
        match self {
            Self::Revision(dir, revision) => load::build_revision(dir, revision, &mut progress),
            Self::Build(text) => {
                let reference = Reference::parse(text, Path::new(""));
                let mut located =
                    load::locate_to_compare(&reference, &SearchPath::from_env(), &mut progress)?;
                // A process is its folder, of which no copy is made.
                if located.built.is_some() && located.is_library() {
                    let (copy, _) = load::snapshot(&located.path, copies).map_err(|error| {
                        LoadError::Unreadable {
                            path: located.path.clone(),
                            reason: format!("cannot be copied: {error}"),
                        }
                    })?;
                    located.path = copy;
                }
                Ok(located)
            }
        }
    }
}

fn side(name: &Named, loaded: &Result<Plugin, LoadError>) -> ComparedSide {
    let name = name.text();
    match loaded {
        Ok(plugin) => ComparedSide {
            name,
            path: plugin.path.display().to_string(),
            sha256: plugin.identity.sha256.clone(),
            version: plugin.meta.version.clone(),
            failure: None,
        },
        Err(error) => ComparedSide {
            name,
            failure: Some(error.to_string()),
            ..ComparedSide::default()
        },
    }
}

/// The cases, and the folder that relative paths in their parameters start from. `None` when no side can be loaded.
fn plan(
    arguments: &CompareArguments,
    states: &[PluginState; 2],
) -> Result<Option<(Plan, PathBuf)>, Failure> {
    let mut loaded = states.iter().filter_map(|state| state.as_ref().ok());
    let Some(name) = loaded.clone().next().map(|plugin| plugin.meta.name.clone()) else {
        return Ok(None);
    };
    let overrides = Overrides {
        filter: arguments.filter.clone(),
        ..Overrides::default()
    };
    if let Some(path) = &arguments.suite {
        let (mut plan, _) = read_plan(path, &overrides)?;
        check_pins(&plan)?;
        let used: Vec<String> = plan
            .plugins
            .iter()
            .map(|source| source.name.clone())
            .collect();
        let of_suite = if used.len() == 1 {
            used[0].clone()
        } else {
            name
        };
        plan.benchmarks
            .retain(|benchmark| benchmark.plugin == of_suite);
        if plan.benchmarks.is_empty() {
            return Err(Failure::usage(format!(
                "{}: no benchmark is of the plugin `{of_suite}`; the suite has {}",
                path.display(),
                used.join(", ")
            )));
        }
        return Ok(Some((plan, suite_folder(path))));
    }
    let mut workloads: Vec<String> = Vec::new();
    for workload in loaded.by_ref().flat_map(|plugin| &plugin.meta.workloads) {
        if !workloads.contains(&workload.name) {
            workloads.push(workload.name.clone());
        }
    }
    let offer = Offer {
        plugin: name,
        reference: String::new(),
        workloads,
    };
    let plan = benchhost_plan::adhoc(&[offer], &overrides).map_err(plan_failure)?;
    Ok(Some((plan, PathBuf::from("."))))
}
