//! Verdicts of a run:
//! `{"run","machine","exit_code","counts":{…},"not_judged","verdicts":[{"case","metric","verdict","severity", …}]}`.

use std::collections::BTreeMap;

use benchhost_gate::{Judgement, Judgements, Verdict};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::known;
use crate::terminal::severity_word;

/// The run that was judged.
#[derive(Debug, Clone, Copy)]
pub struct JudgedRun<'a> {
    /// Its id.
    pub run: &'a str,
    /// Fingerprint of its machine.
    pub machine: &'a str,
    /// Exit code of the judgement.
    pub exit_code: u8,
}

#[derive(Serialize, JsonSchema)]
#[schemars(title = "benchhost check")]
struct Wire<'a> {
    run: &'a str,
    machine: &'a str,
    exit_code: u8,
    counts: BTreeMap<&'a str, usize>,
    not_judged: usize,
    verdicts: Vec<WireJudgement<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Verdict")]
pub(super) struct WireJudgement<'a> {
    case: &'a str,
    metric: &'a str,
    unit: &'a str,
    verdict: &'a str,
    severity: Option<&'a str>,
    rule: &'a str,
    place: &'a str,
    value: Option<f64>,
    reference: Option<f64>,
    effect: Option<f64>,
    interval: Option<[Option<f64>; 2]>,
    p: Option<f64>,
    n: usize,
    runs: &'a [String],
    sentence: &'a str,
}

/// The verdicts as one line of JSON with a line feed at its end, the worst first.
#[must_use]
pub fn judgements(run: &JudgedRun<'_>, judged: &Judgements) -> String {
    let wire = Wire {
        run: run.run,
        machine: run.machine,
        exit_code: run.exit_code,
        counts: judged.counts().into_iter().collect(),
        not_judged: judged.not_judged,
        verdicts: wire(judged),
    };
    let mut text = serde_json::to_string(&wire).expect("keys are text and values are plain");
    text.push('\n');
    text
}

/// The verdicts, the worst first.
pub(super) fn wire(judged: &Judgements) -> Vec<WireJudgement<'_>> {
    judged.judged.iter().map(judgement).collect()
}

/// One verdict, as in [`judgements`].
#[must_use]
pub fn verdict(one: &Judgement) -> serde_json::Value {
    serde_json::to_value(judgement(one)).expect("keys are text and values are plain")
}

fn judgement(one: &Judgement) -> WireJudgement<'_> {
    WireJudgement {
        case: &one.case,
        metric: &one.metric.name,
        unit: &one.metric.unit,
        verdict: one.verdict.word(),
        severity: match one.verdict {
            Verdict::Regressed(severity) => Some(severity_word(severity)),
            _ => None,
        },
        rule: &one.rule,
        place: &one.place,
        value: known(one.value),
        reference: known(one.reference),
        effect: known(one.effect),
        interval: one.interval.map(|(low, high)| [known(low), known(high)]),
        p: one.p,
        n: one.n,
        runs: &one.runs,
        sentence: &one.sentence,
    }
}

/// The JSON Schema of [`judgements`], draft 2020-12.
#[must_use]
pub fn judgements_schema() -> Schema {
    super::schema_of::<Wire<'static>>()
}
