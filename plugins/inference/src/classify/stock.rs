//! EfficientNet-Lite0 of candle's own operations: convolution, batch normalisation and clamp, one after the other.

use benchhost_plugin_api::Error;
use candle_core::{DType, Device, Tensor};
use candle_nn::{BatchNorm, BatchNormConfig, ModuleT, VarBuilder, batch_norm};

use super::layout::{EPSILON, Layout, same};
use crate::tensors::Tensors;

/// A loaded net.
#[derive(Debug)]
pub(crate) struct Stock {
    stem: Convolution,
    blocks: Vec<Block>,
    head: Convolution,
    classes: candle_nn::Linear,
    device: Device,
}

#[derive(Debug)]
struct Block {
    expand: Option<Convolution>,
    depthwise: Convolution,
    project: Convolution,
}

/// A convolution with "SAME" padding and its normalisation.
#[derive(Debug)]
struct Convolution {
    weights: Tensor,
    norm: BatchNorm,
    step: usize,
    groups: usize,
}

impl Stock {
    pub(super) fn new(layout: &Layout, tensors: &Tensors, device: &Device) -> Result<Self, Error> {
        let tensor = |(name, shape, values): (&str, &[usize], &[f32])| {
            Ok((name.to_owned(), Tensor::from_slice(values, shape, device)?))
        };
        let all = tensors.iter().map(tensor).collect::<Result<_, Error>>()?;
        let builder = VarBuilder::from_tensors(all, DType::F32, device);
        let convolution = |conv: &str, norm: &str, step: usize, is_depthwise: bool| {
            let shape = layout.shape_of(tensors, conv)?;
            let config = BatchNormConfig {
                eps: f64::from(EPSILON),
                ..Default::default()
            };
            Ok::<_, Error>(Convolution {
                weights: builder.pp(conv).get(&shape, "weight")?,
                norm: batch_norm(shape[0], config, builder.pp(norm))?,
                step,
                groups: if is_depthwise { shape[0] } else { 1 },
            })
        };
        let block = |(index, step): (usize, &usize)| {
            let name = |part: &str| format!("_blocks.{index}.{part}");
            let expand = match tensors.has(&name("_expand_conv.weight")) {
                true => Some(convolution(&name("_expand_conv"), &name("_bn0"), 1, false)?),
                false => None,
            };
            Ok::<_, Error>(Block {
                expand,
                depthwise: convolution(&name("_depthwise_conv"), &name("_bn1"), *step, true)?,
                project: convolution(&name("_project_conv"), &name("_bn2"), 1, false)?,
            })
        };
        let classes = tensors.shape("_fc.weight")?;
        Ok(Self {
            stem: convolution("_conv_stem", "_bn0", 2, false)?,
            blocks: layout
                .steps
                .iter()
                .enumerate()
                .map(block)
                .collect::<Result<_, _>>()?,
            head: convolution("_conv_head", "_bn1", 1, false)?,
            classes: candle_nn::linear(classes[1], classes[0], builder.pp("_fc"))?,
            device: device.clone(),
        })
    }

    /// `images`: `[batch, side, side, 3]`; the logits, `[batch, classes]`.
    pub(super) fn classify(
        &self,
        images: &[f32],
        (batch, side): (usize, usize),
    ) -> Result<Vec<f32>, Error> {
        // On candle's own threads, or each of many small operations would be handed over to them and back.
        self.device
            .with_context(|| self.forward(images, (batch, side)))
    }

    fn forward(&self, images: &[f32], (batch, side): (usize, usize)) -> Result<Vec<f32>, Error> {
        let images = Tensor::from_slice(images, (batch, side, side, 3), &self.device)?;
        let images = images.permute((0, 3, 1, 2))?.contiguous()?;
        let mut x = self.stem.forward(&images)?.clamp(0.0, 6.0)?;
        for block in &self.blocks {
            let y = block.forward(&x)?;
            x = if x.shape() == y.shape() { (x + y)? } else { y };
        }
        let x = self.head.forward(&x)?.clamp(0.0, 6.0)?;
        let logits = self.classes.forward_t(&x.mean((2, 3))?, false)?;
        Ok(logits.flatten_all()?.to_vec1()?)
    }
}

impl Block {
    fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let expanded = match &self.expand {
            Some(expand) => expand.forward(x)?.clamp(0.0, 6.0)?,
            None => x.clone(),
        };
        self.project
            .forward(&self.depthwise.forward(&expanded)?.clamp(0.0, 6.0)?)
    }
}

impl Convolution {
    fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (side, size) = (x.dims()[2], self.weights.dims()[2]);
        let (_, before, padded) = same(side, size, self.step);
        let after = padded - before - side;
        let x = x
            .pad_with_zeros(2, before, after)?
            .pad_with_zeros(3, before, after)?;
        let y = x.conv2d(&self.weights, 0, self.step, 1, self.groups)?;
        Ok(self.norm.forward_t(&y, false)?)
    }
}
