//! Curves: speed-up and efficiency by number of workers, the laws they follow, and how costs grow with a size.

use benchhost_record::{
    Amdahl, Curve, CurveLaw, Fit, Goodness, Growth, MetricKind, PowerLaw, Run, ScalingLevel,
    UpperLaw, Usl, format_quantity,
};

use super::{
    law::{number, part, round, sigma},
    layout::{Body, Row, Table, wrapped},
    paint::{Paint, Style},
    quantity::{NOTHING, finite, tenths},
};
use crate::text::harmless;

/// One section for each curve of workers, and one for all costs by size.
pub(super) fn sections(run: &Run, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut sections = Vec::new();
    let mut sizes = String::new();
    for curve in &run.curves {
        let names = Names::among(&run.curves, curve);
        match &curve.law {
            CurveLaw::Workers {
                levels,
                cpus_used,
                amdahl,
                usl,
            } => {
                let heading = heading(curve, &names);
                let heading = paint.lines(&wrapped(&heading, width, 2), Style::Bold);
                let table = table(&names, levels, cpus_used).render(width, paint).0;
                let laws = laws(curve, &names, amdahl, usl).render(width, paint).0;
                sections.push(format!("{heading}{table}{laws}"));
            }
            CurveLaw::Size { law, upper } => {
                let sentence = size(&names, law, upper.as_ref());
                let room = width.map(|all| all.saturating_sub(2));
                for line in wrapped(&sentence, room, 2) {
                    sizes.push_str(&format!("  {line}\n"));
                }
            }
        }
    }
    if !sizes.is_empty() {
        let title = paint.lines(&["growth with size".to_owned()], Style::Bold);
        sections.push(format!("{title}{sizes}"));
    }
    sections
}

/// The laws of a curve in words, each with its name; why there is none where one was refused.
pub(crate) fn told_laws(curve: &Curve) -> Vec<(&'static str, String)> {
    match &curve.law {
        CurveLaw::Workers { amdahl, usl, .. } => {
            let names = Names::of(curve);
            vec![
                ("Amdahl", told(amdahl, self::amdahl)),
                ("USL", told(usl, |law| self::usl(&names, law))),
            ]
        }
        CurveLaw::Size { law, upper } => {
            let mut laws = vec![("power law", told(law, power_law))];
            laws.extend(upper.as_ref().map(|upper| {
                let from = format!("from {} on, {}", round(upper.from), power_law(&upper.law));
                ("larger sizes", from)
            }));
            laws
        }
    }
}

/// What a curve calls things, fit to be shown.
struct Names {
    workload: String,
    key: String,
    held: String,
    metric: String,
    /// Unit of the metric.
    unit: String,
    /// Unit of a throughput: where times are measured, laws are about their inverse.
    rate: String,
}

impl Names {
    /// With the benchmark beside the workload where another one has a curve of the same title.
    fn among(curves: &[Curve], curve: &Curve) -> Self {
        let mut names = Self::of(curve);
        let is_twin = |one: &Curve| {
            one.benchmark != curve.benchmark
                && one.workload == curve.workload
                && one.axis.key == curve.axis.key
                && one.metric.name == curve.metric.name
        };
        if curves.iter().any(is_twin) {
            names.workload = format!("{} ({})", names.workload, harmless(&curve.benchmark));
        }
        names
    }

    fn of(curve: &Curve) -> Self {
        let unit = harmless(&curve.metric.unit);
        let rate = match curve.metric.kind {
            MetricKind::Time => "1/s".to_owned(),
            _ => unit.clone(),
        };
        Self {
            workload: harmless(&curve.workload),
            key: harmless(&curve.axis.key),
            held: harmless(&curve.held.replace('&', " ")),
            metric: harmless(&curve.metric.name),
            unit,
            rate,
        }
    }
}

fn heading(curve: &Curve, names: &Names) -> String {
    let growth = match &curve.axis.growth {
        Some(Growth::Weak(what)) if *what == curve.axis.key => "each with its own work".to_owned(),
        Some(Growth::Weak(param)) => format!("weak scaling, {} grows", harmless(param)),
        Some(Growth::Strong) => "strong scaling".to_owned(),
        None => String::new(),
    };
    let Names {
        workload,
        key,
        held,
        ..
    } = names;
    format!("scaling of {workload} by {key} · {growth} · {held}")
}

fn table(names: &Names, levels: &[ScalingLevel], cpus_used: &[Option<f64>]) -> Table {
    let confidence = levels
        .iter()
        .find_map(|level| Some(level.speedup_interval?.confidence));
    let row = |(level, cpus): (&ScalingLevel, &Option<f64>)| {
        let mut cells = vec![
            finite(level.median, &names.unit),
            match level.speedup.is_finite() {
                true => format!("{:.3}", level.speedup),
                false => NOTHING.to_owned(),
            },
            tenths(level.efficiency),
            cpus.map_or_else(|| NOTHING.to_owned(), |cpus| format!("{cpus:.2}")),
        ];
        if confidence.is_some() {
            let interval = level.speedup_interval;
            let shown = interval.map(|i| format!("{:.3}–{:.3}", i.low, i.high));
            cells.insert(2, shown.unwrap_or_else(|| NOTHING.to_owned()));
        }
        Row {
            label: format!("{}", level.at),
            body: Body::Numbers {
                cells,
                remarks: String::new(),
            },
        }
    };
    let mut headers: Vec<String> = ["speed-up", "efficiency", "CPUs used"]
        .map(str::to_owned)
        .into();
    headers.insert(0, names.metric.clone());
    let mut dispensability = vec![0, 0, 1, 4];
    if let Some(confidence) = confidence {
        headers.insert(2, format!("{} %", round(100.0 * confidence)));
        dispensability.insert(2, 3);
    }
    Table {
        headers,
        dispensability,
        remarks: String::new(),
        rows: levels.iter().zip(cpus_used).map(row).collect(),
    }
}

/// A line for each law, and what makes them doubtful.
fn laws(curve: &Curve, names: &Names, amdahl: &Fit<Amdahl>, usl: &Fit<Usl>) -> Table {
    let line = |label: &str, text: String, style| Row {
        label: label.to_owned(),
        body: Body::Sentence { text, style },
    };
    let mut rows = vec![
        line("Amdahl", told(amdahl, self::amdahl), Style::Plain),
        line("USL", told(usl, |law| self::usl(names, law)), Style::Plain),
    ];
    let doubts = curve.doubts.iter();
    rows.extend(doubts.map(|doubt| line("doubt", harmless(doubt), Style::Caution)));
    Table {
        headers: Vec::new(),
        dispensability: Vec::new(),
        remarks: String::new(),
        rows,
    }
}

fn told<T>(law: &Fit<T>, fitted: impl Fn(&T) -> String) -> String {
    match law {
        Fit::Fitted(law) => fitted(law),
        Fit::Refused(reason) => format!("no fit: {}", harmless(reason)),
    }
}

fn amdahl(law: &Amdahl) -> String {
    let limit = law
        .speedup_limit
        .as_ref()
        .map_or_else(String::new, |limit| {
            format!("; by this law a speed-up of at most {}", number(limit))
        });
    // What the points do not follow limits nothing.
    let holds = !law.goodness.lacks_fit && law.goodness.r_squared >= GOOD;
    let limit = if holds { limit } else { String::new() };
    let sign = if law.is_superlinear() {
        " (superlinear)"
    } else {
        ""
    };
    format!(
        "serial part σ = {}{sign}{limit}; {}",
        sigma(&law.sigma),
        goodness(&law.goodness)
    )
}

fn usl(names: &Names, law: &Usl) -> String {
    let mut parts = vec![
        format!("contention σ = {}", sigma(&law.sigma)),
        format!("coherence κ = {}", part(&law.kappa)),
    ];
    match &law.peak {
        Some(peak) => parts.push(format!(
            "throughput is largest at {} = {}: {}",
            names.key,
            number(&peak.at),
            format_quantity(peak.throughput.value, &names.rate)
        )),
        None => parts.push("no peak can be told".to_owned()),
    }
    if let Some(knee) = &law.knee {
        parts.push(format!("knee at {}", number(knee)));
    }
    parts.push(goodness(&law.goodness));
    parts.join("; ")
}

fn size(names: &Names, law: &Fit<PowerLaw>, upper: Option<&UpperLaw>) -> String {
    let Names {
        workload,
        key,
        held,
        metric,
        ..
    } = names;
    let law = told(law, power_law);
    let above = upper.map_or_else(String::new, |upper| {
        let from = round(upper.from);
        format!("; from {key} = {from} on, {}", power_law(&upper.law))
    });
    format!("{metric} of {workload} by {key} · {held}: {law}{above}")
}

fn power_law(law: &PowerLaw) -> String {
    format!(
        "exponent {}, {}",
        number(&law.exponent),
        goodness(&law.goodness)
    )
}

fn goodness(goodness: &Goodness) -> String {
    let lack = if goodness.lacks_fit {
        ", the levels lie off the law: a rough guide"
    } else {
        ""
    };
    format!("R² {:.4}{lack}", goodness.r_squared)
}

/// Of the scatter this share at least is the law's, or its limit is none.
const GOOD: f64 = 0.9;
