//! A pass on the CPU without candle: buffers made once, weights `[in, out]`.

use benchhost_plugin_api::Error;
use benchhost_support::{
    nn::fused::{Mlp, Pass as Buffers, in_pool},
    random::stream,
};
use candle_core::DType;

use super::{
    ModelConfig, Pass,
    check::{self, Hidden, Plain, rows_f64, to_f64},
    input::Input,
};
use crate::{
    implementation::factors,
    loss::{FusedLoss, LossKind, Roles},
    reference::Layer,
};

/// Encoder, input and what the last pass gave.
#[derive(Debug)]
pub(super) struct Fused {
    pub mlp: Mlp,
    pub buffers: Buffers,
    pub input: Input,
    dtype: DType,
    roles: Roles,
    loss: FusedLoss,
    /// Of the last pass, in nats; NaN before.
    pub loss_nat: f32,
    threads: usize,
    passes: u64,
}

impl Fused {
    pub(super) fn new(
        config: &ModelConfig,
        input: Input,
        (dtype, threads): (DType, usize),
        seed: u64,
    ) -> Self {
        let widths = config.encoder.widths((config.width(), config.output));
        let mlp = Mlp::new(&widths, &mut stream(seed, "init"));
        let mut buffers = Buffers::new(&mlp, config.batch, threads).with_factors(factors(dtype));
        in_pool(threads, || {
            buffers.forward(&mlp, &input.rows, &[]);
        });
        let ids: Vec<usize> = (0..config.batch).collect();
        let kind = LossKind::InfoNce;
        Self {
            mlp,
            buffers,
            input,
            dtype,
            roles: Roles::new(kind, &ids),
            loss: FusedLoss::new(kind, config.temperature, (config.batch, config.output)),
            loss_nat: f32::NAN,
            threads,
            passes: 0,
        }
    }

    pub(super) fn pass(&mut self, config: &ModelConfig) {
        self.passes += 1;
        in_pool(self.threads, || match config.pass {
            Pass::Forward => {
                self.buffers.forward(&self.mlp, &self.input.rows, &[]);
            }
            Pass::Backward => {
                // ½·‖y‖² of a row has the gradient y.
                let share = 1.0 / config.batch as f32;
                let (embedding, gradient) = self.buffers.output_and_gradient();
                for (gradient, y) in gradient.iter_mut().zip(embedding) {
                    *gradient = y * share;
                }
                self.buffers.backward(&self.mlp, &self.input.rows, &[]);
            }
            Pass::InfoNce => self.loss_nat = self.loss.forward(&self.input.views, &self.roles),
        });
    }

    pub(super) fn verify(&self, config: &ModelConfig) -> Result<(), Error> {
        if self.passes == 0 {
            return Err(Error::wrong("no iteration was done"));
        }
        match config.pass {
            Pass::Forward => {
                let rows = self.input.rows.len().min(check::ROWS * config.width());
                self.plain(&self.input.rows[..rows], config)
                    .check_embedding(&to_f64(self.buffers.output()), self.dtype)
            }
            Pass::Backward => self.plain(&self.input.rows, config).check_gradients(
                &self.hidden(),
                &to_f64(self.buffers.output()),
                &self.gradients(),
                self.dtype,
            ),
            Pass::InfoNce => check::info_nce(
                self.input.embeddings(),
                config.batch,
                f64::from(self.loss_nat),
                config.temperature,
            ),
        }
    }

    /// Numbers that are learned.
    pub(super) fn parameters(&self) -> usize {
        self.mlp.parameters().len()
    }

    fn plain(&self, rows: &[f32], config: &ModelConfig) -> Plain {
        let parameters = self.mlp.parameters();
        let layer = |index: usize| Layer {
            weight: to_f64(&self.mlp.weight_out_in(parameters, index)),
            bias: to_f64(self.mlp.layer(index).1),
        };
        Plain {
            layers: (0..self.mlp.layers()).map(layer).collect(),
            rows: rows_f64(rows, config.width()),
        }
    }

    /// What each hidden layer gave.
    fn hidden(&self) -> Vec<Hidden> {
        let of_layer = |index: usize| {
            let output = self.buffers.layer_output(index);
            Hidden {
                output: to_f64(output),
                open: output.iter().map(|y| *y > 0.0).collect(),
            }
        };
        (0..self.mlp.layers() - 1).map(of_layer).collect()
    }

    /// Gradients of each layer: weights `[out, in]`, then biases.
    fn gradients(&self) -> Vec<Vec<f64>> {
        let all = self.buffers.gradients();
        let of_layer = |index: usize| {
            let mut gradients = to_f64(&self.mlp.weight_out_in(all, index));
            gradients.extend(to_f64(self.mlp.layer_of(all, index).1));
            gradients
        };
        (0..self.mlp.layers()).map(of_layer).collect()
    }
}
