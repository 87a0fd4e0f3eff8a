//! Gauges: each metric of each case, how each case ended, what is said of each metric.
//!
//! A case without an answer that counts has no speed, and no point; `benchhost.case.ok` says why. Values that are no numbers are
//! left out.

use benchhost_gate::{Judgement, Verdict};
use benchhost_record::{CaseResult, Direction, Measurement, Run, Severity};
use benchhost_report::Report;
use opentelemetry_proto::tonic::{
    common::v1::KeyValue,
    metrics::v1::{Gauge, Metric, NumberDataPoint, metric, number_data_point::Value},
};

use super::{
    bounds,
    unit::ucum,
    value::{of_case, text},
};

/// A metric and its points.
#[derive(Debug)]
pub(super) struct Points {
    name: String,
    unit: String,
    description: String,
    pub(super) points: Vec<NumberDataPoint>,
}

/// All metrics of a run. One name can be there with several units: a throughput is one of samples or of steps.
pub(super) fn metrics(report: &Report, run: &Run) -> Vec<Points> {
    let (start, end) = bounds(run);
    let mut made = Made {
        time: end.unwrap_or(start),
        metrics: Vec::new(),
    };
    for case in &run.cases {
        made.case(case);
    }
    for one in &report.judged.judged {
        let case = run
            .cases
            .iter()
            .find(|case| case.case.id.as_str() == one.case);
        made.verdict(one, case);
    }
    if let Some(end) = end {
        let seconds = (end - start) as f64 / 1e9;
        made.put(
            "benchhost.run.duration",
            "s",
            "from the start of the run to its end",
            Vec::new(),
            seconds,
        );
    }
    made.metrics
}

/// The metrics in parts of at most about `most` points, each a request.
pub(super) fn batches(metrics: Vec<Points>, most: usize) -> Vec<Vec<Metric>> {
    let mut batches = Vec::new();
    let mut open: Vec<Metric> = Vec::new();
    let mut count = 0;
    for one in metrics {
        for points in one.points.chunks(most) {
            if count + points.len() > most && !open.is_empty() {
                batches.push(std::mem::take(&mut open));
                count = 0;
            }
            count += points.len();
            open.push(Metric {
                name: one.name.clone(),
                description: one.description.clone(),
                unit: one.unit.clone(),
                data: Some(metric::Data::Gauge(Gauge {
                    data_points: points.to_vec(),
                })),
                ..Metric::default()
            });
        }
    }
    if !open.is_empty() {
        batches.push(open);
    }
    batches
}

struct Made {
    time: u64,
    metrics: Vec<Points>,
}

impl Made {
    fn case(&mut self, case: &CaseResult) {
        let mut attributes = of_case(&case.case);
        attributes.push(text("outcome", case.outcome.word()));
        for measurement in &case.measurements {
            self.measurement(measurement, &attributes);
        }
        let is_ok = f64::from(u8::from(case.outcome.is_ok()));
        let about =
            "1 where the case was measured and its answer is right, else 0; `outcome` says more";
        self.put("benchhost.case.ok", "1", about, attributes, is_ok);
    }

    fn measurement(&mut self, measurement: &Measurement, attributes: &[KeyValue]) {
        let Some(summary) = &measurement.summary else {
            return;
        };
        let metric = &measurement.metric;
        let (unit, factor) = ucum(&metric.unit);
        let about = match metric.direction {
            Direction::Lower => "lower is better",
            Direction::Higher => "higher is better",
            Direction::Neither => "only shown",
        };
        let stated = summary.quantiles.iter().filter(|quantile| quantile.q > 0.5);
        let stated = stated
            .filter_map(|quantile| Some((format!("p{}", percent(quantile.q)), quantile.value?)));
        let values = [
            ("median".to_owned(), summary.median),
            ("low".to_owned(), summary.interval.low),
            ("high".to_owned(), summary.interval.high),
        ];
        for (statistic, value) in values.into_iter().chain(stated) {
            let mut attributes = attributes.to_vec();
            attributes.push(text("statistic", &statistic));
            self.put(
                &format!("benchhost.{}", metric.name),
                &unit,
                about,
                attributes,
                factor * value,
            );
        }
    }

    fn verdict(&mut self, one: &Judgement, case: Option<&CaseResult>) {
        let mut attributes = match case {
            Some(case) => of_case(&case.case),
            None => vec![text("case", &one.case)],
        };
        attributes.push(text("metric", &one.metric.name));
        attributes.push(text("verdict", one.verdict.word()));
        attributes.push(text("rule", &one.rule));
        if let Verdict::Regressed(severity) = one.verdict {
            let word = match severity {
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Critical => "critical",
            };
            attributes.push(text("severity", word));
        }
        let is_bad = one.verdict.fails() || one.verdict == Verdict::Failed;
        let about = "1 where a gate fails because of the metric or its case failed, else 0; `verdict` says more";
        self.put(
            "benchhost.verdict",
            "1",
            about,
            attributes.clone(),
            f64::from(u8::from(is_bad)),
        );
        let about = "how far the value is from what it was judged against, as a share of that";
        self.put(
            "benchhost.verdict.change",
            "1",
            about,
            attributes,
            one.effect,
        );
    }

    fn put(&mut self, name: &str, unit: &str, about: &str, attributes: Vec<KeyValue>, value: f64) {
        if !value.is_finite() {
            return;
        }
        let point = NumberDataPoint {
            attributes,
            time_unix_nano: self.time,
            value: Some(Value::AsDouble(value)),
            ..NumberDataPoint::default()
        };
        let known = self
            .metrics
            .iter_mut()
            .find(|metric| metric.name == name && metric.unit == unit);
        match known {
            Some(metric) => metric.points.push(point),
            None => self.metrics.push(Points {
                name: name.to_owned(),
                unit: unit.to_owned(),
                description: about.to_owned(),
                points: vec![point],
            }),
        }
    }
}

/// `99.9` for .999.
fn percent(share: f64) -> f64 {
    (share * 1e6).round() / 1e4
}
