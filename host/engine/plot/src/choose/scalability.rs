//! How speed and memory change along an axis: what was seen, the laws that were fitted, the largest value that was found.

use std::collections::BTreeMap;

use benchhost_record::{
    Case, CaseResult, Curve, CurveLaw, Fit, Growth, MetricKind, ParamValue, PowerLaw, Run,
    ScalingLevel, Search,
};
use benchhost_report::terminal::law;

use super::{BARS, interval, paged, subtitle, summed};
use crate::{
    figure::{AxisOf, Bar, Bars, Curve as Line, Figure, Lines, Mark, Panel, Style},
    label,
    palette::{BLUE, GREEN, ORANGE, PURPLE, REST, VERMILION},
    scale::quantity,
};

/// Panels of a picture.
const PANELS: usize = 6;
/// Points of a law that is drawn; more of them would not be smoother in whole pixels.
const STEPS: usize = 24;
/// Labels that have room beside each other.
const LABELS: f64 = 12.0;

pub(super) fn figures(run: &Run) -> Vec<Figure> {
    let panels: Vec<Panel> = run
        .curves
        .iter()
        .filter_map(|curve| of_curve(run, curve))
        .collect();
    let mut pages: Vec<Vec<Panel>> = panels.chunks(PANELS).map(<[Panel]>::to_vec).collect();
    let found = largest(run);
    let notes = [
        "Dots are medians with their 99 % intervals; a whisker without an end goes on beyond the frame. Under each \
         chart are the parameters of the laws that could be fitted, with their intervals."
            .to_owned(),
    ];
    let mut figures = paged(
        "scalability_analysis",
        "Scalability",
        &subtitle(run),
        &notes,
        std::mem::take(&mut pages),
        2,
    );
    if !found.is_empty() {
        let next = figures.len() + 1;
        figures.push(Figure {
            name: match next {
                1 => "scalability_analysis".to_owned(),
                next => format!("scalability_analysis_{next}"),
            },
            title: "Largest values that work".to_owned(),
            subtitle: subtitle(run),
            panels: found,
            columns: 1,
            notes: vec!["Found by doubling until something fails, then by bisection.".to_owned()],
        });
    }
    figures
}

fn of_curve(run: &Run, curve: &Curve) -> Option<Panel> {
    let lines = match &curve.law {
        CurveLaw::Workers {
            levels,
            amdahl,
            usl,
            ..
        } => {
            let laws = [
                usl.fitted().map(|law| {
                    let text = format!(
                        "USL: σ = {}, κ = {}",
                        law::sigma(&law.sigma),
                        law::part(&law.kappa)
                    );
                    (
                        "USL",
                        ORANGE,
                        text,
                        law.lambda.value,
                        law.sigma.value,
                        law.kappa.value,
                    )
                }),
                amdahl.fitted().map(|law| {
                    let text = format!("Amdahl: σ = {}", law::sigma(&law.sigma));
                    (
                        "Amdahl",
                        PURPLE,
                        text,
                        law.lambda.value,
                        law.sigma.value,
                        0.0,
                    )
                }),
            ];
            workers(
                curve,
                levels,
                laws.into_iter().flatten().collect(),
                refusal(amdahl, usl),
            )?
        }
        CurveLaw::Size { law, upper } => {
            let mut lines = size(run, curve)?;
            let mut told = Vec::new();
            match law {
                Fit::Fitted(law) => {
                    told.push(add_law(
                        &mut lines,
                        "law",
                        ORANGE,
                        law,
                        None,
                        &curve.metric.unit,
                    ));
                }
                Fit::Refused(why) => told.push(format!("no law: {}", label::clean(why))),
            }
            if let Some(upper) = upper {
                let unit = &curve.metric.unit;
                told.push(add_law(
                    &mut lines,
                    "law of the larger sizes",
                    PURPLE,
                    &upper.law,
                    Some(upper.from),
                    unit,
                ));
            }
            lines.remark = told.join("\n");
            lines
        }
    };
    Some(Panel::Lines(Box::new(lines)))
}

fn refusal<A, B>(amdahl: &Fit<A>, usl: &Fit<B>) -> String {
    match (amdahl, usl) {
        (Fit::Refused(why), Fit::Refused(_)) => format!("no law: {}", label::clean(why)),
        _ => String::new(),
    }
}

/// A law of workers: name, colour, parameters as text, λ, σ, κ.
type Law = (
    &'static str,
    plotters::style::RGBColor,
    String,
    f64,
    f64,
    f64,
);

/// Speed-up by number of workers.
fn workers(curve: &Curve, levels: &[ScalingLevel], laws: Vec<Law>, why: String) -> Option<Lines> {
    let (first, last) = (levels.first()?, levels.last()?);
    let of = |level: &ScalingLevel| (level.at, level.speedup);
    let seen = Line {
        name: "measured".to_owned(),
        colour: BLUE,
        style: Style::Points,
        points: levels.iter().map(of).collect(),
        intervals: levels
            .iter()
            .map(|level| level.speedup_interval.map(|one| (one.low, one.high)))
            .collect(),
    };
    let span = |n: usize| first.at + (last.at - first.at) * n as f64 / STEPS as f64;
    let drawn = |name: &str, colour, style, y: &dyn Fn(f64) -> f64| Line {
        name: name.to_owned(),
        colour,
        style,
        points: (0..=STEPS)
            .map(span)
            .map(|x| (x, y(x)))
            .filter(|(_, y)| y.is_finite())
            .collect(),
        intervals: Vec::new(),
    };
    // Laws of a time are about its inverse.
    let base = match (curve.metric.kind, &curve.axis.growth) {
        (MetricKind::Time, Some(Growth::Weak(_))) => first.at * 1e9 / first.median,
        (MetricKind::Time, _) => 1e9 / first.median,
        _ => first.median,
    };
    let highest = levels.iter().map(|level| level.speedup).fold(1.0, f64::max);
    let ideal_to = (highest * 1.3 * first.at).min(last.at);
    let mut curves = vec![Line {
        name: "ideal".to_owned(),
        colour: REST,
        style: Style::Dashed,
        points: vec![(first.at, 1.0), (ideal_to, ideal_to / first.at)],
        intervals: Vec::new(),
    }];
    let mut told = Vec::new();
    for (name, colour, text, lambda, sigma, kappa) in laws {
        let law = |n: f64| lambda * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0)) / base;
        curves.push(drawn(name, colour, Style::Line, &law));
        told.push(text);
    }
    curves.push(seen);
    told.extend((!why.is_empty()).then_some(why));
    let grows = match &curve.axis.growth {
        Some(Growth::Weak(what)) if *what == curve.axis.key => {
            ", each with work of its own".to_owned()
        }
        Some(Growth::Weak(what)) => format!(", {} grows with them", label::clean(what)),
        Some(Growth::Strong) => ", the same work shared out".to_owned(),
        None => String::new(),
    };
    let one = quantity(first.median, &curve.metric.unit);
    let key = label::clean(&curve.axis.key);
    Some(Lines {
        title: format!(
            "{}: speed-up of {} by {key}",
            label::clean(&curve.benchmark),
            label::clean(&curve.metric.name)
        ),
        caption: format!(
            "{}{grows}; 1× is {one}\n{}",
            label::clean(&curve.workload),
            spaced(&curve.held)
        ),
        x: AxisOf {
            name: key,
            at: levels.iter().map(|level| level.at).collect(),
            ..AxisOf::default()
        },
        y: AxisOf {
            unit: "×".to_owned(),
            from_zero: true,
            ..AxisOf::default()
        },
        curves,
        remark: told.join("\n"),
        ..Lines::default()
    })
}

/// Parameters that are held, for people.
fn spaced(held: &str) -> String {
    label::clean(held).replace('&', " ")
}

/// A size, the value there, and its interval.
type Seen = (f64, f64, Option<(f64, f64)>);

/// A metric by size: of the cases of a sweep, or of what a search tried.
fn size(run: &Run, curve: &Curve) -> Option<Lines> {
    let mut points: Vec<Seen> = Vec::new();
    let mut marks = Vec::new();
    for result in run.cases.iter().filter(|result| is_of(result, curve)) {
        match &result.search {
            Some(search) => {
                let tried = search.tried.iter().filter(|one| one.works());
                points.extend(tried.filter_map(|one| {
                    Some((one.value, *one.medians.get(&curve.metric.name)?, None))
                }));
                let limits = [
                    (search.largest, "largest that works", GREEN),
                    (search.smallest_failing, "smallest that fails", VERMILION),
                ];
                marks.extend(limits.into_iter().filter_map(|(at, name, colour)| {
                    Some(Mark {
                        at: at?,
                        name: format!("{name}: {}", at?),
                        colour,
                    })
                }));
            }
            None => {
                let at = coordinates(&result.case)
                    .get(&curve.axis.key)
                    .and_then(number);
                if let (Some(at), Some((_, summary))) = (at, summed(result, &curve.metric.name)) {
                    points.push((at, summary.median, interval(summary)));
                }
            }
        }
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if points.len() < 2 {
        return None;
    }
    let key = label::clean(&curve.axis.key);
    Some(Lines {
        title: format!(
            "{}: {} by {key}",
            label::clean(&curve.benchmark),
            label::clean(&curve.metric.name)
        ),
        caption: format!("{}\n{}", label::clean(&curve.workload), spaced(&curve.held)),
        x: AxisOf {
            name: key,
            is_log: true,
            at: apart(points.iter().map(|(x, ..)| *x)),
            ..AxisOf::default()
        },
        y: AxisOf {
            unit: curve.metric.unit.clone(),
            is_log: true,
            ..AxisOf::default()
        },
        curves: vec![Line {
            name: "measured".to_owned(),
            colour: BLUE,
            style: Style::Points,
            intervals: points.iter().map(|point| point.2).collect(),
            points: points.iter().map(|(x, y, _)| (*x, *y)).collect(),
        }],
        marks,
        ..Lines::default()
    })
}

/// Sizes in order, as far as their labels have room on a logarithmic axis.
fn apart(sizes: impl Iterator<Item = f64>) -> Vec<f64> {
    let all: Vec<f64> = sizes.filter(|size| *size > 0.0).collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return Vec::new();
    };
    let room = (last / first).ln() / LABELS;
    let mut kept: Vec<f64> = Vec::new();
    for size in all {
        if kept
            .last()
            .is_none_or(|before| (size / before).ln() >= room.max(f64::EPSILON))
        {
            kept.push(size);
        }
    }
    kept
}

/// Adds a power law to the panel and returns its sentence.
fn add_law(
    lines: &mut Lines,
    name: &str,
    colour: plotters::style::RGBColor,
    law: &PowerLaw,
    from: Option<f64>,
    unit: &str,
) -> String {
    let seen = &lines.curves[lines.curves.len() - 1].points;
    let (first, last) = (from.unwrap_or(seen[0].0), seen[seen.len() - 1].0);
    // A power law is straight between logarithms.
    let points = [first, last].map(|x| (x, law.coefficient.value * x.powf(law.exponent.value)));
    let points = points
        .into_iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite());
    let curve = Line {
        name: name.to_owned(),
        colour,
        style: Style::Line,
        points: points.collect(),
        intervals: Vec::new(),
    };
    // What was seen comes last and lies on top.
    let last = lines.curves.len() - 1;
    lines.curves.insert(last, curve);
    let size = lines.x.name.clone();
    let coefficient = quantity(law.coefficient.value, unit);
    let since = from.map_or(String::new(), |from| format!(" from {from}"));
    format!(
        "{coefficient} · {size}^p, p = {}{since}",
        law::number(&law.exponent)
    )
}

/// Whether a case lies on the curve.
fn is_of(result: &CaseResult, curve: &Curve) -> bool {
    let case = &result.case;
    let is_like = case.benchmark == curve.benchmark
        && format!("{}/{}", case.plugin, case.workload) == curve.workload;
    let is_searched = result
        .search
        .as_ref()
        .is_some_and(|search| search.key == curve.axis.key);
    let mut rest = coordinates(case);
    let has_key = rest.remove(&curve.axis.key).is_some();
    let held: Vec<String> = rest
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    is_like && (has_key || is_searched) && held.join("&") == curve.held
}

/// Everything that tells a case from others of its workload, as the host names what a curve holds.
fn coordinates(case: &Case) -> BTreeMap<String, ParamValue> {
    let mut all = case.params.clone();
    all.insert("threads".to_owned(), ParamValue::Int(case.threads.into()));
    all.insert("device".to_owned(), ParamValue::Text(case.device.clone()));
    if let Some(instances) = case.instances {
        let mode = instances.mode.word().to_owned();
        all.insert(
            "instances".to_owned(),
            ParamValue::Int(instances.count.into()),
        );
        all.insert("instances-mode".to_owned(), ParamValue::Text(mode));
    }
    if let Some(load) = case.offered_load {
        all.insert(
            "offered-load".to_owned(),
            ParamValue::Text(load.to_string()),
        );
    }
    all
}

fn number(value: &ParamValue) -> Option<f64> {
    match value {
        ParamValue::Int(n) => Some(*n as f64),
        ParamValue::Float(x) => Some(*x),
        ParamValue::Bool(_) | ParamValue::Text(_) | ParamValue::List(_) => None,
    }
}

/// What searches found, by what they varied.
fn largest(run: &Run) -> Vec<Panel> {
    let mut groups: BTreeMap<&str, Vec<(&CaseResult, &Search)>> = BTreeMap::new();
    for case in &run.cases {
        if let Some(search) = &case.search {
            groups.entry(&search.key).or_default().push((case, search));
        }
    }
    let panels = groups.into_iter().map(|(key, searched)| {
        let cases: Vec<&CaseResult> = searched.iter().map(|(case, _)| *case).collect();
        let (labels, caption) = label::of_cases(&cases);
        let more = searched.len().saturating_sub(BARS);
        let bars = searched.iter().zip(labels).take(BARS);
        Panel::Bars(Bars {
            title: format!("Largest {}", label::clean(key)),
            caption: match more {
                0 => caption,
                more => format!("{caption} ({more} more are not drawn)"),
            },
            unit: "1".to_owned(),
            bars: bars
                .map(|((case, search), label)| found(case, search, &label))
                .collect(),
            legend: Vec::new(),
        })
    });
    panels.collect()
}

fn found(case: &CaseResult, search: &Search, label: &str) -> Bar {
    let label = format!("{}: {label}", label::clean(&case.case.benchmark));
    let fails = match search.smallest_failing {
        Some(fails) => format!("{fails} fails"),
        None => "none failed".to_owned(),
    };
    match search.largest {
        Some(found) => Bar {
            label,
            parts: vec![(found, GREEN)],
            text: format!("{found} works, {fails}"),
            ..Bar::default()
        },
        None => Bar {
            label,
            text: format!("nothing works: {}", label::clean(&case.outcome.sentence())),
            has_failed: case.outcome.is_failure(),
            ..Bar::default()
        },
    }
}
