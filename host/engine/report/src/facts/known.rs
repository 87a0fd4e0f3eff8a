//! A report with its verdicts and series found by case: forms ask for them case by case, and runs have thousands.

use std::{collections::HashMap, ops::Deref};

use benchhost_gate::Judgement;

use crate::{Report, Series};

/// A report that answers fast.
pub(crate) struct Known<'a> {
    report: &'a Report,
    verdicts: HashMap<&'a str, Vec<&'a Judgement>>,
    /// Of the run's machine.
    series: HashMap<&'a str, Vec<&'a Series>>,
}

impl<'a> Known<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let mut verdicts: HashMap<&str, Vec<&Judgement>> = HashMap::new();
        for one in &report.judged.judged {
            verdicts.entry(&one.case).or_default().push(one);
        }
        let machine = report
            .run
            .as_ref()
            .map(|run| run.environment.fingerprint.as_str());
        let mut series: HashMap<&str, Vec<&Series>> = HashMap::new();
        for one in &report.series {
            if Some(one.machine.as_str()) == machine {
                series.entry(&one.case).or_default().push(one);
            }
        }
        Self {
            report,
            verdicts,
            series,
        }
    }

    /// What is said of a case, the worst first.
    pub(crate) fn verdicts(&self, case: &str) -> &[&'a Judgement] {
        self.verdicts.get(case).map_or(&[], Vec::as_slice)
    }

    /// What is said of a metric of a case.
    pub(crate) fn verdict(&self, case: &str, metric: &str) -> Option<&'a Judgement> {
        let mut verdicts = self.verdicts(case).iter().copied();
        verdicts.find(|one| one.metric.name == metric)
    }

    /// The history of a metric of a case on the machine of the run.
    pub(crate) fn series_of(&self, case: &str, metric: &str) -> Option<&'a Series> {
        let mut series = self.series.get(case)?.iter().copied();
        series.find(|one| one.metric.name == metric)
    }
}

impl Deref for Known<'_> {
    type Target = Report;

    fn deref(&self) -> &Report {
        self.report
    }
}
