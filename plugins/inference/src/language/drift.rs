//! How far logits are from those of weights in f32.

use benchhost_plugin_api::{Description, Error, Metric, Metrics, ensure_right};

use super::{model::largest, quantity::Quantity};

/// The differences over a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drift {
    /// Largest magnitude of a difference of two logits.
    largest: f64,
    /// Mean over the positions of Σ p·ln(p/q) in nats, p the reference.
    divergence: f64,
    /// Part of the positions where both like the same token best.
    agreement: f64,
}

impl Drift {
    /// Compares `found` with `expected`, each of as many logits for each of `positions`.
    pub(crate) fn new(found: &[f32], expected: &[f32], positions: usize) -> Self {
        let vocabulary = expected.len() / positions;
        let pairs = || found.chunks(vocabulary).zip(expected.chunks(vocabulary));
        let differences = found
            .iter()
            .zip(expected)
            .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
        let agreed = pairs().filter(|(a, b)| largest(a) == largest(b)).count();
        Self {
            largest: differences.fold(0.0, f64::max),
            divergence: pairs()
                .map(|(found, expected)| divergence(expected, found))
                .sum::<f64>()
                / positions as f64,
            agreement: agreed as f64 / positions as f64,
        }
    }

    /// Adds the metrics to a workload's description.
    pub(crate) fn describe(description: Description) -> Description {
        description
            .metric(
                Metric::lower("logit-difference", "")
                    .quality()
                    .help("largest difference of a logit from that of weights in f32, over the whole text"),
            )
            .metric(
                Metric::lower("divergence", "nat")
                    .quality()
                    .help("Kullback-Leibler divergence of the next token's distribution from that of f32, mean over the text"),
            )
            .metric(
                Metric::higher("top-1-agreement", "")
                    .ratio()
                    .help("part of the text's positions where the likeliest next token is that of f32"),
            )
    }

    /// Whether the answer is still that of the model.
    ///
    /// # Errors
    /// [`Error::wrong`] for more drift than weights of this quantity explain.
    pub(crate) fn check(&self, quantity: Quantity) -> Result<(), Error> {
        let (divergence, agreement) = match quantity {
            Quantity::F32 => (1e-6, 1.0),
            Quantity::Q4_1 | Quantity::Q8_0 => (0.02, 0.85),
            Quantity::Q4K => (0.2, 0.6),
        };
        let is_near = self.divergence <= divergence && self.agreement >= agreement;
        ensure_right(is_near, || {
            format!(
                "the divergence from f32 is {:.5} nat and the agreement {:.3}, expected at most {divergence} and at least \
                 {agreement}",
                self.divergence, self.agreement
            )
        })
    }

    /// Reports all three.
    pub(crate) fn report(&self, metrics: &mut Metrics) {
        metrics.set("logit-difference", self.largest);
        metrics.set("divergence", self.divergence);
        metrics.set("top-1-agreement", self.agreement);
    }
}

/// Σ p·ln(p/q) in nats, of the distributions that belong to the logits.
fn divergence(p: &[f32], q: &[f32]) -> f64 {
    let (log_p, log_q) = (log_sum(p), log_sum(q));
    let terms = p.iter().zip(q).map(|(p, q)| {
        let (p, q) = (f64::from(*p) - log_p, f64::from(*q) - log_q);
        p.exp() * (p - q)
    });
    // Rounding may leave a trifle below zero.
    terms.sum::<f64>().max(0.0)
}

/// ln Σ eˣ.
fn log_sum(logits: &[f32]) -> f64 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let most = f64::from(most);
    most + logits
        .iter()
        .map(|x| (f64::from(*x) - most).exp())
        .sum::<f64>()
        .ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_do_not_drift_and_a_common_offset_is_no_divergence() {
        let logits = [0.5, 2.0, -1.0, 0.25, 3.0, 1.0];
        let moved = logits.map(|x| x + 4.0);

        assert_eq!(
            Drift::new(&logits, &logits, 2),
            Drift {
                largest: 0.0,
                divergence: 0.0,
                agreement: 1.0
            }
        );
        let drift = Drift::new(&moved, &logits, 2);
        assert!(drift.divergence < 1e-12 && drift.largest == 4.0 && drift.agreement == 1.0);
    }

    #[test]
    fn a_divergence_by_hand() {
        // p = (½, ½), q = (¼, ¾).
        let (p, q) = ([0.0, 0.0], [0.25f32.ln(), 0.75f32.ln()]);

        let expected = 0.5 * 2f64.ln() + 0.5 * (2.0f64 / 3.0).ln();
        assert!((divergence(&p, &q) - expected).abs() < 1e-7);
        assert_eq!(Drift::new(&q, &p, 1).agreement, 0.0);
    }

    #[test]
    fn too_much_drift_is_a_wrong_answer() {
        let drift = Drift {
            largest: 1.0,
            divergence: 0.03,
            agreement: 0.9,
        };

        assert!(drift.check(Quantity::Q4K).is_ok());
        let error = drift.check(Quantity::Q8_0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the divergence from f32 is 0.03000 nat and the agreement 0.900, expected at most 0.02 and at least 0.85"
        );
    }
}
