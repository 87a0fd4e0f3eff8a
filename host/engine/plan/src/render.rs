//! A plan as TOML for people: everything that will happen, every default visible (`run --dry-run`).

use std::fmt::Write as _;

use benchhost_record::ParamValue;

use crate::{
    against,
    plan::{Benchmark, Plan},
    quantity::{format_duration, format_percentage, format_size},
    read::{MEMORY_BYS, MODES, SEED_POLICIES, quoted},
    search::{Search, Statistic},
    settings::{EnergySpec, IterationsPerSample, Limits, Pin, Settings, WarmUp},
};

/// Shows a plan: valid TOML with the keys of a suite, except that the axes have become `cases`, a list of ids, and
/// that every benchmark repeats the settings that hold for it.
#[must_use]
pub fn render(plan: &Plan) -> String {
    let mut text = format!(
        "# {}: {} cases in {} benchmarks\n",
        plan.file,
        plan.case_count(),
        plan.benchmarks.len()
    );
    line(&mut text, "name", &quoted(&plan.name));
    if let Some(question) = &plan.question {
        line(&mut text, "description", &quoted(question));
    }
    if let Some(tier) = &plan.tier {
        line(&mut text, "tier", &quoted(tier));
    }
    line(&mut text, "seed", &plan.seed.to_string());
    text.push_str("\n[plugins]\n");
    for plugin in &plan.plugins {
        line(&mut text, &key(&plugin.name), &quoted(&plugin.reference));
    }
    for benchmark in &plan.benchmarks {
        render_benchmark(&mut text, benchmark);
    }
    for gate in &plan.gates {
        let _ = write!(text, "\n[[gate]]\n{}", gate.table);
    }
    text
}

fn render_benchmark(text: &mut String, benchmark: &Benchmark) {
    text.push_str("\n[[benchmark]]\n");
    line(text, "name", &quoted(&benchmark.name));
    line(text, "plugin", &quoted(&benchmark.plugin));
    line(text, "workload", &quoted(&benchmark.workload));
    if !benchmark.tiers.is_empty() {
        let tiers: Vec<String> = benchmark.tiers.iter().map(|tier| quoted(tier)).collect();
        line(text, "tiers", &format!("[{}]", tiers.join(", ")));
    }
    if !benchmark.untracked.is_empty() {
        let names: Vec<String> = benchmark
            .untracked
            .iter()
            .map(|name| quoted(name))
            .collect();
        line(text, "untracked", &format!("[{}]", names.join(", ")));
    }
    for (key, shown) in settings(&benchmark.settings) {
        line(text, key, &shown);
    }
    for (key, shown) in limits(&benchmark.settings.limits) {
        line(text, &format!("limits.{key}"), &shown);
    }
    for (key, shown) in energy(&benchmark.settings.probing.energy) {
        line(text, &format!("energy.{key}"), &shown);
    }
    for (metric, target) in &benchmark.targets {
        line(
            text,
            &format!("targets.{}", key(metric)),
            &quoted(&target.text),
        );
    }
    if let Some(param) = &benchmark.grows {
        line(text, "scale.weak", &quoted(param));
    }
    if let Some(against) = &benchmark.against {
        line(text, "against", &against::render(against));
    }
    if let Some(search) = &benchmark.search {
        render_search(text, search);
    }
    text.push_str("cases = [\n");
    for case in &benchmark.cases {
        let _ = writeln!(text, "  {},", quoted(case.id.as_str()));
    }
    text.push_str("]\n");
}

fn render_search(text: &mut String, search: &Search) {
    let number = |value: f64| match search.multiple_of {
        Some(_) => format!("{value}"),
        None => format!("{value:?}"),
    };
    let mut parts = vec![
        format!("from = {}", number(search.from)),
        format!("to = {}", number(search.to)),
        format!(
            "resolution = {}",
            quoted(&format_percentage(search.resolution))
        ),
    ];
    parts.extend(search.multiple_of.map(|n| format!("multiple-of = {n}")));
    let conditions = search.under.iter().map(|condition| {
        let name = match condition.statistic {
            Statistic::Median => condition.metric.clone(),
            statistic => format!("{statistic}({})", condition.metric),
        };
        format!("{} = {}", key(&name), quoted(&condition.bound.text))
    });
    let conditions: Vec<String> = conditions.collect();
    if !conditions.is_empty() {
        parts.push(format!("under = {{ {} }}", conditions.join(", ")));
    }
    let shown = format!("{{ {} }}", parts.join(", "));
    line(text, &format!("search.{}", key(&search.key)), &shown);
}

/// Keys and values of `energy` that are set.
fn energy(energy: &EnergySpec) -> Vec<(&'static str, String)> {
    let number = |value: &Option<f64>| value.map(|value| format!("{value}"));
    let text = |value: &Option<String>| value.as_deref().map(quoted);
    let rows = [
        ("country", text(&energy.country)),
        ("region", text(&energy.region)),
        (
            "carbon-intensity-g-per-kwh",
            number(&energy.carbon_intensity_g_per_kwh),
        ),
        ("pue", number(&energy.pue)),
        ("tdp-w", number(&energy.tdp_w)),
    ];
    let set = rows
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    set.collect()
}

/// Keys and values of the settings as a suite writes them, limits apart.
fn settings(settings: &Settings) -> Vec<(&'static str, String)> {
    let sampling = &settings.sampling;
    let (min, max) = (sampling.min_samples, sampling.max_samples);
    let iterations = match sampling.iterations_per_sample {
        IterationsPerSample::Auto => quoted("auto"),
        IterationsPerSample::Fixed(n) => n.to_string(),
    };
    vec![
        ("repetitions", settings.repetitions.to_string()),
        ("warm-up", warm_up(settings.warm_up)),
        ("samples", format!("{{ min = {min}, max = {max} }}")),
        ("precision", quoted(&format_percentage(sampling.precision))),
        ("confidence", sampling.confidence.to_string()),
        ("max-time", quoted(&format_duration(sampling.max_time_ns))),
        ("iterations", iterations),
        ("mode", word(MODES, sampling.mode)),
        ("pin", pin(&settings.pin)),
        ("seed-policy", word(SEED_POLICIES, settings.seed_policy)),
        ("probes", probes(&settings.probing.probes)),
        ("poll", quoted(&format_duration(settings.probing.poll_ns))),
    ]
}

fn limits(limits: &Limits) -> Vec<(&'static str, String)> {
    let memory = limits
        .memory_bytes
        .map_or_else(|| "none".to_owned(), format_size);
    let within = |ns| quoted(&format_duration(ns));
    vec![
        ("memory", quoted(&memory)),
        ("memory-by", word(MEMORY_BYS, limits.memory_by)),
        ("load", within(limits.load_ns)),
        ("create", within(limits.create_ns)),
        ("setup", within(limits.setup_ns)),
        ("iteration", within(limits.iteration_ns)),
        ("stall", within(limits.stall_ns)),
        ("verify", within(limits.verify_ns)),
        ("teardown", within(limits.teardown_ns)),
        ("total", within(limits.total_ns)),
    ]
}

fn warm_up(warm_up: WarmUp) -> String {
    match warm_up {
        WarmUp::Auto {
            floor_iterations,
            cap_ns,
        } => format!(
            "{{ floor = {floor_iterations}, cap = {} }}",
            quoted(&format_duration(cap_ns))
        ),
        WarmUp::Iterations(n) => format!("{{ iterations = {n} }}"),
        WarmUp::Time(ns) => quoted(&format_duration(ns)),
        WarmUp::None => quoted("none"),
    }
}

fn probes(names: &[String]) -> String {
    if names.is_empty() {
        return quoted("none");
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", names.join(", "))
}

fn pin(pin: &Pin) -> String {
    match pin {
        Pin::Auto => quoted("auto"),
        Pin::None => quoted("none"),
        Pin::Cpus(cpus) => format!("{cpus:?}"),
    }
}

/// A parameter as a suite writes it.
pub(crate) fn value(value: &ParamValue) -> String {
    match value {
        ParamValue::Text(text) => quoted(text),
        ParamValue::Bool(_) | ParamValue::Int(_) => value.to_string(),
        ParamValue::Float(x) => format!("{x:?}"),
        ParamValue::List(values) => {
            let parts: Vec<String> = values.iter().map(self::value).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

/// The word of a choice.
fn word<T: Copy + PartialEq>(choices: &[(&str, T)], choice: T) -> String {
    let found = choices.iter().find(|(_, c)| *c == choice);
    quoted(found.map_or("", |(word, _)| word))
}

/// A key, in quotes where TOML needs them.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn line(text: &mut String, key: &str, shown: &str) {
    let _ = writeln!(text, "{key} = {shown}");
}
