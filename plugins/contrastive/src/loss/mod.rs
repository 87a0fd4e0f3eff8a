//! The contrastive losses, all in one form.
//!
//! S holds the cosine similarities of the views, divided by the temperature. A row i of S has positives (weights
//! W_ij that add up to 1) and candidates (what is not masked out); the loss is
//! mean_i ( ln Σ_j exp(S_ij + M_ij) − Σ_j W_ij·S_ij ). Which entries are which is decided by [`Roles`]. Here from stock
//! operations; [`FusedLoss`] is the same for the CPU without candle.

mod fused;
mod roles;

use benchhost_plugin_api::Error;
use candle_core::{D, Device, Tensor};
use serde::{Deserialize, Serialize};

pub(crate) use fused::FusedLoss;
pub(crate) use roles::Roles;

/// Smallest norm an embedding is divided by.
const NORM_FLOOR: f64 = 1e-8;

/// Which contrastive loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// Anchors against positives. Source: van den Oord et al. (2018), arXiv:1807.03748, eq. 4.
    InfoNce,
    /// Mean of InfoNCE in both directions. Source: Radford et al. (2021), arXiv:2103.00020, figure 3.
    Symmetric,
    /// NT-Xent over all 2B views. Source: Chen et al. (2020), arXiv:2002.05709, eq. 1.
    SimClr,
    /// Positives are all views of the same ID. Source: Khosla et al. (2020), arXiv:2004.11362, eq. 2.
    SupCon,
}

impl LossKind {
    /// The names in a suite.
    pub(crate) const NAMES: &'static [&'static str] = &["infonce", "symmetric", "simclr", "supcon"];

    /// Rows of S for a batch: B for anchors against positives, 2B when every view meets every other.
    fn rows(self, batch: usize) -> usize {
        match self {
            Self::InfoNce | Self::Symmetric => batch,
            Self::SimClr | Self::SupCon => 2 * batch,
        }
    }

    /// Floating-point operations of the similarities of `batch` embeddings of length `width`; the rest of the
    /// loss is small and not counted.
    pub(crate) fn forward_flop(self, batch: usize, width: usize) -> f64 {
        let rows = self.rows(batch) as f64;
        2.0 * rows * rows * width as f64
    }

    /// S: anchors and positives (`[B, o]` each) normalised, multiplied, divided by `temperature`.
    pub(crate) fn similarities(
        self,
        anchor: &Tensor,
        positive: &Tensor,
        temperature: f64,
    ) -> Result<Tensor, Error> {
        let (left, right) = match self {
            Self::InfoNce | Self::Symmetric => (normalise(anchor)?, normalise(positive)?),
            Self::SimClr | Self::SupCon => {
                let views = normalise(&Tensor::cat(&[anchor, positive], 0)?)?;
                (views.clone(), views)
            }
        };
        Ok((left.matmul(&right.t()?)? / temperature)?)
    }

    /// The loss in nats, a scalar.
    pub(crate) fn loss(self, similarities: &Tensor, targets: &Targets) -> Result<Tensor, Error> {
        let forward = targets.row_loss(similarities)?;
        match self {
            Self::InfoNce | Self::SimClr | Self::SupCon => Ok(forward),
            Self::Symmetric => {
                let backward = targets.row_loss(&similarities.t()?)?;
                Ok(((forward + backward)? / 2.0)?)
            }
        }
    }
}

/// Rows of `x` divided by their length.
fn normalise(x: &Tensor) -> Result<Tensor, Error> {
    // The floor goes under the root: its derivative at 0 would be infinite.
    let square = x.sqr()?.sum_keepdim(D::Minus1)?;
    let norm = square.maximum(NORM_FLOOR * NORM_FLOOR)?.sqrt()?;
    Ok(x.broadcast_div(&norm)?)
}

/// [`Roles`] on the device.
#[derive(Debug)]
pub(crate) struct Targets {
    pub roles: Roles,
    weights: Tensor,
    /// Added to S; `None` when every entry is a candidate.
    mask: Option<Tensor>,
}

impl Targets {
    /// Targets of a batch whose row i shows the ID `ids[i]`.
    pub(crate) fn new(kind: LossKind, ids: &[usize], device: &Device) -> Result<Self, Error> {
        Self::of(Roles::new(kind, ids), device)
    }

    /// Targets with these roles.
    pub(crate) fn of(roles: Roles, device: &Device) -> Result<Self, Error> {
        let square = (roles.rows, roles.rows);
        let on_device = |values: &[f32]| Tensor::from_slice(values, square, device);
        Ok(Self {
            weights: on_device(&roles.weights)?,
            mask: roles.mask().map(on_device).transpose()?,
            roles,
        })
    }

    /// mean_i ( ln Σ_j exp(S_ij + M_ij) − Σ_j W_ij·S_ij ), in f32.
    fn row_loss(&self, similarities: &Tensor) -> Result<Tensor, Error> {
        let positive = (similarities * &self.weights)?.sum(D::Minus1)?;
        let candidates = self.masked(similarities)?;
        // The largest entry is taken out before the exponential; it cancels, so it needs no gradient.
        let largest = candidates.detach().max_keepdim(D::Minus1)?;
        let sum = candidates.broadcast_sub(&largest)?.exp()?.sum(D::Minus1)?;
        let log_sum_exp = (sum.log()? + largest.squeeze(D::Minus1)?)?;
        Ok((log_sum_exp - positive)?.mean_all()?)
    }

    fn masked(&self, similarities: &Tensor) -> Result<Tensor, Error> {
        match &self.mask {
            Some(mask) => Ok((similarities + mask)?),
            None => Ok(similarities.clone()),
        }
    }

    /// Share of rows whose best candidate is a positive, 0–1.
    pub(crate) fn accuracy(&self, similarities: &Tensor) -> Result<f64, Error> {
        Ok(self
            .roles
            .accuracy(&similarities.flatten_all()?.to_vec1::<f32>()?))
    }
}

#[cfg(test)]
mod tests {
    use benchhost_support::random::{fill_normal, stream};

    use super::*;
    use crate::reference;

    const ALL: [LossKind; 4] = [
        LossKind::InfoNce,
        LossKind::Symmetric,
        LossKind::SimClr,
        LossKind::SupCon,
    ];

    fn views(batch: usize, width: usize) -> (Vec<f32>, Vec<f32>) {
        let mut rng = stream(3, "views");
        let mut both = (vec![0.0; batch * width], vec![0.0; batch * width]);
        fill_normal(&mut rng, &mut both.0);
        fill_normal(&mut rng, &mut both.1);
        both
    }

    fn found(kind: LossKind, ids: &[usize], temperature: f64) -> (f64, f64) {
        let (anchor, positive) = views(ids.len(), 5);
        let tensor = |v: &[f32]| Tensor::from_slice(v, (ids.len(), 5), &Device::Cpu).unwrap();
        let targets = Targets::new(kind, ids, &Device::Cpu).unwrap();
        let s = kind
            .similarities(&tensor(&anchor), &tensor(&positive), temperature)
            .unwrap();
        let loss = kind.loss(&s, &targets).unwrap().to_scalar::<f32>().unwrap();
        let plain = reference::loss(kind, (&anchor, &positive), ids, temperature);
        (f64::from(loss), plain)
    }

    #[test]
    fn each_loss_is_its_definition_with_and_without_repeated_ids() {
        for kind in ALL {
            for ids in [&[0, 1, 2, 3, 4, 5][..], &[0, 1, 0, 2, 1, 0]] {
                for temperature in [0.07, 1.0, 0.001] {
                    let (loss, plain) = found(kind, ids, temperature);
                    assert!(
                        (loss - plain).abs() < 2e-4 * plain.abs().max(1.0),
                        "{kind:?} {ids:?} τ = {temperature}: {loss} instead of {plain}"
                    );
                }
            }
        }
    }

    #[test]
    fn chance_is_the_loss_of_equal_similarities() {
        for kind in ALL {
            for ids in [&[0, 1, 2, 3][..], &[0, 0, 1, 2]] {
                let targets = Targets::new(kind, ids, &Device::Cpu).unwrap();
                let rows = kind.rows(ids.len());
                let flat =
                    Tensor::ones((rows, rows), candle_core::DType::F32, &Device::Cpu).unwrap();

                let loss = kind
                    .loss(&flat, &targets)
                    .unwrap()
                    .to_scalar::<f32>()
                    .unwrap();

                assert!(
                    (f64::from(loss) - targets.roles.chance()).abs() < 1e-5,
                    "{kind:?} {ids:?}"
                );
            }
        }
        let distinct = Targets::new(LossKind::InfoNce, &[0, 1, 2, 3], &Device::Cpu).unwrap();
        assert!((distinct.roles.chance() - 4f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_zero_embedding_gives_a_finite_gradient() {
        let anchor =
            candle_core::Var::zeros((3, 5), candle_core::DType::F32, &Device::Cpu).unwrap();
        let positive = Tensor::from_vec(views(3, 5).1, (3, 5), &Device::Cpu).unwrap();
        let targets = Targets::new(LossKind::InfoNce, &[0, 1, 2], &Device::Cpu).unwrap();
        let s = LossKind::InfoNce
            .similarities(&anchor, &positive, 0.07)
            .unwrap();

        let grads = LossKind::InfoNce
            .loss(&s, &targets)
            .unwrap()
            .backward()
            .unwrap();

        let grad: Vec<f32> = grads
            .get(&anchor)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();
        assert!(grad.iter().all(|g| g.is_finite()), "{grad:?}");
    }
}
