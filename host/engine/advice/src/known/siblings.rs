//! Cases that differ in one thing only: what a GPU or a smaller type of numbers gained.

use std::collections::HashMap;

use benchhost_record::{CaseId, CaseResult, ParamValue, Params, Run, names};

/// Speeds of the cases of a run, by id.
#[derive(Debug, Default)]
pub(crate) struct Siblings<'a> {
    times: HashMap<&'a str, f64>,
}

/// Types of numbers that are smaller than f32.
const HALVES: [&str; 2] = ["f16", "bf16"];

impl<'a> Siblings<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        let measured = run.cases.iter().filter(|case| case.outcome.is_ok());
        let times = measured.filter_map(|case| Some((case.case.id.as_str(), time(case)?)));
        Self {
            times: times.collect(),
        }
    }

    /// How many times faster a case is than the same on the processor.
    pub(crate) fn over_cpu(&self, result: &CaseResult) -> Option<f64> {
        let case = &result.case;
        let other = CaseId::new(
            &case.plugin,
            &case.workload,
            &case.params,
            case.threads,
            "cpu",
        );
        (case.device != "cpu").then(|| self.ratio(result, &other))?
    }

    /// How many times faster a case with small numbers is than the same with f32.
    pub(crate) fn over_f32(&self, result: &CaseResult) -> Option<f64> {
        let case = &result.case;
        let Some(ParamValue::Text(dtype)) = case.params.get("dtype") else {
            return None;
        };
        if !HALVES.contains(&dtype.as_str()) {
            return None;
        }
        let id = |params: &Params| {
            CaseId::new(
                &case.plugin,
                &case.workload,
                params,
                case.threads,
                &case.device,
            )
        };
        let mut params = case.params.clone();
        params.insert("dtype".to_owned(), ParamValue::Text("f32".to_owned()));
        let written = self.ratio(result, &id(&params));
        params.remove("dtype");
        written.or_else(|| self.ratio(result, &id(&params)))
    }

    fn ratio(&self, result: &CaseResult, other: &CaseId) -> Option<f64> {
        let slow = self.times.get(other.as_str())?;
        let fast = self.times.get(result.case.id.as_str())?;
        (*fast > 0.0).then(|| slow / fast)
    }
}

fn time(result: &CaseResult) -> Option<f64> {
    let mut measured = result.measurements.iter();
    let time = measured.find(|one| one.metric.name == names::TIME)?;
    Some(time.summary.as_ref()?.median)
}
