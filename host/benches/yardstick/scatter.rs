//! How much the medians of runs scatter, with and without the samples that were set aside.

use std::{collections::BTreeMap, fs};

use benchhost_record::{CaseResult, Run, names};
use benchhost_stats::median;

/// Of one case of one run.
struct Medians {
    counted: f64,
    all: f64,
    /// Share of samples that were set aside.
    aside: f64,
}

/// A line for each case that is in all of the `run.json` files.
pub(crate) fn show(files: &[String]) {
    let mut cases: BTreeMap<String, Vec<Medians>> = BTreeMap::new();
    for file in files {
        let run: Run = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for case in &run.cases {
            let known = cases.entry(case.case.id.to_string()).or_default();
            known.extend(medians(case));
        }
    }
    cases.retain(|_, found| found.len() == files.len());
    println!("counted %   all %  aside %  case");
    let (mut counted, mut all) = (Vec::new(), Vec::new());
    for (case, found) in &cases {
        let (own, every) = (spread(found, |m| m.counted), spread(found, |m| m.all));
        let aside = found.iter().map(|m| m.aside).sum::<f64>() / found.len() as f64;
        println!("{own:9.2} {every:7.2} {:8.0}  {case}", 100.0 * aside);
        counted.push(own);
        all.push(every);
    }
    if let (Ok(own), Ok(every)) = (median(&counted), median(&all)) {
        println!(
            "{own:9.2} {every:7.2}           median of {} cases in {} runs",
            cases.len(),
            files.len()
        );
    }
}

fn medians(case: &CaseResult) -> Option<Medians> {
    let time = case
        .measurements
        .iter()
        .find(|one| one.metric.name == names::TIME)?;
    let counted = &time.samples.value;
    let aside = case
        .repetitions
        .iter()
        .filter_map(|one| one.sharing.as_ref());
    let mut all: Vec<f64> = aside
        .flat_map(|one| one.set_aside_ns.iter().copied())
        .collect();
    let share = all.len() as f64 / (all.len() + counted.len()) as f64;
    all.extend(counted);
    Some(Medians {
        counted: median(counted).ok()?,
        all: median(&all).ok()?,
        aside: share,
    })
}

/// Standard deviation of the logarithms, %.
fn spread(found: &[Medians], of: impl Fn(&Medians) -> f64) -> f64 {
    let logs: Vec<f64> = found.iter().map(|one| of(one).ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    100.0 * (squares / (logs.len() - 1) as f64).sqrt()
}
