//! Every metric of every case with what is said of it, and where the time of its workers went: `--verbose`.

use benchhost_record::{CaseResult, Measurement, Run, StopReason, format_quantity};

use super::{
    judgement::value,
    layout::{Body, Row, Table, wrapped},
    mark::{Marks, change, mark},
    notes::count,
    paint::{Paint, Style},
    quantity::{self, NOTHING},
};
use crate::text::harmless;

const HEADERS: [&str; 10] = [
    "median",
    "±",
    "p95",
    "min",
    "max",
    "samples",
    "verdict",
    "change",
    "reference",
    "rule",
];

/// By column of [`HEADERS`]: the higher, the sooner it goes.
const DISPENSABILITY: [u8; 10] = [0, 1, 4, 6, 5, 7, 0, 3, 8, 9];

/// Where the verdict stands in [`HEADERS`].
const VERDICT: usize = 6;

/// A section for each case that was measured.
pub(super) fn sections(
    run: &Run,
    marks: &Marks<'_>,
    width: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let measured = run.cases.iter().filter(|result| result.outcome.is_ok());
    measured
        .map(|result| {
            let rows = result
                .measurements
                .iter()
                .map(|one| row(result, one, marks));
            let table = Table {
                headers: HEADERS.map(str::to_owned).to_vec(),
                dispensability: DISPENSABILITY.to_vec(),
                remarks: String::new(),
                rows: rows.collect(),
            };
            let heading = wrapped(&harmless(result.case.id.as_str()), width, 2);
            let heading = paint.lines(&heading, Style::Bold);
            let life = wrapped(&life(result), width.map(|all| all.saturating_sub(2)), 2);
            let life: Vec<String> = life.iter().map(|line| format!("  {line}")).collect();
            let life = paint.lines(&life, Style::Dim);
            let legend = table.legend(HEADERS[VERDICT], width, paint);
            format!("{heading}{}{legend}{life}", table.render(width, paint).0)
        })
        .collect()
}

fn row(result: &CaseResult, measurement: &Measurement, marks: &Marks<'_>) -> Row {
    let metric = &measurement.metric;
    let summary = measurement.summary.as_ref();
    let judged = marks.verdict(result, &metric.name);
    let verdict = judged.map(mark);
    let cell = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let number = |of: Option<f64>| cell(of.map(|number| value(number, metric)));
    let effect = judged
        .map(|one| one.effect)
        .filter(|effect| effect.is_finite());
    let style = verdict.as_ref().map_or(Style::Plain, |mark| mark.style);
    Row {
        label: harmless(&metric.name),
        body: Body::Judged {
            cells: vec![
                number(summary.map(|one| one.median)),
                cell(quantity::spread(measurement)),
                cell(quantity::quantile(measurement, 0.95)),
                number(summary.map(|one| one.min)),
                number(summary.map(|one| one.max)),
                cell(summary.map(|one| one.n.to_string())),
                cell(verdict.map(|mark| mark.text)),
                cell(effect.and_then(change)),
                number(judged.map(|one| one.reference)),
                cell(judged.map(|one| quantity::short(&one.rule))),
            ],
            remarks: String::new(),
            mark: VERDICT,
            style,
        },
    }
}

/// What its workers did besides, each part in the middle of the repetitions.
fn life(result: &CaseResult) -> String {
    let workers = &result.repetitions;
    let middle = |of: &dyn Fn(&benchhost_record::Repetition) -> u64| {
        let mut parts: Vec<u64> = workers.iter().map(of).collect();
        parts.sort_unstable();
        let middle = parts.get(parts.len() / 2).copied().unwrap_or(0);
        format_quantity(middle as f64, "ns")
    };
    let samples: u64 = workers.iter().map(|one| one.samples).sum();
    let mut parts = vec![
        format!(
            "{}, {}",
            count(workers.len(), "worker"),
            count(samples as usize, "sample")
        ),
        format!("start {}", middle(&|one| one.times.start_ns)),
        format!("load {}", middle(&|one| one.times.load_ns)),
        format!("create {}", middle(&|one| one.times.create_ns)),
        format!("setup {}", middle(&|one| one.times.setup_ns)),
        format!(
            "first iteration {}",
            middle(&|one| one.times.first_iteration_ns)
        ),
        format!(
            "warm-up {}",
            middle(&|one| one.warm_up.map_or(0, |warm_up| warm_up.elapsed_ns))
        ),
        format!("measured {}", middle(&|one| one.times.measure_ns)),
    ];
    let mut ends: Vec<&str> = Vec::new();
    for end in workers.iter().filter_map(|one| one.stopped_by) {
        let word = stopped(end);
        if !ends.contains(&word) {
            ends.push(word);
        }
    }
    if !ends.is_empty() {
        parts.push(format!("ended by {}", ends.join(" or ")));
    }
    parts.join(" · ")
}

fn stopped(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Precision => "precision",
        StopReason::TimeBudget => "time budget",
        StopReason::SampleLimit => "number of samples",
        StopReason::Finished => "the workload",
        StopReason::Stopped => "the user",
    }
}
