//! What was written and what was typed to what will happen.

use std::collections::HashMap;

use benchhost_record::{Case, CaseId, ParamValue};

use crate::{
    error::Error,
    expand::{MOST_CASES, expand},
    filter::filter,
    layer::{Placement, layer, typed},
    place::WayOut,
    plan::{Benchmark, Overrides, Plan},
    read::{Source, suite},
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
            way_out: WayOut::list(&known),
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
        cases: points
            .into_iter()
            .map(|point| case(benchmark, point, &placement, seed))
            .collect(),
        tiers: benchmark.tiers.clone(),
        untracked: untracked(benchmark),
        param_lines,
        inherited: inherited.then(|| "dtype".to_owned()).into_iter().collect(),
    })
}

fn case(benchmark: &BenchmarkFile, mut params: Point, placement: &Placement, seed: u64) -> Case {
    let threads = match params.remove("threads") {
        Some(ParamValue::Int(n)) => u32::try_from(n).unwrap_or(u32::MAX),
        _ => placement.threads,
    };
    let device = match params.remove("device") {
        Some(ParamValue::Text(device)) => device,
        _ => placement.device.clone(),
    };
    if let (Some(dtype), false) = (&placement.dtype, params.contains_key("dtype")) {
        params.insert("dtype".to_owned(), ParamValue::Text(dtype.clone()));
    }
    Case {
        id: case_id(
            &benchmark.plugin,
            &benchmark.workload,
            &params,
            &untracked(benchmark),
            (threads, &device),
        ),
        benchmark: benchmark.name.clone(),
        plugin: benchmark.plugin.clone(),
        workload: benchmark.workload.clone(),
        params,
        threads,
        device,
        seed,
    }
}

fn untracked(benchmark: &BenchmarkFile) -> Vec<String> {
    let names = benchmark.untracked.iter();
    names.map(|(name, _)| name.clone()).collect()
}

/// Name of a case without the parameters that are no part of it.
pub(crate) fn case_id(
    plugin: &str,
    workload: &str,
    params: &Point,
    untracked: &[String],
    (threads, device): (u32, &str),
) -> CaseId {
    let mut params = params.clone();
    params.retain(|key, _| !untracked.contains(key));
    CaseId::new(plugin, workload, &params, threads, device)
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
