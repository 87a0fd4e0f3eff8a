//! TinyVLM of candle's own operations, one after the other.

use benchhost_plugin_api::Error;
use candle_core::{DType, Device, Tensor};
use candle_nn::{
    BatchNorm, BatchNormConfig, LayerNorm, Linear, Module, ModuleT, VarBuilder, batch_norm,
    layer_norm, linear, ops::softmax_last_dim,
};

use super::weights::{CHANNELS, EPSILON, GRID, HEADS, HIDDEN, INNER, LAYERS, SIDE, TEXT, VISUAL};
use crate::tensors::Tensors;

/// The net as tensors.
#[derive(Debug)]
pub(super) struct Stock {
    convolutions: Vec<(Tensor, BatchNorm)>,
    visual: Linear,
    words: Tensor,
    positions: Tensor,
    layers: Vec<TextLayer>,
    text_norm: LayerNorm,
    projected: Linear,
    cross: [Linear; 4],
    cross_norm: LayerNorm,
    head: [Linear; 2],
    device: Device,
}

#[derive(Debug)]
struct TextLayer {
    norm: LayerNorm,
    qkv: Linear,
    out: Linear,
    inner_norm: LayerNorm,
    up: Linear,
    down: Linear,
}

impl Stock {
    pub(super) fn new(tensors: &Tensors, device: &Device) -> Result<Self, Error> {
        let tensor = |(name, shape, values): (&str, &[usize], &[f32])| {
            Ok((name.to_owned(), Tensor::from_slice(values, shape, device)?))
        };
        let all = tensors.iter().map(tensor).collect::<Result<_, Error>>()?;
        let builder = VarBuilder::from_tensors(all, DType::F32, device);
        let at = |name: &str| builder.pp(name);
        let norm = |name: &str, width: usize| layer_norm(width, f64::from(EPSILON), at(name));
        let convolution = |(index, pair): (usize, &[usize])| {
            let config = BatchNormConfig {
                eps: f64::from(EPSILON),
                ..Default::default()
            };
            let weights = at(&format!("conv{index}")).get((pair[1], pair[0], 3, 3), "weight")?;
            let norm = batch_norm(pair[1], config, at(&format!("bn{index}")))?;
            Ok::<_, Error>((weights, norm))
        };
        let layer = |index: usize| {
            let name = |part: &str| format!("text.{index}.{part}");
            Ok::<_, Error>(TextLayer {
                norm: norm(&name("norm1"), TEXT)?,
                qkv: linear(TEXT, 3 * TEXT, at(&name("qkv")))?,
                out: linear(TEXT, TEXT, at(&name("out")))?,
                inner_norm: norm(&name("norm2"), TEXT)?,
                up: linear(TEXT, INNER, at(&name("up")))?,
                down: linear(INNER, TEXT, at(&name("down")))?,
            })
        };
        let cross = |part: &str| linear(VISUAL, VISUAL, at(&format!("cross.{part}")));
        let convolutions = CHANNELS.windows(2).enumerate();
        Ok(Self {
            convolutions: convolutions.map(convolution).collect::<Result<_, _>>()?,
            visual: linear(VISUAL, VISUAL, at("visual"))?,
            words: builder.get(tensors.shape("words")?, "words")?,
            positions: builder.get(tensors.shape("positions")?, "positions")?,
            layers: (0..LAYERS).map(layer).collect::<Result<_, _>>()?,
            text_norm: norm("text.norm", TEXT)?,
            projected: linear(TEXT, VISUAL, at("projected"))?,
            cross: [cross("q")?, cross("k")?, cross("v")?, cross("out")?],
            cross_norm: norm("cross.norm", VISUAL)?,
            head: [
                linear(VISUAL + TEXT, HIDDEN, at("head.0"))?,
                linear(HIDDEN, 1, at("head.1"))?,
            ],
            device: device.clone(),
        })
    }

    /// The answer to `text` about `image`, `[64, 64, 3]`.
    pub(super) fn answer(&self, image: &[f32], text: &[u32]) -> Result<f32, Error> {
        // On candle's own threads, or each of many small operations would be handed over to them and back.
        self.device.with_context(|| self.forward(image, text))
    }

    fn forward(&self, image: &[f32], text: &[u32]) -> Result<f32, Error> {
        let mut x = Tensor::from_slice(image, (1, SIDE, SIDE, 3), &self.device)?
            .permute((0, 3, 1, 2))?
            .contiguous()?;
        for (index, (weights, norm)) in self.convolutions.iter().enumerate() {
            let y = x.conv2d(weights, 1, 1, 1, 1)?;
            let y = norm.forward_t(&y, false)?.relu()?;
            x = if index + 1 < self.convolutions.len() {
                y.max_pool2d(2)?
            } else {
                y.avg_pool2d(y.dims()[2] / GRID)?
            };
        }
        let seen = self
            .visual
            .forward(&x.flatten_from(2)?.transpose(1, 2)?.contiguous()?)?;

        let tokens = Tensor::new(text, &self.device)?;
        let positions = self.positions.narrow(0, 0, text.len())?;
        let mut read = (self.words.index_select(&tokens, 0)? + positions)?.unsqueeze(0)?;
        for layer in &self.layers {
            let qkv = layer.qkv.forward(&layer.norm.forward(&read)?)?;
            let part = |index: usize| qkv.narrow(2, index * TEXT, TEXT);
            let context = attention(&part(0)?, &part(1)?, &part(2)?)?;
            read = (read + layer.out.forward(&context)?)?;
            let inner = layer
                .up
                .forward(&layer.inner_norm.forward(&read)?)?
                .relu()?;
            read = (read + layer.down.forward(&inner)?)?;
        }
        let read = self.text_norm.forward(&read)?;

        let projected = self.projected.forward(&read)?;
        let [query, key, value, out] = &self.cross;
        let context = attention(
            &query.forward(&seen)?,
            &key.forward(&projected)?,
            &value.forward(&projected)?,
        )?;
        let seen = self.cross_norm.forward(&(seen + out.forward(&context)?)?)?;
        let pooled = Tensor::cat(&[seen.mean(1)?, read.mean(1)?], 1)?;
        let [first, second] = &self.head;
        let answer = second.forward(&first.forward(&pooled)?.relu()?)?;
        Ok(answer.flatten_all()?.to_vec1::<f32>()?[0])
    }
}

/// softmax(q·kᵀ/√width)·v over [`HEADS`] heads; all `[1, rows, heads · width]`.
fn attention(q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor, Error> {
    let width = q.dims()[2] / HEADS;
    let heads = |x: &Tensor| {
        let x = x.reshape((1, x.dims()[1], HEADS, width))?;
        x.transpose(1, 2)?.contiguous()
    };
    let scores = (heads(q)?.matmul(&heads(k)?.t()?)? / (width as f64).sqrt())?;
    let context = softmax_last_dim(&scores)?.matmul(&heads(v)?)?;
    Ok(context.transpose(1, 2)?.contiguous()?.flatten_from(2)?)
}
