//! Adam and AdamW with the semantics of `torch.optim`, as plain candle operations.
//!
//! One pass over memory for each operation: this is what `implementation = "candle"` measures, on purpose.

use benchhost_plugin_api::Error;
use candle_core::{Tensor, Var, backprop::GradStore};

/// What weight decay does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// Added to the gradient as λθ: `torch.optim.Adam`.
    L2,
    /// θ shrinks by lr·λ, apart from the gradient: `torch.optim.AdamW`.
    Decoupled,
}

/// Settings; `Default` is torch's for Adam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamParams {
    /// Learning rate.
    pub learning_rate: f64,
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// λ.
    pub weight_decay: f64,
    /// What λ does.
    pub decay: Decay,
}

impl Default for AdamParams {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            decay: Decay::L2,
        }
    }
}

/// The optimiser with its two moments for each variable. Everything can be read: a proof undoes the last update.
#[derive(Debug)]
pub struct Adam {
    /// Its settings.
    pub params: AdamParams,
    /// In the order of the variables it was given.
    pub slots: Vec<Slot>,
    /// Updates so far.
    pub steps: i32,
}

/// A variable and its moments.
#[derive(Debug)]
pub struct Slot {
    /// θ.
    pub var: Var,
    /// Mean of its gradients, as large as θ.
    pub first: Tensor,
    /// Mean of their squares.
    pub second: Tensor,
}

impl Adam {
    /// An optimiser of `vars`, moments zero.
    ///
    /// # Errors
    /// The device refuses the memory.
    pub fn new(vars: Vec<Var>, params: AdamParams) -> Result<Self, Error> {
        let slots = vars
            .into_iter()
            .map(|var| {
                Ok(Slot {
                    first: var.zeros_like()?,
                    second: var.zeros_like()?,
                    var,
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            params,
            slots,
            steps: 0,
        })
    }

    /// One update from `grads`. Variables without a gradient stay as they are.
    ///
    /// # Errors
    /// A candle operation fails.
    ///
    /// Sources: Kingma & Ba (2015), arXiv:1412.6980, algorithm 1; Loshchilov & Hutter (2019),
    /// arXiv:1711.05101, algorithm 2; order of operations as in `torch/optim/adam.py` (`_single_tensor_adam`).
    pub fn step(&mut self, grads: &GradStore) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(1);
        let correction1 = 1.0 - self.params.beta1.powi(self.steps);
        let correction2 = 1.0 - self.params.beta2.powi(self.steps);
        for slot in &mut self.slots {
            if let Some(grad) = grads.get(&slot.var) {
                slot.update(grad, &self.params, correction1, correction2)?;
            }
        }
        Ok(())
    }
}

impl Slot {
    fn update(
        &mut self,
        grad: &Tensor,
        params: &AdamParams,
        correction1: f64,
        correction2: f64,
    ) -> Result<(), Error> {
        let lambda = params.weight_decay;
        let theta = self.var.as_detached_tensor();
        let (theta, grad) = match params.decay {
            _ if lambda == 0.0 => (theta, grad.clone()),
            Decay::L2 => (theta.clone(), (grad + (&theta * lambda)?)?),
            Decay::Decoupled => (
                (theta * (1.0 - params.learning_rate * lambda))?,
                grad.clone(),
            ),
        };
        let square = (grad.sqr()? * (1.0 - params.beta2))?;
        self.first = ((&self.first * params.beta1)? + (grad * (1.0 - params.beta1))?)?;
        self.second = ((&self.second * params.beta2)? + square)?;
        let root = ((self.second.sqrt()? / correction2.sqrt())? + params.eps)?;
        let change = ((&self.first / root)? * (params.learning_rate / correction1))?;
        self.var.set(&(theta - change)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    /// θ after five steps on Σ cθ²/2 + θ³/3 with c = (1, −2, ½, 3), lr 0.05, from (½, −1¼, 2, 0).
    ///
    /// Golden numbers: a float64 transcription of `torch/optim/adam.py` (`_single_tensor_adam`) in numpy 2.4.6,
    /// Python 3.11.7.
    fn five_steps(weight_decay: f64, decay: Decay) -> Vec<f64> {
        let theta = Var::new(&[0.5f64, -1.25, 2.0, 0.0], &Device::Cpu).unwrap();
        let c = Tensor::new(&[1.0f64, -2.0, 0.5, 3.0], &Device::Cpu).unwrap();
        let params = AdamParams {
            learning_rate: 0.05,
            weight_decay,
            decay,
            ..AdamParams::default()
        };
        let mut adam = Adam::new(vec![theta.clone()], params).unwrap();

        for _ in 0..5 {
            let square = (theta.sqr().unwrap() * &c)
                .unwrap()
                .affine(0.5, 0.0)
                .unwrap();
            let cube = theta.powf(3.0).unwrap().affine(1.0 / 3.0, 0.0).unwrap();
            let loss = (square + cube).unwrap().sum_all().unwrap();
            adam.step(&loss.backward().unwrap()).unwrap();
        }
        theta.to_vec1().unwrap()
    }

    fn assert_close(found: &[f64], golden: [f64; 4]) {
        for (found, golden) in found.iter().zip(golden) {
            assert!((found - golden).abs() < 2e-9, "{found} instead of {golden}");
        }
    }

    #[test]
    fn adam_without_decay_is_torchs() {
        let golden = [0.255586001, -1.500850993, 1.751232109, 0.0];

        assert_close(&five_steps(0.0, Decay::L2), golden);
        assert_close(&five_steps(0.0, Decay::Decoupled), golden);
    }

    #[test]
    fn l2_goes_through_the_moments() {
        let golden = [0.25462734, -1.501038117, 1.750951007, 0.0];

        assert_close(&five_steps(2.0, Decay::L2), golden);
    }

    #[test]
    fn decoupled_decay_does_not() {
        let golden = [0.10472877, -0.940654561, 0.985934143, 0.0];

        assert_close(&five_steps(2.0, Decay::Decoupled), golden);
    }

    #[test]
    fn a_variable_without_gradient_stays() {
        let [used, unused] = [1.0f32, 2.0].map(|value| Var::new(&[value], &Device::Cpu).unwrap());
        let mut adam =
            Adam::new(vec![used.clone(), unused.clone()], AdamParams::default()).unwrap();

        adam.step(&used.sqr().unwrap().sum_all().unwrap().backward().unwrap())
            .unwrap();

        assert_eq!(unused.to_vec1::<f32>().unwrap(), [2.0]);
        assert!(used.to_vec1::<f32>().unwrap()[0] < 1.0);
    }
}
