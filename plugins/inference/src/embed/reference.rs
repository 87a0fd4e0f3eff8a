//! The embedding of one sentence once more, in f64 from the tensors of the file: what `verify` compares with.
//!
//! Nothing is shared with the fast layers but the tensors: no packing, no folded factors, no vectors.

use benchhost_plugin_api::Error;

use super::bert::Shape;
use crate::{plain, tensors::Tensors};

/// The unit-length embedding of `sentence`.
pub(super) fn embed(tensors: &Tensors, shape: &Shape, sentence: &[u32]) -> Result<Vec<f64>, Error> {
    let hidden = shape.hidden_size;
    let norm = |x: &mut [f64], name: &str| -> Result<(), Error> {
        let values = |part: &str| tensors.get(&format!("{name}.{part}"), &[hidden]);
        let affine = (values("weight")?, values("bias")?);
        plain::layer_norm(x, affine, f64::from(shape.layer_norm_eps));
        Ok(())
    };
    let linear = |x: &[f64], name: &str, inputs: usize, outputs: usize| {
        let weights = tensors.get(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = tensors.get(&format!("{name}.bias"), &[outputs])?;
        Ok::<_, Error>(plain::linear(x, weights, bias))
    };
    let table = |name: &str, rows: usize| {
        tensors.get(
            &format!("embeddings.{name}_embeddings.weight"),
            &[rows, hidden],
        )
    };
    let words = table("word", shape.vocab_size)?;
    let positions = table("position", shape.max_position_embeddings)?;
    let kinds = table("token_type", shape.type_vocab_size)?;
    let mut x: Vec<f64> = (0..sentence.len() * hidden)
        .map(|at| {
            let (position, i) = (at / hidden, at % hidden);
            let word = words[sentence[position] as usize * hidden + i];
            f64::from(word) + f64::from(positions[at]) + f64::from(kinds[i])
        })
        .collect();
    norm(&mut x, "embeddings.LayerNorm")?;
    for layer in 0..shape.num_hidden_layers {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let part =
            |part: &str| linear(&x, &name(&format!("attention.self.{part}")), hidden, hidden);
        let qkv = (&*part("query")?, &*part("key")?, &*part("value")?);
        let context = plain::attention(qkv, shape.num_attention_heads, hidden);
        let attended = linear(&context, &name("attention.output.dense"), hidden, hidden)?;
        plain::add(&mut x, &attended);
        norm(&mut x, &name("attention.output.LayerNorm"))?;
        let inner = shape.intermediate_size;
        let mut up = linear(&x, &name("intermediate.dense"), hidden, inner)?;
        up.iter_mut().for_each(|x| *x = plain::gelu(*x));
        let down = linear(&up, &name("output.dense"), inner, hidden)?;
        plain::add(&mut x, &down);
        norm(&mut x, &name("output.LayerNorm"))?;
    }
    let mut mean = vec![0.0; hidden];
    x.chunks(hidden).for_each(|row| plain::add(&mut mean, row));
    let length = mean.iter().map(|x| x * x).sum::<f64>().sqrt();
    mean.iter_mut().for_each(|x| *x /= length);
    Ok(mean)
}
