//! Mixed precision: weights, loss and optimiser in f32, products in a half type, as under PyTorch's autocast.
//!
//! f16 ends at 6·10⁻⁸, where many gradients lie; the loss is therefore multiplied before the backward pass and the
//! gradients divided after it. bf16 has the range of f32 and needs none of that.

use benchhost_plugin_api::Error;
use candle_core::{DType, Tensor, Var, backprop::GradStore};

/// Factor of the first step, PyTorch's `init_scale`.
pub(super) const INITIAL_SCALE: f64 = 65536.0;

/// What the factor grows by, and what it is multiplied by after an overflow.
const GROWTH: f64 = 2.0;
const BACKOFF: f64 = 0.5;

/// Steps without overflow before it grows.
const GROWTH_INTERVAL: u64 = 2000;

/// Beyond this the multiplied loss would leave f32; PyTorch has no such bound and skips steps there.
const LARGEST: f64 = 1e30;

/// Dynamic scaling of the loss.
///
/// Sources: Micikevicius et al. (2018), arXiv:1710.03740, section 3.2; rules and constants of `torch.amp.GradScaler`.
#[derive(Debug)]
pub(super) struct LossScale {
    scale: f64,
    good_steps: u64,
    skipped: u64,
}

impl LossScale {
    /// The scaling that products in `dtype` need.
    pub(super) fn of(dtype: DType, initial: f64) -> Option<Self> {
        (dtype == DType::F16).then_some(Self {
            scale: initial,
            good_steps: 0,
            skipped: 0,
        })
    }

    /// What the loss is multiplied by.
    pub(super) fn factor(&self) -> f64 {
        self.scale
    }

    /// Steps that changed no weight.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Divides the gradients of `vars`; whether the step may be taken, which is when all of them are numbers. Adapts the
    /// factor for the next step.
    pub(super) fn divide(&mut self, grads: &mut GradStore, vars: &[Var]) -> Result<bool, Error> {
        let mut nothing: Option<Tensor> = None;
        for var in vars {
            let Some(grad) = grads.remove(var) else {
                continue;
            };
            // 0·x is 0 unless x is infinite or NaN; one number comes from the device, not one for each variable.
            let zero = (&grad * 0.0)?.sum_all()?;
            nothing = Some(match nothing {
                Some(sum) => (sum + zero)?,
                None => zero,
            });
            grads.insert(var, (grad / self.scale)?);
        }
        let sum = nothing.map(|sum| sum.to_scalar::<f32>()).transpose()?;
        let finite = sum.is_none_or(|sum| sum == 0.0);
        self.adapt(finite);
        Ok(finite)
    }

    fn adapt(&mut self, finite: bool) {
        if !finite {
            self.scale *= BACKOFF;
            self.good_steps = 0;
            self.skipped += 1;
            return;
        }
        self.good_steps += 1;
        if self.good_steps == GROWTH_INTERVAL {
            self.scale = (self.scale * GROWTH).min(LARGEST);
            self.good_steps = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn scale() -> LossScale {
        LossScale::of(DType::F16, INITIAL_SCALE).unwrap()
    }

    #[test]
    fn only_f16_is_scaled() {
        assert!(LossScale::of(DType::F32, 1.0).is_none());
        assert!(LossScale::of(DType::BF16, 1.0).is_none());
    }

    #[test]
    fn the_factor_doubles_after_two_thousand_good_steps_and_halves_after_a_bad_one() {
        let mut scale = scale();

        (0..1999).for_each(|_| scale.adapt(true));
        assert_eq!(scale.factor(), 65536.0);
        scale.adapt(true);
        assert_eq!(scale.factor(), 131_072.0);
        (0..1999).for_each(|_| scale.adapt(true));
        scale.adapt(false);
        assert_eq!((scale.factor(), scale.skipped()), (65536.0, 1));
        // The bad step has begun the count anew.
        (0..1999).for_each(|_| scale.adapt(true));
        assert_eq!(scale.factor(), 65536.0);
        scale.adapt(true);
        assert_eq!(scale.factor(), 131_072.0);
    }

    #[test]
    fn gradients_are_divided_and_one_that_is_no_number_stops_the_step() {
        for (factor, finite) in [(1.0, true), (f64::INFINITY, false), (f64::NAN, false)] {
            let vars: Vec<Var> = [[2.0f32, 3.0], [5.0, 7.0]]
                .iter()
                .map(|values| Var::new(values, &Device::Cpu).unwrap())
                .collect();
            let sum = ((vars[0].sqr().unwrap() + vars[1].affine(factor, 0.0).unwrap()).unwrap())
                .sum_all()
                .unwrap();
            let mut scale = scale();
            let mut grads = (sum * 65536.0).unwrap().backward().unwrap();

            assert_eq!(scale.divide(&mut grads, &vars).unwrap(), finite, "{factor}");

            let first: Vec<f32> = grads.get(&vars[0]).unwrap().to_vec1().unwrap();
            assert_eq!(first, [4.0, 6.0]);
        }
    }
}
