//! Energy from power that was looked at now and then.

/// Integral of sampled power over time, by the trapezoidal rule: between two samples the power is taken to run straight.
/// Times may be irregular.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PowerIntegral {
    last: Option<(u64, f64)>,
    span_ns: u64,
    joules: f64,
}

impl PowerIntegral {
    /// Adds a sample: `power_w` at `at_ns`. A sample that is no finite number of at least 0, or that is older than the
    /// last one, is not taken; the line then runs on to the next one.
    pub fn add(&mut self, at_ns: u64, power_w: f64) {
        let is_later = self.last.is_none_or(|(last_ns, _)| at_ns >= last_ns);
        if !is_later || !power_w.is_finite() || power_w < 0.0 {
            return;
        }
        if let Some((last_ns, last_w)) = self.last {
            let step_ns = at_ns - last_ns;
            self.joules += (last_w + power_w) / 2.0 * step_ns as f64 * 1e-9;
            self.span_ns += step_ns;
        }
        self.last = Some((at_ns, power_w));
    }

    /// Energy between the first and the last sample, J; `None` for fewer than two samples.
    #[must_use]
    pub fn joules(&self) -> Option<f64> {
        (self.span_ns > 0).then_some(self.joules)
    }

    /// Mean power between the first and the last sample, W; `None` for fewer than two samples.
    #[must_use]
    pub fn mean_w(&self) -> Option<f64> {
        Some(self.joules()? / (self.span_ns as f64 * 1e-9))
    }
}

#[cfg(test)]
mod tests;
