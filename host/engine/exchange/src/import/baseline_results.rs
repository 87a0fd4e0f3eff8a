//! MEP's `baseline_results.json` (`{"bench":{"opt":{"accuracy":x,"tolerance":t}}}`) and the results file it is
//! compared with (`{"bench":{"opt":{"val_acc":x}}}`).
//!
//! Case `bench/opt`. `val_acc` and `accuracy` are the same metric, `accuracy`, higher is better. Other numbers of a
//! results file are taken without unit and direction. A result without `val_acc` has no value: MEP's own check takes
//! it for 0, which is a failure too.

use benchhost_record::{Direction, MetricKind};

use crate::{
    Baseline, Entry, Error, Import,
    json::{Json, Node},
};

const METRIC: &str = "accuracy";

pub(super) fn read(root: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    for (bench, optimizers) in root.members()? {
        for (optimizer, data) in optimizers.members()? {
            let case = format!("{bench}/{optimizer}");
            if data.find("tolerance").is_some() || data.find(METRIC).is_some() {
                into.baselines.push(baseline(case, &data)?);
            } else {
                results(case, &data, into)?;
            }
        }
    }
    if into.baselines.is_empty() && into.entries.is_empty() {
        return Err(root.wrong("at least one benchmark with one optimizer"));
    }
    Ok(())
}

fn baseline(case: String, data: &Node<'_>) -> Result<Baseline, Error> {
    let tolerance = data.field("tolerance")?;
    let baseline = Baseline {
        case,
        metric: METRIC.to_owned(),
        unit: String::new(),
        direction: Direction::Higher,
        value: data.field(METRIC)?.number()?,
        tolerance: tolerance.number()?,
    };
    if baseline.tolerance < 0.0 {
        return Err(tolerance.wrong("a tolerance of 0 or more"));
    }
    Ok(baseline)
}

fn results(case: String, data: &Node<'_>, into: &mut Import) -> Result<(), Error> {
    let accuracy = data.find("val_acc");
    let value = accuracy.map_or(Ok(None), |node| node.value())?;
    if value.is_none() {
        into.skip(data.place(), "no `val_acc`");
    }
    into.entries.push(Entry::new(&case, METRIC, value).of(
        "",
        Direction::Higher,
        MetricKind::Quality,
    ));
    for (key, node) in data.members()? {
        if let (true, Json::Number(_)) = (key != "val_acc", node.json()) {
            into.entries.push(Entry::new(&case, key, node.value()?));
        }
    }
    Ok(())
}
