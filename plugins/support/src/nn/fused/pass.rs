//! Forward and backward through a perceptron, with buffers for so many rows.

use rayon::prelude::*;

use super::Mlp;
use crate::kernels::{
    activation::{add_bias, add_bias_relu, relu_gradient, sum_rows, transpose},
    bf16,
    gemm::{self, Matrix},
};

/// Type of the factors of all products; sums and everything else are f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factors {
    /// As they are.
    F32,
    /// Rounded on their way into a product.
    Bf16,
}

impl Factors {
    /// `out ← a·b` on the caller's thread.
    fn product(self, out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
        match self {
            Self::F32 => gemm::product(out, 0.0, a, b, 1.0, 1),
            Self::Bf16 => bf16::product(out, a, b, 1),
        }
    }
}

/// What a pass leaves: outputs of all layers, gradients of all parameters. After `new`, nothing is allocated
/// but what the products pack.
///
/// Masks are those of dropout, one for each hidden layer (`[rows, width]`, factors), empty for a layer without; `&[]`
/// means no dropout at all. With several threads the work is split by rows, or by rows of the weights, on rayon's
/// global pool.
#[derive(Debug)]
pub struct Pass {
    threads: usize,
    factors: Factors,
    most_rows: usize,
    rows: usize,
    /// Outputs of each layer, `[rows, width]`, behind ReLU and dropout.
    outputs: Vec<Vec<f32>>,
    /// Gradients of the loss with respect to what each layer gives before its ReLU.
    deltas: Vec<Vec<f32>>,
    /// A gradient that a product has left transposed, `[width, rows]`.
    transposed: Vec<f32>,
    gradients: Vec<f32>,
}

impl Pass {
    /// Buffers for passes of at most `most_rows` rows through `mlp`.
    #[must_use]
    pub fn new(mlp: &Mlp, most_rows: usize, threads: usize) -> Self {
        let widths = mlp.widths();
        let buffers = || {
            let widths = widths[1..].iter();
            widths.map(|width| vec![0.0; most_rows * width]).collect()
        };
        let widest = widths[1..].iter().max().copied().unwrap_or(0);
        Self {
            threads: threads.max(1),
            factors: Factors::F32,
            most_rows,
            rows: 0,
            outputs: buffers(),
            deltas: buffers(),
            transposed: vec![0.0; most_rows * widest],
            gradients: vec![0.0; mlp.parameters().len()],
        }
    }

    /// With products of such factors.
    #[must_use]
    pub fn with_factors(self, factors: Factors) -> Self {
        Self { factors, ..self }
    }

    /// What factors products have.
    #[must_use]
    pub fn factors(&self) -> Factors {
        self.factors
    }

    /// `x`: `[rows, in]`; returns `[rows, out]`.
    ///
    /// # Panics
    /// More rows than there is room for, none, or a mask of another size.
    pub fn forward(&mut self, mlp: &Mlp, x: &[f32], masks: &[Vec<f32>]) -> &[f32] {
        let (widths, factors) = (mlp.widths(), self.factors);
        self.rows = x.len() / widths[0];
        let rows = self.rows;
        assert!(
            rows > 0 && rows <= self.most_rows && x.len() == rows * widths[0],
            "{} values are not 1 to {} rows of {}",
            x.len(),
            self.most_rows,
            widths[0]
        );
        for index in 0..mlp.layers() {
            let (inputs, outputs) = (widths[index], widths[index + 1]);
            let (before, from) = self.outputs.split_at_mut(index);
            let x = before.last().map_or(x, |x| &x[..rows * inputs]);
            let y = &mut from[0][..rows * outputs];
            let (weight, bias) = mlp.layer(index);
            let weight = Matrix::new(weight, inputs, outputs);
            let last = index + 1 == mlp.layers();
            let mask = mask_of(masks, index, y.len());
            let compute = |first: usize, y: &mut [f32]| {
                let count = y.len() / outputs;
                let x = Matrix::new(&x[first * inputs..][..count * inputs], count, inputs);
                factors.product(y, x, weight);
                if last {
                    add_bias(y, bias);
                } else {
                    let mask = mask.map(|mask| &mask[first * outputs..][..y.len()]);
                    add_bias_relu(y, bias, mask);
                }
            };
            in_parts(y, outputs, self.threads, compute);
        }
        self.output()
    }

    /// What the last forward pass gave, `[rows, out]`.
    #[must_use]
    pub fn output(&self) -> &[f32] {
        self.layer_output(self.outputs.len() - 1)
    }

    /// [`output`](Self::output) for writing.
    pub fn output_mut(&mut self) -> &mut [f32] {
        let last = self.outputs.len() - 1;
        let output = &mut self.outputs[last];
        let length = output.len() / self.most_rows * self.rows;
        &mut output[..length]
    }

    /// The same, and the place for the gradient of the loss with respect to it, `[rows, out]`.
    pub fn output_and_gradient(&mut self) -> (&[f32], &mut [f32]) {
        let last = self.outputs.len() - 1;
        let length = self.outputs[last].len() / self.most_rows * self.rows;
        (
            &self.outputs[last][..length],
            &mut self.deltas[last][..length],
        )
    }

    /// Gradients of all parameters, for the `x` and `masks` of the last forward pass and the gradient that
    /// [`output_and_gradient`](Self::output_and_gradient) was given. The gradient of `x` is not computed.
    ///
    /// # Panics
    /// `x` or a mask has another size than in the forward pass.
    pub fn backward(&mut self, mlp: &Mlp, x: &[f32], masks: &[Vec<f32>]) {
        self.back(mlp, x, masks, None);
    }

    /// [`backward`](Self::backward), and the gradient of `x` as well.
    ///
    /// # Panics
    /// As there, and if `x_gradient` is not as large as `x`.
    pub fn backward_to_input(
        &mut self,
        mlp: &Mlp,
        x: &[f32],
        masks: &[Vec<f32>],
        x_gradient: &mut [f32],
    ) {
        assert_eq!(x.len(), x_gradient.len(), "size of the gradient of x");
        // The data may be far wider than the layers; only who wants this gradient pays for the room, once.
        let room = self.most_rows * mlp.widths()[0];
        if self.transposed.len() < room {
            self.transposed.resize(room, 0.0);
        }
        self.back(mlp, x, masks, Some(x_gradient));
    }

    /// What layer `index` gave in the last forward pass, behind ReLU and dropout, `[rows, width]`.
    #[must_use]
    pub fn layer_output(&self, index: usize) -> &[f32] {
        let output = &self.outputs[index];
        &output[..output.len() / self.most_rows * self.rows]
    }

    /// The gradient with respect to what layer `index` gave before ReLU and dropout, `[rows, width]`.
    #[must_use]
    pub fn layer_gradient(&self, index: usize) -> &[f32] {
        let delta = &self.deltas[index];
        &delta[..delta.len() / self.most_rows * self.rows]
    }

    /// Gradients of all parameters, as they lie in [`Mlp::parameters`].
    #[must_use]
    pub fn gradients(&self) -> &[f32] {
        &self.gradients
    }

    /// [`gradients`](Self::gradients) for writing.
    pub fn gradients_mut(&mut self) -> &mut [f32] {
        &mut self.gradients
    }

    fn back(
        &mut self,
        mlp: &Mlp,
        x: &[f32],
        masks: &[Vec<f32>],
        mut x_gradient: Option<&mut [f32]>,
    ) {
        let (widths, rows, threads) = (mlp.widths(), self.rows, self.threads);
        let factors = self.factors;
        assert_eq!(x.len(), rows * widths[0], "x of the last forward pass");
        for index in (0..mlp.layers()).rev() {
            let (inputs, outputs) = (widths[index], widths[index + 1]);
            let (before, from) = self.deltas.split_at_mut(index);
            let delta = Matrix::new(&from[0][..rows * outputs], rows, outputs);
            let input = match index.checked_sub(1) {
                Some(before) => &self.outputs[before][..rows * inputs],
                None => x,
            };
            let (weight, bias) = mlp.layer_of_mut(&mut self.gradients, index);
            sum_rows(bias, &from[0][..rows * outputs]);
            let input = Matrix::new(input, rows, inputs);
            in_parts(weight, outputs, threads, |first, part| {
                let columns = input.columns(first, part.len() / outputs);
                factors.product(part, columns.transposed(), delta);
            });

            let out = match (before.last_mut(), x_gradient.as_deref_mut()) {
                (Some(before), _) => &mut before[..rows * inputs],
                (None, Some(x_gradient)) => x_gradient,
                (None, None) => continue,
            };
            // W·δᵀ is far faster than δ·Wᵀ, because of what `gemm` has to pack; the result lies transposed.
            let (weight, _) = mlp.layer(index);
            let transposed = &mut self.transposed[..rows * inputs];
            in_parts(transposed, rows, threads, |first, part| {
                let count = part.len() / rows;
                let weight = &weight[first * outputs..][..count * outputs];
                let weight = Matrix::new(weight, count, outputs);
                factors.product(part, weight, delta.transposed());
            });
            let Some(before) = index.checked_sub(1) else {
                transpose(out, transposed, rows);
                continue;
            };
            let y = &self.outputs[before][..rows * inputs];
            let mask = mask_of(masks, before, y.len());
            in_parts(out, inputs, threads, |first, out| {
                let part = first * inputs..first * inputs + out.len();
                let mask = mask.map(|mask| &mask[part.clone()]);
                relu_gradient(out, first, (transposed, rows), &y[part], mask);
            });
        }
    }
}

/// The mask of hidden layer `index`, if it has one.
fn mask_of(masks: &[Vec<f32>], index: usize, length: usize) -> Option<&[f32]> {
    let mask = masks.get(index).filter(|mask| !mask.is_empty())?;
    assert_eq!(mask.len(), length, "size of the mask of layer {index}");
    Some(mask)
}

/// Calls `compute(first row, rows)` for parts of `out`, rows of `width` values, one for each thread.
fn in_parts(
    out: &mut [f32],
    width: usize,
    threads: usize,
    compute: impl Fn(usize, &mut [f32]) + Send + Sync,
) {
    if threads <= 1 {
        return compute(0, out);
    }
    let part = (out.len() / width).div_ceil(threads) * width;
    let parts = out.par_chunks_mut(part).enumerate();
    parts.for_each(|(index, out)| compute(index * part / width, out));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::in_pool, *};
    use crate::{
        kernels::softmax::cross_entropy,
        random::{fill_normal, stream},
    };

    /// The plain forward pass in f64 of row `row`; `masks` as in [`Pass`]. `closest` becomes the smallest distance of a
    /// ReLU's argument from 0, where it has no derivative.
    fn plain(
        mlp: &Mlp,
        parameters: &[f64],
        x: &[f64],
        (masks, row): (&[Vec<f32>], usize),
        closest: &mut f64,
    ) -> Vec<f64> {
        let mut values = x.to_vec();
        let mut rest = parameters;
        for index in 0..mlp.layers() {
            let (inputs, outputs) = (mlp.widths()[index], mlp.widths()[index + 1]);
            let (weight, after) = rest.split_at(inputs * outputs);
            let (bias, after) = after.split_at(outputs);
            rest = after;
            let unit = |j: usize| {
                let products = (0..inputs).map(|i| values[i] * weight[i * outputs + j]);
                products.sum::<f64>() + bias[j]
            };
            values = (0..outputs).map(unit).collect();
            if index + 1 == mlp.layers() {
                break;
            }
            let mask = masks.get(index).filter(|mask| !mask.is_empty());
            for (j, value) in values.iter_mut().enumerate() {
                *closest = closest.min(value.abs());
                let factor = mask.map_or(1.0, |mask| f64::from(mask[row * outputs + j]));
                *value = value.max(0.0) * factor;
            }
        }
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The loss is Σ c·output with fixed c, so that its f64 value is linear in the output.
        #[test]
        fn outputs_and_gradients_are_those_of_the_plain_network(
            widths in prop::collection::vec(1usize..24, 2..5), rows in 1usize..20,
            spare in 0usize..3, threads in 1usize..4, dropped in any::<bool>(), seed in 0u64..1000,
        ) {
            let mut rng = stream(seed, "test");
            let mlp = Mlp::new(&widths, &mut rng);
            let mut normal = |count: usize| {
                let mut values = vec![0.0; count];
                fill_normal(&mut rng, &mut values);
                values
            };
            let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
            let (x, c) = (normal(rows * inputs), normal(rows * outputs));
            let hidden = &widths[1..widths.len() - 1];
            let mut masks: Vec<Vec<f32>> = Vec::new();
            if dropped {
                for (index, width) in hidden.iter().enumerate() {
                    let draw = normal(rows * width);
                    let mask = draw.iter().map(|v| if *v < -0.3 { 0.0 } else { 1.5 });
                    masks.push(if index == 1 { Vec::new() } else { mask.collect() });
                }
            }
            let mut pass = Pass::new(&mlp, rows + spare, threads);

            let found = pass.forward(&mlp, &x, &masks).to_vec();
            pass.output_and_gradient().1.copy_from_slice(&c);
            let mut x_gradient = vec![9.0; x.len()];
            pass.backward_to_input(&mlp, &x, &masks, &mut x_gradient);
            let gradients = pass.gradients().to_vec();
            pass.backward(&mlp, &x, &masks);

            prop_assert_eq!(&gradients, pass.gradients());
            let wide = |values: &[f32]| -> Vec<f64> { values.iter().map(|v| f64::from(*v)).collect() };
            let (parameters, wide_x) = (wide(mlp.parameters()), wide(&x));
            let mut closest = f64::INFINITY;
            let mut output = |parameters: &[f64], x: &[f64]| -> Vec<f64> {
                let rows = x.chunks(inputs).enumerate();
                rows.flat_map(|(row, x)| plain(&mlp, parameters, x, (&masks, row), &mut closest)).collect()
            };
            for (found, plain) in found.iter().zip(output(&parameters, &wide_x)) {
                prop_assert!((f64::from(*found) - plain).abs() < 1e-4, "{found} is not {plain}");
            }
            let mut loss = |parameters: &[f64], x: &[f64]| -> f64 {
                output(parameters, x).iter().zip(&c).map(|(y, c)| y * f64::from(*c)).sum()
            };
            const STEP: f64 = 1e-7;
            let mut differences = Vec::new();
            for index in (0..parameters.len()).step_by(7) {
                let mut at = |delta: f64| {
                    let mut moved = parameters.clone();
                    moved[index] += delta;
                    loss(&moved, &wide_x)
                };
                differences.push((gradients[index], (at(STEP) - at(-STEP)) / (2.0 * STEP)));
            }
            for index in (0..x.len()).step_by(5) {
                let mut at = |delta: f64| {
                    let mut moved = wide_x.clone();
                    moved[index] += delta;
                    loss(&parameters, &moved)
                };
                differences.push((x_gradient[index], (at(STEP) - at(-STEP)) / (2.0 * STEP)));
            }
            // Nearer to 0, a step or a rounding could take a ReLU to its other side.
            prop_assume!(closest > 1e-5);
            for (found, plain) in differences {
                let difference = (f64::from(found) - plain).abs();
                prop_assert!(difference < 1e-3 * plain.abs().max(1.0), "{found} is not {plain}");
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_gradients() {
        let mlp = Mlp::new(&[64, 48, 10], &mut stream(1, "init"));
        let mut x = vec![0.0; 50 * 64];
        fill_normal(&mut stream(1, "x"), &mut x);
        let labels: Vec<u32> = (0..50).map(|i| i % 10).collect();
        let gradients = |threads| {
            let mut pass = Pass::new(&mlp, 50, threads);
            in_pool(threads, || {
                pass.forward(&mlp, &x, &[]);
                let (logits, gradient) = pass.output_and_gradient();
                cross_entropy(gradient, logits, &labels);
                pass.backward(&mlp, &x, &[]);
            });
            pass.gradients().to_vec()
        };

        let one = gradients(1);

        for threads in [2, 3] {
            for (a, b) in gradients(threads).iter().zip(&one) {
                assert!((a - b).abs() < 1e-6, "{a} is not {b}");
            }
        }
    }

    #[test]
    fn parts_are_really_worked_on_at_the_same_time() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        // Each part waits for the other one: a single thread would never come back.
        let barrier = std::sync::Barrier::new(2);
        let mut out = [0.0; 7 * 3];

        pool.unwrap().install(|| {
            in_parts(&mut out, 3, 2, |first, part| {
                barrier.wait();
                part.fill(first as f32);
            });
        });

        assert_eq!(out[..12], [0.0; 12]);
        assert_eq!(out[12..], [4.0; 9]);
    }

    #[test]
    #[should_panic(expected = "15 values are not 1 to 4 rows of 4")]
    fn rows_that_do_not_fit_are_refused() {
        let mlp = Mlp::new(&[4, 3], &mut stream(1, "init"));
        Pass::new(&mlp, 4, 1).forward(&mlp, &[0.0; 15], &[]);
    }
}
