//! Reads the keys of `[defaults]`, which are those of `[tier.X]` and of a benchmark, too.

use benchhost_record::InstancesMode;

use crate::{
    error::Error,
    read::{
        fields::{Fields, Item},
        scalar::quoted,
    },
    settings::{EnergySpec, IterationsPerSample, MemoryBy, Mode, PROBES, Pin, SeedPolicy, WarmUp},
    written::{LimitsFile, MemoryLimit, SettingsFile},
};

/// Keys of `[defaults]`, in the order in which they are shown.
pub(crate) const KEYS: &[&str] = &[
    "repetitions",
    "warm-up",
    "samples",
    "precision",
    "confidence",
    "max-time",
    "iterations",
    "mode",
    "pin",
    "seed-policy",
    "probes",
    "poll",
    "energy",
    "threads",
    "instances",
    "instances-mode",
    "offered-load",
    "device",
    "dtype",
    "limits",
];

/// Deadlines among the keys of `limits`, in the order in which they come due.
pub(crate) const DEADLINES: &[&str] = &[
    "load",
    "create",
    "setup",
    "iteration",
    "stall",
    "verify",
    "teardown",
    "total",
];

/// Keys of `limits`.
pub(crate) const LIMIT_KEYS: &[&str] = &[
    "memory",
    "memory-by",
    "load",
    "create",
    "setup",
    "iteration",
    "stall",
    "verify",
    "teardown",
    "total",
];

const A_WARM_UP: &str =
    r#""auto", "none", a duration like "200ms", or a table like { iterations = 10 }"#;
const SAMPLES: &str = "a whole number of at least 1, or a table like { min = 10, max = 1000 }";
const ITERATIONS: &str = r#""auto" or a whole number of at least 1"#;
const A_PIN: &str = r#""auto", "none" or a list of different CPUs like [0, 1]"#;

/// Words of `mode`.
pub(crate) const MODES: &[(&str, Mode)] = &[("batch", Mode::Batch), ("each", Mode::Each)];
/// Words of `seed-policy`.
pub(crate) const SEED_POLICIES: &[(&str, SeedPolicy)] = &[
    ("same", SeedPolicy::Same),
    ("per-repetition", SeedPolicy::PerRepetition),
];
/// Words of `instances-mode`.
pub(crate) const INSTANCES_MODES: &[(&str, InstancesMode)] = &[
    ("rayon", InstancesMode::Rayon),
    ("process", InstancesMode::Process),
];
/// Keys of `energy`.
pub(crate) const ENERGY_KEYS: &[&str] = &[
    "country",
    "region",
    "carbon-intensity-g-per-kwh",
    "pue",
    "tdp-w",
];
/// Words of `limits.memory-by`.
pub(crate) const MEMORY_BYS: &[(&str, MemoryBy)] = &[
    ("auto", MemoryBy::Auto),
    ("cgroup", MemoryBy::Cgroup),
    ("watchdog", MemoryBy::Watchdog),
    ("address-space", MemoryBy::AddressSpace),
];

/// Reads one layer; keys that are not settings are left to the caller.
pub(crate) fn settings(fields: &Fields<'_>) -> Result<SettingsFile, Error> {
    Ok(SettingsFile {
        repetitions: fields.read("repetitions", |item| item.whole(1))?,
        warm_up: fields.read("warm-up", warm_up)?,
        samples: fields.read("samples", samples)?,
        precision: fields.read("precision", Item::percentage)?,
        confidence: fields.read("confidence", Item::fraction)?,
        max_time_ns: fields.read("max-time", Item::duration)?,
        iterations: fields.read("iterations", iterations)?,
        mode: fields.read("mode", |item| item.choice(MODES))?,
        pin: fields.read("pin", pin)?,
        seed_policy: fields.read("seed-policy", |item| item.choice(SEED_POLICIES))?,
        limits: fields.read("limits", limits)?.unwrap_or_default(),
        probes: fields.read("probes", probes)?,
        poll_ns: fields.read("poll", Item::duration)?,
        energy: fields.read("energy", energy)?.unwrap_or_default(),
        threads: fields.read("threads", Item::threads)?,
        instances: fields.read("instances", Item::instances)?,
        instances_mode: fields.read("instances-mode", |item| item.choice(INSTANCES_MODES))?,
        offered_load: fields.read("offered-load", Item::load)?,
        device: fields.read("device", Item::device)?,
        dtype: fields.read("dtype", Item::dtype)?,
        dtype_line: fields.get("dtype").map(|item| item.line),
    })
}

/// In the order of [`PROBES`], each once.
fn probes(item: &Item<'_>) -> Result<Vec<String>, Error> {
    let all = || PROBES.map(str::to_owned).to_vec();
    let names = PROBES.map(quoted).join(", ");
    let expected = format!(r#""all", "none" or a list out of {names}"#);
    match item.as_text() {
        Some("all") => return Ok(all()),
        Some("none") => return Ok(Vec::new()),
        _ => {}
    }
    let elements = item
        .elements(&expected)
        .map_err(|_| item.unexpected(&expected))?;
    let mut chosen = Vec::new();
    for element in &elements {
        let name = element.text(&expected)?;
        if !PROBES.contains(&name.as_str()) {
            let likely = element.likely(&PROBES);
            return Err(element.unexpected(&format!("one of {names}{likely}")));
        }
        chosen.push(name);
    }
    Ok(all()
        .into_iter()
        .filter(|name| chosen.contains(name))
        .collect())
}

fn energy(item: &Item<'_>) -> Result<EnergySpec, Error> {
    const EXPECTED: &str = r#"a table like { country = "DEU", pue = 1.2 }"#;
    let fields = Fields::of(item, "`energy`", "energy.", EXPECTED)?.only(ENERGY_KEYS)?;
    let at_least = |least: f64, unit: &'static str| {
        move |item: &Item<'_>| {
            let number = item.number().filter(|n| *n >= least);
            number.ok_or_else(|| item.unexpected(&format!("a number of at least {least}{unit}")))
        }
    };
    let spec = EnergySpec {
        country: fields.read("country", |item| item.text("a country, like \"DEU\""))?,
        region: fields.read("region", |item| {
            item.text("a region, like \"gcp:europe-west1\"")
        })?,
        carbon_intensity_g_per_kwh: fields
            .read("carbon-intensity-g-per-kwh", at_least(0.0, " g CO2e/kWh"))?,
        pue: fields.read("pue", at_least(1.0, ""))?,
        tdp_w: fields.read("tdp-w", |item| {
            let number = item.number().filter(|n| *n > 0.0 && *n <= 10_000.0);
            number.ok_or_else(|| item.unexpected("a number of watts above 0, up to 10000"))
        })?,
    };
    let places = [
        spec.country.is_some(),
        spec.region.is_some(),
        spec.carbon_intensity_g_per_kwh.is_some(),
    ];
    if places.iter().filter(|set| **set).count() > 1 {
        return Err(
            item.unexpected("only one of `country`, `region` and `carbon-intensity-g-per-kwh`")
        );
    }
    Ok(spec)
}

fn warm_up(item: &Item<'_>) -> Result<WarmUp, Error> {
    match item.as_text() {
        Some("auto") => return Ok(WarmUp::default()),
        Some("none") => return Ok(WarmUp::None),
        Some(_) => {
            let ns = item.duration().map_err(|_| item.unexpected(A_WARM_UP))?;
            return Ok(WarmUp::Time(ns));
        }
        None => {}
    }
    let fields = Fields::of(item, "`warm-up`", "warm-up.", A_WARM_UP)?.only(&[
        "iterations",
        "time",
        "floor",
        "cap",
    ])?;
    let iterations = fields.read("iterations", |item| item.whole(1))?;
    let time = fields.read("time", Item::duration)?;
    let floor = fields.read("floor", |item| item.whole(0))?;
    let cap = fields.read("cap", Item::duration)?;
    match (iterations, time, floor, cap) {
        (Some(iterations), None, None, None) => Ok(WarmUp::Iterations(iterations)),
        (None, Some(ns), None, None) => Ok(WarmUp::Time(ns)),
        (None, None, floor, cap) if floor.is_some() || cap.is_some() => Ok(WarmUp::Auto {
            floor_iterations: floor.unwrap_or(crate::defaults::WARM_UP_FLOOR),
            cap_ns: cap.unwrap_or(crate::defaults::WARM_UP_CAP_NS),
        }),
        _ => Err(item.unexpected("a table with `iterations`, or `time`, or `floor` and `cap`")),
    }
}

fn samples(item: &Item<'_>) -> Result<(u32, u32), Error> {
    if item.value.is_integer() {
        let exactly = item.whole(1)?;
        return Ok((exactly, exactly));
    }
    let fields = Fields::of(item, "`samples`", "samples.", SAMPLES)?.only(&["min", "max"])?;
    let min = fields.read("min", |item| item.whole(1))?;
    let max = fields.read("max", |item| item.whole(1))?;
    let (min, max) = match (min, max) {
        (None, None) => return Err(item.unexpected(SAMPLES)),
        (Some(min), None) => (min, crate::defaults::MAX_SAMPLES.max(min)),
        (None, Some(max)) => (crate::defaults::MIN_SAMPLES.min(max), max),
        (Some(min), Some(max)) => (min, max),
    };
    if min > max {
        let found = fields.require("min", SAMPLES)?;
        return Err(found.unexpected(&format!("a number up to `samples.max`, which is {max}")));
    }
    Ok((min, max))
}

fn iterations(item: &Item<'_>) -> Result<IterationsPerSample, Error> {
    if item.as_text() == Some("auto") {
        return Ok(IterationsPerSample::Auto);
    }
    let number = item.whole(1).map_err(|_| item.unexpected(ITERATIONS))?;
    Ok(IterationsPerSample::Fixed(number))
}

fn pin(item: &Item<'_>) -> Result<Pin, Error> {
    match item.as_text() {
        Some("auto") => return Ok(Pin::Auto),
        Some("none") => return Ok(Pin::None),
        _ => {}
    }
    let cpus: Result<Vec<usize>, _> = item.elements(A_PIN)?.iter().map(|e| e.whole(0)).collect();
    let cpus = cpus.map_err(|_| item.unexpected(A_PIN))?;
    let mut different = cpus.clone();
    different.sort_unstable();
    different.dedup();
    if cpus.is_empty() || different.len() < cpus.len() {
        return Err(item.unexpected(A_PIN));
    }
    Ok(Pin::Cpus(cpus))
}

fn limits(item: &Item<'_>) -> Result<LimitsFile, Error> {
    let fields = Fields::of(item, "`limits`", "limits.", "a table of limits")?.only(LIMIT_KEYS)?;
    let mut limits = LimitsFile {
        memory: fields.read("memory", memory)?,
        memory_by: fields.read("memory-by", |item| item.choice(MEMORY_BYS))?,
        ..LimitsFile::default()
    };
    for key in DEADLINES {
        if let Some(ns) = fields.read(key, Item::duration)? {
            limits.deadlines.insert(key, ns);
        }
    }
    Ok(limits)
}

fn memory(item: &Item<'_>) -> Result<MemoryLimit, Error> {
    if item.as_text() == Some("none") {
        return Ok(MemoryLimit::None);
    }
    let expected = format!("{} or {}", crate::quantity::A_SIZE, quoted("none"));
    item.size()
        .map(MemoryLimit::Bytes)
        .map_err(|_| item.unexpected(&expected))
}
