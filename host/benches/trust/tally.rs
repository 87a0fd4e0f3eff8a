//! What many comparisons of one kind came to.

use std::collections::BTreeMap;

/// Verdicts, times and noise of comparisons.
#[derive(Default)]
pub(crate) struct Tally {
    verdicts: BTreeMap<String, usize>,
    flags: BTreeMap<String, usize>,
    ratios: Vec<f64>,
    seconds: Vec<f64>,
    rounds: Vec<f64>,
    round_sds: Vec<f64>,
}

impl Tally {
    pub(crate) const HEADER: &'static str = "workload             n  slower faster  equal inconcl failed | ratio (median)  round-sd | rounds  seconds (median, p95) | flags";

    /// Adds the one comparison in `json`.
    pub(crate) fn add(&mut self, json: &serde_json::Value) {
        let one = &json["comparisons"][0];
        let verdict = one["verdict"].as_str().unwrap_or("none");
        *self.verdicts.entry(verdict.to_owned()).or_default() += 1;
        for flag in one["flags"].as_array().into_iter().flatten() {
            let kind = flag["kind"].as_str().unwrap_or("unknown");
            *self.flags.entry(kind.to_owned()).or_default() += 1;
        }
        let fields = [
            ("ratio", &mut self.ratios),
            ("seconds", &mut self.seconds),
            ("rounds", &mut self.rounds),
            ("round_sd", &mut self.round_sds),
        ];
        for (key, values) in fields {
            values.extend(one[key].as_f64());
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.verdicts, &other.verdicts),
            (&mut self.flags, &other.flags),
        ] {
            for (key, count) in theirs {
                *mine.entry(key.clone()).or_default() += count;
            }
        }
        for (mine, theirs) in [
            (&mut self.ratios, &other.ratios),
            (&mut self.seconds, &other.seconds),
            (&mut self.rounds, &other.rounds),
            (&mut self.round_sds, &other.round_sds),
        ] {
            mine.extend(theirs);
        }
    }

    /// One line of the table.
    pub(crate) fn line(&self, name: &str) -> String {
        let n: usize = self.verdicts.values().sum();
        let count = |verdict: &str| self.verdicts.get(verdict).copied().unwrap_or(0);
        let flags: Vec<String> = self
            .flags
            .iter()
            .map(|(kind, n)| format!("{kind} {n}"))
            .collect();
        format!(
            "{name:<18}{n:>4}{:>8}{:>7}{:>7}{:>8}{:>7} | {:>14.4} {:>8.3} % | {:>6.0} {:>10.2} {:>10.2} | {}",
            count("slower"),
            count("faster"),
            count("equivalent"),
            count("inconclusive"),
            count("failed"),
            quantile(&self.ratios, 0.5),
            100.0 * quantile(&self.round_sds, 0.5),
            quantile(&self.rounds, 0.5),
            quantile(&self.seconds, 0.5),
            quantile(&self.seconds, 0.95),
            flags.join(", ")
        )
    }
}

fn quantile(values: &[f64], q: f64) -> f64 {
    benchhost_stats::quantile(values, q).unwrap_or(f64::NAN)
}
