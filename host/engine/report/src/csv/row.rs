//! One row: a metric of a case with what is said of it.

use std::{collections::HashMap, rc::Rc};

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{
    CaseId, CaseResult, ContrastPair, Direction, Measurement, MetricKind, Run, RunState, Summary,
};
use jiff::Timestamp;

use super::cell::{number, text};
use crate::{
    facts::{Known, TargetState, target},
    terminal::severity_word,
};

/// What all rows of a run share.
#[derive(Debug, Clone)]
pub(super) struct Context<'a> {
    run: &'a Run,
    /// Start of the run, seconds since 1970.
    timestamp: String,
    /// The same as a date.
    date: String,
    /// What cases are set against.
    pairs: Rc<HashMap<&'a CaseId, &'a ContrastPair>>,
}

impl<'a> Context<'a> {
    pub(super) fn of(run: &'a Run) -> Self {
        let started: Option<Timestamp> = run.started.parse().ok();
        let seconds = started.map(|time| time.as_millisecond() as f64 / 1000.0);
        // As the tracker writes both: a float, and a date without zone.
        let pairs = run.contrasts.iter().flat_map(|one| &one.pairs);
        let date = started.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        Self {
            run,
            timestamp: seconds.map_or_else(String::new, |seconds| format!("{seconds:?}")),
            date: date.unwrap_or_default(),
            pairs: Rc::new(pairs.map(|pair| (&pair.candidate, pair)).collect()),
        }
    }
}

/// One row.
pub(super) struct Row<'a> {
    context: Context<'a>,
    result: &'a CaseResult,
    measurement: Option<&'a Measurement>,
    /// Name of the metric, measured or only asked for; empty where a row is about the case.
    metric: &'a str,
    judgement: Option<&'a Judgement>,
    target: Option<(&'a str, TargetState)>,
}

impl<'a> Row<'a> {
    pub(super) fn of(
        report: &Known<'a>,
        context: Context<'a>,
        result: &'a CaseResult,
        measurement: &'a Measurement,
    ) -> Self {
        let metric = &measurement.metric.name;
        Self {
            context,
            result,
            measurement: Some(measurement),
            metric,
            judgement: report.verdict(result.case.id.as_str(), metric),
            target: target(report, result, metric),
        }
    }

    /// A case of which nothing is known but how it ended.
    pub(super) fn without_value(
        report: &Known<'a>,
        context: Context<'a>,
        result: &'a CaseResult,
    ) -> Self {
        let judged = report.verdicts(result.case.id.as_str()).first().copied();
        Self {
            context,
            result,
            measurement: None,
            metric: "",
            // What was skipped did not fail, though no gate could judge it.
            judgement: judged.filter(|_| result.outcome.is_failure()),
            target: None,
        }
    }

    /// A metric that has a target and was not measured.
    pub(super) fn unmeasured(
        report: &Known<'a>,
        context: Context<'a>,
        result: &'a CaseResult,
        metric: &'a str,
    ) -> Self {
        Self {
            context,
            result,
            measurement: None,
            metric,
            judgement: report.verdict(result.case.id.as_str(), metric),
            target: target(report, result, metric),
        }
    }

    /// The cells, in the order of the columns.
    pub(super) fn fields(&self) -> Vec<String> {
        let mut fields = self.tracker().to_vec();
        fields.extend(self.case());
        fields.extend(self.numbers());
        fields.extend(self.judged());
        fields.extend(self.provenance());
        fields.extend(self.against());
        fields
    }

    fn summary(&self) -> Option<&Summary> {
        let summary = self.measurement?.summary.as_ref()?;
        self.result.outcome.is_ok().then_some(summary)
    }

    fn tracker(&self) -> [String; 7] {
        let metric = self.measurement.map(|one| &one.metric);
        [
            text(self.result.case.id.as_str()),
            text(self.metric),
            self.summary()
                .map_or_else(String::new, |s| number(s.median)),
            metric.map_or_else(String::new, |metric| text(&metric.unit)),
            metric.map_or("", |metric| category(metric.kind)).to_owned(),
            self.context.timestamp.clone(),
            self.context.date.clone(),
        ]
    }

    fn case(&self) -> [String; 7] {
        let case = &self.result.case;
        let direction = self
            .measurement
            .map_or("", |one| match one.metric.direction {
                Direction::Lower => "lower",
                Direction::Higher => "higher",
                Direction::Neither => "",
            });
        [
            text(case.id.as_str()),
            text(&case.benchmark),
            text(&case.plugin),
            text(&case.workload),
            self.result.outcome.word().to_owned(),
            text(&self.result.outcome.sentence()),
            direction.to_owned(),
        ]
    }

    fn numbers(&self) -> [String; 12] {
        let Some(summary) = self.summary() else {
            return Default::default();
        };
        let interval = Some(summary.interval).filter(|interval| interval.confidence > 0.0);
        let end = |end: Option<f64>| end.map_or_else(String::new, number);
        let quantile = |q: f64| {
            let mut quantiles = summary.quantiles.iter();
            end(quantiles.find(|one| one.q == q).and_then(|one| one.value))
        };
        [
            end(interval.map(|interval| interval.low)),
            end(interval.map(|interval| interval.high)),
            end(interval.map(|interval| interval.confidence)),
            summary.n.to_string(),
            summary.repetitions.to_string(),
            number(summary.mean),
            number(summary.standard_deviation),
            number(summary.min),
            number(summary.max),
            number(summary.median),
            quantile(0.95),
            quantile(0.99),
        ]
    }

    fn judged(&self) -> [String; 10] {
        let mut fields: [String; 10] = Default::default();
        if let Some(one) = self.judgement {
            one.verdict.word().clone_into(&mut fields[0]);
            if let Verdict::Regressed(severity) = one.verdict {
                severity_word(severity).clone_into(&mut fields[1]);
            }
            fields[2] = text(&one.rule);
            fields[3] = number(one.reference);
            fields[4] = number(one.effect);
            fields[5] = one.p.map_or_else(String::new, number);
            fields[6] = text(&one.sentence);
        }
        if let Some((bound, state)) = self.target {
            fields[7] = text(bound);
            let state = match state {
                TargetState::Met => "met",
                TargetState::Missed => "missed",
                TargetState::Open => "not measured",
            };
            state.clone_into(&mut fields[8]);
        }
        let mut flags: Vec<&str> = self
            .result
            .flags
            .iter()
            .map(|flag| flag.kind.word())
            .collect();
        flags.dedup();
        fields[9] = flags.join(" ");
        fields
    }

    /// What the case is set against, in the unit of the row; the ratio stands in the row of its metric, and in that of a case
    /// without a value.
    fn against(&self) -> [String; 8] {
        let Some(pair) = self.context.pairs.get(&self.result.case.id) else {
            return Default::default();
        };
        let end = |end: Option<f64>| end.map_or_else(String::new, number);
        let mut fields: [String; 8] = Default::default();
        let baseline = pair.baseline.as_ref();
        fields[0] = baseline.map_or_else(String::new, |id| text(id.as_str()));
        fields[1] = end(pair.both_of(self.metric).map(|both| both.baseline));
        if self.metric == pair.metric.name || self.measurement.is_none() {
            let interval = pair.interval;
            fields[2] = end(pair.ratio);
            fields[3] = end(interval.map(|ends| ends.low));
            fields[4] = end(interval.map(|ends| ends.high));
            fields[5] = end(interval.map(|ends| ends.confidence));
            fields[6] = pair
                .verdict
                .map_or("", |one| one.word(&pair.metric))
                .to_owned();
            fields[7] = pair.reason.as_deref().map_or_else(String::new, text);
        }
        fields
    }

    fn provenance(&self) -> [String; 8] {
        let run = self.context.run;
        let git = run.git.as_ref();
        let revision = git.map_or_else(String::new, |git| {
            let dirty = if git.dirty { "-dirty" } else { "" };
            format!("{}{dirty}", git.revision)
        });
        let branch = git.and_then(|git| git.branch.as_deref());
        let suite = run.suite.as_ref().map(|suite| suite.name.as_str());
        let state = match run.state {
            RunState::Running => "running",
            RunState::Finished => "finished",
            RunState::Interrupted => "interrupted",
        };
        [
            text(&revision),
            text(branch.unwrap_or_default()),
            text(suite.unwrap_or_default()),
            text(&run.id),
            state.to_owned(),
            text(&run.environment.fingerprint),
            text(run.environment.cpu.model.as_deref().unwrap_or_default()),
            text(&run.host_version),
        ]
    }
}

/// The tracker's category of a kind, as the export of the history has it.
fn category(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Memory => "memory",
        MetricKind::Quality => "accuracy",
        MetricKind::Time
        | MetricKind::Throughput
        | MetricKind::Energy
        | MetricKind::Count
        | MetricKind::Ratio => "performance",
    }
}
