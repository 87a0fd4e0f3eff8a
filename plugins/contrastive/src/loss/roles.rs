//! Which entries of S are positives, and which are candidates at all.

use super::LossKind;

/// Added to a similarity that is no candidate: its exponential is 0 in every dtype used here.
const MASKED: f32 = -1e4;

/// Roles of the entries of S, `[rows, rows]` row-major, for the IDs of one batch.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub rows: usize,
    /// Weights of the positives, adding up to 1 in each row; 0 elsewhere.
    pub weights: Vec<f32>,
    /// Added to S: 0 for candidates; empty when every entry is one.
    mask: Vec<f32>,
}

impl Roles {
    /// Roles for a batch whose row i shows the ID `ids[i]`. Other windows of the same ID are positives for SupCon, and
    /// neither positive nor negative for the other losses.
    pub(crate) fn new(kind: LossKind, ids: &[usize]) -> Self {
        let mut roles = Self::default();
        roles.fill(kind, ids);
        roles
    }

    /// The same, in the buffers that are there.
    pub(crate) fn fill(&mut self, kind: LossKind, ids: &[usize]) {
        let batch = ids.len();
        self.rows = kind.rows(batch);
        let rows = self.rows;
        self.weights.clear();
        self.weights.resize(rows * rows, 0.0);
        self.mask.clear();
        self.mask.resize(rows * rows, 0.0);
        let lines = self.weights.chunks_exact_mut(rows);
        for (i, (weights, mask)) in lines.zip(self.mask.chunks_exact_mut(rows)).enumerate() {
            let id = ids[i % batch];
            let halves = mask.chunks_exact_mut(batch);
            for (weights, mask) in weights.chunks_exact_mut(batch).zip(halves) {
                for ((weight, mask), other) in weights.iter_mut().zip(mask).zip(ids) {
                    let same = *other == id;
                    *weight = if same { 1.0 } else { 0.0 };
                    *mask = if same { MASKED } else { 0.0 };
                }
            }
            match kind {
                LossKind::InfoNce | LossKind::Symmetric => only(weights, mask, i),
                LossKind::SimClr => only(weights, mask, (i + batch) % rows),
                LossKind::SupCon => {
                    weights[i] = 0.0;
                    mask.fill(0.0);
                    mask[i] = MASKED;
                    let share = 1.0 / weights.iter().sum::<f32>();
                    weights.iter_mut().for_each(|weight| *weight *= share);
                }
            }
        }
        if self.mask.iter().all(|mask| *mask == 0.0) {
            self.mask.clear();
        }
    }

    /// What is added to S; `None` when every entry is a candidate.
    pub(crate) fn mask(&self) -> Option<&[f32]> {
        (!self.mask.is_empty()).then_some(&self.mask)
    }

    /// Mean over the rows of ln(candidates): the loss of a guess.
    pub(crate) fn chance(&self) -> f64 {
        let Some(mask) = self.mask() else {
            return (self.rows as f64).ln();
        };
        let candidates = |row: &[f32]| row.iter().filter(|mask| **mask == 0.0).count() as f64;
        let logarithms = mask.chunks_exact(self.rows).map(|row| candidates(row).ln());
        logarithms.sum::<f64>() / self.rows as f64
    }

    /// Share of rows whose best candidate in `similarities` is a positive, 0–1.
    pub(crate) fn accuracy(&self, similarities: &[f32]) -> f64 {
        let hit = |row: &usize| {
            let start = row * self.rows;
            let value = |column: &usize| {
                similarities[start + column] + self.mask().map_or(0.0, |mask| mask[start + column])
            };
            // The first of equal values, as `argmax` takes it.
            let best = (0..self.rows)
                .rev()
                .max_by(|a, b| value(a).total_cmp(&value(b)));
            best.is_some_and(|best| self.weights[start + best] > 0.0)
        };
        (0..self.rows).filter(hit).count() as f64 / self.rows as f64
    }
}

/// Makes `partner` the one positive of a row: other windows of the same ID are no candidates.
fn only(weights: &mut [f32], mask: &mut [f32], partner: usize) {
    weights.fill(0.0);
    weights[partner] = 1.0;
    mask[partner] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_counts_rows_whose_best_candidate_is_a_positive() {
        let s = [1.0f32, 0.0, 0.0, 2.0, 1.0, 0.0, 3.0, 0.0, 1.0];
        let accuracy = |ids: &[usize]| Roles::new(LossKind::InfoNce, ids).accuracy(&s);

        assert!((accuracy(&[0, 1, 2]) - 1.0 / 3.0).abs() < 1e-12);
        // Rows 0 and 2 show the same ID: neither is a wrong answer for the other any more.
        assert!((accuracy(&[0, 1, 0]) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_a_row_looks_like_for_each_loss() {
        let row = |kind, index: usize| {
            let roles = Roles::new(kind, &[7, 8, 7]);
            let line = index * roles.rows..(index + 1) * roles.rows;
            let mask = &roles.mask().expect("a repeated ID")[line.clone()];
            let sign = |(weight, mask): (&f32, &f32)| match (*weight > 0.0, *mask < 0.0) {
                (true, _) => '+',
                (false, true) => '.',
                (false, false) => '-',
            };
            roles.weights[line]
                .iter()
                .zip(mask)
                .map(sign)
                .collect::<String>()
        };

        assert_eq!(row(LossKind::InfoNce, 0), "+-.");
        assert_eq!(row(LossKind::Symmetric, 2), ".-+");
        assert_eq!(row(LossKind::SimClr, 0), ".-.+-.");
        assert_eq!(row(LossKind::SimClr, 4), "-+--.-");
        assert_eq!(row(LossKind::SupCon, 0), ".-++-+");
        assert!(Roles::new(LossKind::InfoNce, &[1, 2]).mask().is_none());
    }
}
