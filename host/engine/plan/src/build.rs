//! What was written and what was typed to what will happen.

use std::collections::HashMap;

use benchhost_record::{Case, CaseId, Instances, ParamValue};

use crate::{
    against,
    error::Error,
    expand::{MOST_CASES, expand},
    filter::filter,
    layer::{Placement, layer, typed},
    names,
    place::WayOut,
    plan::{Benchmark, Overrides, Plan},
    read::{self, Source, suite},
    search::{self, Search},
    sources::{plugins, used},
    written::{BenchmarkFile, PlanFile, Point, SettingsFile},
};

/// Makes a plan of the text of a suite.
///
/// `file`: how errors and the plan call the text. Reads nothing but its arguments.
///
/// # Errors
/// The first thing that is wrong, with file and line. Nothing is repaired or left out in silence.
///
/// ```
/// use benchhost_plan::{Overrides, parse};
///
/// let suite = r#"
///     name = "tiny"
///     [plugins]
///     noop = "../plugins/noop"
///     [[benchmark]]
///     name = "empty"
///     plugin = "noop"
///     workload = "empty"
///     axes = { threads = [1, 2] }
/// "#;
///
/// let plan = parse(suite, "configs/tiny.toml", &Overrides::default())?;
/// assert_eq!(plan.benchmarks[0].cases[1].id.as_str(), "noop/empty?threads=2");
///
/// let error = parse("nmae = 1", "configs/tiny.toml", &Overrides::default()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "configs/tiny.toml:1: unknown key `nmae` in the suite (did you mean `name`?)"
/// );
/// # Ok::<(), benchhost_plan::Error>(())
/// ```
pub fn parse(text: &str, file: &str, overrides: &Overrides) -> Result<Plan, Error> {
    let source = Source::new(file, text);
    build(suite(&source)?, &source, overrides)
}

fn build(written: PlanFile, source: &Source<'_>, overrides: &Overrides) -> Result<Plan, Error> {
    if written.benchmarks.is_empty() {
        return Err(Error::NoBenchmarks { at: source.whole() });
    }
    unique_names(&written.benchmarks, source)?;
    let plugins = plugins(&written, source, overrides)?;
    let chosen = chosen(&written, source, overrides)?;
    let seed = overrides
        .seed
        .or(written.seed)
        .unwrap_or(crate::defaults::SEED);
    let tier = overrides
        .tier
        .as_ref()
        .and_then(|tier| written.tiers.get(tier));
    let mut benchmarks = Vec::new();
    let mut count = 0;
    for benchmark in chosen {
        let planned = planned(benchmark, &written.defaults, tier, source, overrides, seed)?;
        count += planned.cases.len();
        if count > MOST_CASES {
            return Err(too_many(&planned, count, source));
        }
        benchmarks.push(planned);
    }
    unique_cases(&benchmarks, source)?;
    against::check(&written.benchmarks, &benchmarks, source)?;
    let benchmarks = filter(benchmarks, &overrides.filter, source.whole())?;
    Ok(Plan {
        file: source.file.to_owned(),
        name: written.name,
        question: written.question,
        tier: overrides.tier.clone(),
        seed,
        plugins: used(plugins, &benchmarks),
        benchmarks,
        gates: written.gates,
    })
}

fn too_many(benchmark: &Benchmark, found: usize, source: &Source<'_>) -> Error {
    Error::TooManyCases {
        at: source.at(benchmark.line),
        benchmark: benchmark.name.clone(),
        found: found as u128,
        most: MOST_CASES,
    }
}

/// The benchmarks of the tier that was asked for, or all.
fn chosen<'a>(
    written: &'a PlanFile,
    source: &Source<'_>,
    overrides: &Overrides,
) -> Result<Vec<&'a BenchmarkFile>, Error> {
    let Some(tier) = &overrides.tier else {
        return Ok(written.benchmarks.iter().collect());
    };
    let named = written.benchmarks.iter().flat_map(|b| &b.tiers);
    let mut known: Vec<&str> = written
        .tiers
        .keys()
        .chain(named)
        .map(String::as_str)
        .collect();
    known.sort_unstable();
    known.dedup();
    if !known.contains(&tier.as_str()) {
        return Err(Error::UnknownTier {
            at: source.whole(),
            tier: tier.clone(),
            way_out: WayOut::of(tier, &known),
        });
    }
    let belongs = |b: &&BenchmarkFile| b.tiers.is_empty() || b.tiers.contains(tier);
    let chosen: Vec<_> = written.benchmarks.iter().filter(belongs).collect();
    if chosen.is_empty() {
        return Err(Error::EmptyTier {
            at: source.whole(),
            tier: tier.clone(),
        });
    }
    Ok(chosen)
}

fn planned(
    benchmark: &BenchmarkFile,
    suite: &SettingsFile,
    tier: Option<&SettingsFile>,
    source: &Source<'_>,
    overrides: &Overrides,
    seed: u64,
) -> Result<Benchmark, Error> {
    let command_line = typed(overrides);
    let mut layers = vec![suite, &benchmark.settings];
    layers.extend(tier);
    layers.push(&command_line);
    let (settings, placement) = layer(&layers);
    let points = expand(benchmark, &|line| source.at(line))?;
    let mut param_lines = benchmark.sweep.lines.clone();
    if let Some(search) = &benchmark.search {
        param_lines.insert(search.key.clone(), search.line);
    }
    if let Some(line) = layers.iter().rev().find_map(|layer| layer.dtype_line) {
        param_lines.entry("dtype".to_owned()).or_insert(line);
    }
    let own_dtype =
        benchmark.settings.dtype.is_some() || benchmark.sweep.lines.contains_key("dtype");
    let inherited = placement.dtype.is_some() && !own_dtype;
    Ok(Benchmark {
        name: benchmark.name.clone(),
        plugin: benchmark.plugin.clone(),
        workload: benchmark.workload.clone(),
        line: benchmark.line,
        settings,
        targets: benchmark.targets.clone(),
        grows: benchmark.grows.as_ref().map(|(param, _)| param.clone()),
        against: benchmark.against.clone(),
        search: benchmark.search.clone(),
        cases: points
            .into_iter()
            .map(|point| case(benchmark, point, &placement, seed))
            .collect::<Result<_, _>>()
            .map_err(|trouble| trouble.at(benchmark, source))?,
        tiers: benchmark.tiers.clone(),
        untracked: untracked(benchmark),
        param_lines,
        inherited: inherited.then(|| "dtype".to_owned()).into_iter().collect(),
    })
}

fn case(
    benchmark: &BenchmarkFile,
    mut params: Point,
    placement: &Placement,
    seed: u64,
) -> Result<Case, Trouble> {
    let mut number = |key: &str| match params.remove(key) {
        Some(ParamValue::Int(n)) => Some(u32::try_from(n).unwrap_or(u32::MAX)),
        _ => None,
    };
    let threads = number("threads").unwrap_or(placement.threads);
    let count = number("instances").or(placement.instances);
    let mode = match params.remove("instances-mode") {
        Some(ParamValue::Text(word)) => read::INSTANCES_MODES
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, mode)| *mode),
        _ => placement.instances_mode,
    };
    let offered_load = match params.remove("offered-load") {
        Some(ParamValue::Float(load)) => Some(load),
        _ => placement.offered_load,
    };
    let device = match params.remove("device") {
        Some(ParamValue::Text(device)) => device,
        _ => placement.device.clone(),
    };
    if let (Some(dtype), false) = (&placement.dtype, params.contains_key("dtype")) {
        params.insert("dtype".to_owned(), ParamValue::Text(dtype.clone()));
    }
    if let Some(search) = &benchmark.search {
        params.insert(
            search.key.clone(),
            ParamValue::Text(search::LARGEST.to_owned()),
        );
    }
    let instances = count.map(|count| Instances {
        count,
        mode: mode.unwrap_or_default(),
    });
    let mut case = Case {
        id: CaseId::from(String::new()),
        benchmark: benchmark.name.clone(),
        plugin: benchmark.plugin.clone(),
        workload: benchmark.workload.clone(),
        params,
        threads,
        device,
        instances,
        offered_load,
        seed,
    };
    let is_loaded = |search: &Search| search.key == "offered-load";
    let has_load = offered_load.is_some() || benchmark.search.as_ref().is_some_and(is_loaded);
    if has_load && case.instance_count() > 1 {
        return Err(Trouble::LoadOnInstances);
    }
    if let Some((grows, line)) = &benchmark.grows {
        let factor = i64::from(case.all_threads());
        match case.params.get_mut(grows) {
            Some(ParamValue::Int(base)) => *base = base.saturating_mul(factor),
            _ => return Err(Trouble::NothingGrows(grows.clone(), *line)),
        }
    }
    case.id = case_id(&case, &untracked(benchmark));
    Ok(case)
}

/// Why a point cannot be a case.
enum Trouble {
    /// One queue has one server.
    LoadOnInstances,
    /// The parameter that is to grow has no number to start from.
    NothingGrows(String, usize),
}

impl Trouble {
    fn at(self, benchmark: &BenchmarkFile, source: &Source<'_>) -> Error {
        match self {
            Self::LoadOnInstances => Error::Unexpected {
                at: source.at(benchmark.line),
                key: "offered-load".to_owned(),
                found: "set together with several `instances`".to_owned(),
                expected: "one of the two: arrivals queue for a single instance".to_owned(),
            },
            Self::NothingGrows(param, line) => Error::Unexpected {
                at: source.at(line),
                key: "scale.weak".to_owned(),
                found: format!("`{param}`"),
                expected: format!(
                    "a parameter that `params` or `axes` sets to whole numbers{}",
                    grown(benchmark, &param)
                ),
            },
        }
    }
}

/// The parameter that was probably meant to grow.
fn grown(benchmark: &BenchmarkFile, param: &str) -> String {
    let known: Vec<&String> = benchmark.sweep.lines.keys().collect();
    names::suggestion(param, &known, |name| format!("`{name}`"))
}

fn untracked(benchmark: &BenchmarkFile) -> Vec<String> {
    let names = benchmark.untracked.iter();
    names.map(|(name, _)| name.clone()).collect()
}

/// Name of a case without the parameters that are no part of it.
#[must_use]
pub fn case_id(case: &Case, untracked: &[String]) -> CaseId {
    let mut params = case.params.clone();
    params.retain(|key, _| !untracked.contains(key));
    if let Some(instances) = case.instances {
        let mode = instances.mode.word().to_owned();
        params.insert(
            "instances".to_owned(),
            ParamValue::Int(instances.count.into()),
        );
        params.insert("instances-mode".to_owned(), ParamValue::Text(mode));
    }
    if let Some(load) = case.offered_load {
        params.insert("offered-load".to_owned(), ParamValue::Float(load));
    }
    CaseId::new(
        &case.plugin,
        &case.workload,
        &params,
        case.threads,
        &case.device,
    )
}

fn unique_names(benchmarks: &[BenchmarkFile], source: &Source<'_>) -> Result<(), Error> {
    let mut lines = HashMap::new();
    for benchmark in benchmarks {
        if let Some(first) = lines.insert(&benchmark.name, benchmark.line) {
            return Err(Error::DuplicateBenchmark {
                at: source.at(benchmark.line),
                name: benchmark.name.clone(),
                first,
            });
        }
    }
    Ok(())
}

fn unique_cases(benchmarks: &[Benchmark], source: &Source<'_>) -> Result<(), Error> {
    let mut owners: HashMap<&CaseId, &Benchmark> = HashMap::new();
    for benchmark in benchmarks {
        for case in &benchmark.cases {
            if let Some(first) = owners.insert(&case.id, benchmark) {
                return Err(Error::DuplicateCase {
                    at: source.at(benchmark.line),
                    case: case.id.to_string(),
                    benchmark: benchmark.name.clone(),
                    first: first.name.clone(),
                    first_line: first.line,
                });
            }
        }
    }
    Ok(())
}
