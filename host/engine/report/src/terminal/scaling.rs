//! Curves: speed-up and efficiency by number of workers, the laws they follow, and how costs grow with a size.

use benchhost_record::{
    Amdahl, Axis, Curve, CurveLaw, Estimate, Fit, Goodness, Growth, Interval, PowerLaw, Run,
    ScalingLevel, UpperLaw, Usl, format_quantity,
};

use super::{
    layout::{Body, Row, Table, wrapped},
    paint::{Paint, Style},
    quantity::{NOTHING, percent},
};
use crate::text::harmless;

/// One section for each curve of workers, and one for all costs by size.
pub(super) fn sections(run: &Run, width: Option<usize>, paint: Paint) -> Vec<String> {
    let mut sections = Vec::new();
    let mut sizes = String::new();
    for curve in &run.curves {
        match &curve.law {
            CurveLaw::Workers {
                levels,
                cpus_used,
                amdahl,
                usl,
            } => {
                let table = table(curve, levels, cpus_used).render(width, paint).0;
                let mut laws = sentences("Amdahl", amdahl, self::amdahl);
                laws.extend(sentences("USL", usl, |law| self::usl(curve, law)));
                laws.extend(curve.doubts.iter().map(|doubt| harmless(doubt)));
                let heading = paint.lines(&wrapped(&heading(curve), width, 2), Style::Bold);
                sections.push(format!("{heading}{table}{}", indented(&laws, width)));
            }
            CurveLaw::Size { law, upper } => {
                let sentence = size(curve, law, upper.as_ref());
                sizes.push_str(&indented(&[sentence], width));
            }
        }
    }
    if !sizes.is_empty() {
        let title = paint.lines(&["growth with size".to_owned()], Style::Bold);
        sections.push(format!("{title}{sizes}"));
    }
    sections
}

fn indented(sentences: &[String], width: Option<usize>) -> String {
    let room = width.map(|all| all.saturating_sub(2));
    let lines = sentences.iter().flat_map(|one| wrapped(one, room, 2));
    lines.map(|line| format!("  {line}\n")).collect()
}

fn heading(curve: &Curve) -> String {
    let growth = match &curve.axis.growth {
        Some(Growth::Weak(what)) if *what == curve.axis.key => "each with its own work".to_owned(),
        Some(Growth::Weak(param)) => format!("weak scaling, {param} grows"),
        Some(Growth::Strong) => "strong scaling".to_owned(),
        None => String::new(),
    };
    let Axis { key, .. } = &curve.axis;
    let held = harmless(&curve.held.replace('&', " "));
    format!(
        "scaling of {} by {key} · {growth} · {held}",
        harmless(&curve.workload)
    )
}

fn table(curve: &Curve, levels: &[ScalingLevel], cpus_used: &[f64]) -> Table {
    let rows = levels.iter().zip(cpus_used).map(|(level, cpus)| Row {
        label: format!("{}", level.at),
        body: Body::Numbers {
            cells: vec![
                format_quantity(level.median, &curve.metric.unit),
                format!("{:.3}", level.speedup),
                level
                    .speedup_interval
                    .map_or_else(|| NOTHING.to_owned(), range),
                format!("{:.1} %", 100.0 * level.efficiency),
                format!("{cpus:.2}"),
            ],
            remarks: String::new(),
        },
    });
    let interval = levels.iter().find_map(|level| level.speedup_interval);
    let confidence = interval.map_or(0.0, |one| one.confidence);
    let level = format!("{} %", round(100.0 * confidence));
    Table {
        headers: vec![
            curve.metric.name.clone(),
            "speed-up".to_owned(),
            if interval.is_some() {
                level
            } else {
                "±".to_owned()
            },
            "efficiency".to_owned(),
            "CPUs used".to_owned(),
        ],
        dispensability: vec![0, 0, 3, 1, 4],
        remarks: String::new(),
        rows: rows.collect(),
    }
}

fn sentences<T>(name: &str, law: &Fit<T>, told: impl Fn(&T) -> String) -> Vec<String> {
    vec![match law {
        Fit::Fitted(law) => format!("{name:<7} {}", told(law)),
        Fit::Refused(reason) => format!("{name:<7} no fit: {reason}"),
    }]
}

fn amdahl(law: &Amdahl) -> String {
    let limit = law
        .speedup_limit
        .as_ref()
        .map_or_else(String::new, |limit| {
            format!("; a speed-up of {} is never exceeded", estimate(limit))
        });
    let sign = if law.is_superlinear() {
        " (superlinear)"
    } else {
        ""
    };
    format!(
        "serial part σ = {}{sign}{limit}; {}",
        share(&law.sigma),
        goodness(&law.goodness)
    )
}

fn usl(curve: &Curve, law: &Usl) -> String {
    let mut parts = vec![
        format!("contention σ = {}", share(&law.sigma)),
        format!("coherence κ = {}", share(&law.kappa)),
    ];
    match &law.peak {
        Some(peak) => parts.push(format!(
            "throughput is largest at {} = {}: {}",
            curve.axis.key,
            estimate(&peak.at),
            format_quantity(peak.throughput.value, &curve.metric.unit)
        )),
        None => parts.push("no peak can be told".to_owned()),
    }
    if let Some(knee) = &law.knee {
        parts.push(format!("knee at {}", estimate(knee)));
    }
    parts.push(goodness(&law.goodness));
    parts.join("; ")
}

fn size(curve: &Curve, law: &Fit<PowerLaw>, upper: Option<&UpperLaw>) -> String {
    let what = format!(
        "{} of {} by {} · {}",
        curve.metric.name,
        harmless(&curve.workload),
        curve.axis.key,
        harmless(&curve.held.replace('&', " "))
    );
    match law {
        Fit::Refused(reason) => format!("{what}: no fit: {reason}"),
        Fit::Fitted(law) => {
            let above = upper.map_or_else(String::new, |upper| {
                format!(
                    "; from {} = {} on {}, {}",
                    curve.axis.key,
                    round(upper.from),
                    estimate(&upper.law.exponent),
                    goodness(&upper.law.goodness)
                )
            });
            format!(
                "{what}: exponent {}; {}{above}",
                estimate(&law.exponent),
                goodness(&law.goodness)
            )
        }
    }
}

fn goodness(goodness: &Goodness) -> String {
    let lack = if goodness.lacks_fit {
        ", the levels lie off the law: a rough guide"
    } else {
        ""
    };
    format!("R² {:.4}{lack}", goodness.r_squared)
}

/// A number and its interval.
fn estimate(estimate: &Estimate) -> String {
    format!("{} ({})", round(estimate.value), range(estimate.interval))
}

/// An interval wider than this says nothing about a share.
const WIDEST: f64 = 100.0;

/// A share and its interval, in per cent.
fn share(estimate: &Estimate) -> String {
    let Interval { low, high, .. } = estimate.interval;
    if high - low > WIDEST {
        return format!("{} (no useful interval)", percent(estimate.value));
    }
    format!(
        "{} ({} to {})",
        percent(estimate.value),
        percent(low),
        percent(high)
    )
}

fn range(interval: Interval) -> String {
    format!("{}–{}", round(interval.low), round(interval.high))
}

/// Four significant digits at most.
fn round(value: f64) -> String {
    format_quantity(value, "1")
}
