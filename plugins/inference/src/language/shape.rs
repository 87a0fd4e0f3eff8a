//! Whether a GGUF file is a whole llama: every tensor there, of the size that the header promises, inside the file.
//!
//! Looked at before a byte of a tensor is read: whoever computes may take the sizes as given.

use benchhost_plugin_api::Error;
use candle_core::quantized::gguf_file::TensorInfo;

use super::gguf::{ModelFile, Sizes};

/// Layers that a header may promise.
const MOST_LAYERS: usize = 1024;

/// Refuses `file` unless its tensors are those of a llama of `sizes`.
///
/// # Errors
/// [`Error::failed`] naming the file and what is wrong with it.
pub(super) fn check(file: &ModelFile, sizes: &Sizes) -> Result<(), Error> {
    check_sizes(file, sizes)?;
    let Sizes {
        width,
        inner,
        vocabulary,
        ..
    } = *sizes;
    let shared = sizes.shared_heads * (width / sizes.heads);
    let parts: [(&str, &[usize]); 9] = [
        ("attn_norm", &[width]),
        ("attn_q", &[width, width]),
        ("attn_k", &[shared, width]),
        ("attn_v", &[shared, width]),
        ("attn_output", &[width, width]),
        ("ffn_norm", &[width]),
        ("ffn_gate", &[inner, width]),
        ("ffn_up", &[inner, width]),
        ("ffn_down", &[width, inner]),
    ];
    check_tensor(file, "token_embd.weight", &[vocabulary, width])?;
    check_tensor(file, "output_norm.weight", &[width])?;
    if file.content.tensor_infos.contains_key("output.weight") {
        check_tensor(file, "output.weight", &[vocabulary, width])?;
    }
    for layer in 0..sizes.layers {
        for (part, expected) in &parts {
            check_tensor(file, &format!("blk.{layer}.{part}.weight"), expected)?;
        }
    }
    Ok(())
}

fn check_sizes(file: &ModelFile, sizes: &Sizes) -> Result<(), Error> {
    let Sizes {
        layers,
        width,
        inner,
        heads,
        shared_heads,
        vocabulary,
        turned,
        ..
    } = *sizes;
    let fits = (1..=MOST_LAYERS).contains(&layers)
        && [width, inner, heads, shared_heads, vocabulary]
            .iter()
            .all(|size| *size > 0)
        && width.is_multiple_of(heads)
        && heads.is_multiple_of(shared_heads)
        && turned == width / heads;
    if fits {
        return Ok(());
    }
    Err(file.wrong(&format!(
        "the header promises {layers} layers of width {width}, {heads} heads ({shared_heads} of keys), inner width {inner}, \
         {vocabulary} tokens and {turned} turned values a head, which is no llama"
    )))
}

fn check_tensor(file: &ModelFile, name: &str, expected: &[usize]) -> Result<(), Error> {
    let info = file.info(name)?;
    let found = info.shape.dims();
    if found != expected {
        return Err(file.wrong(&format!(
            "tensor {name} has shape {found:?}, expected {expected:?}"
        )));
    }
    let end = bytes(info).and_then(|size| {
        let start = file.content.tensor_data_offset.checked_add(info.offset)?;
        start.checked_add(size)
    });
    match end {
        Some(end) if end <= file.bytes => Ok(()),
        _ => Err(file.wrong(&format!(
            "tensor {name} ends behind the end of the file ({} bytes): it is truncated, or no whole blocks of {:?}",
            file.bytes, info.ggml_dtype
        ))),
    }
}

/// Bytes of a tensor whose rows are whole blocks; `None` if they are not, or there are more than can be counted.
fn bytes(info: &TensorInfo) -> Option<u64> {
    let dims = info.shape.dims();
    let block = info.ggml_dtype.block_size();
    if !dims.last()?.is_multiple_of(block) {
        return None;
    }
    let elements = dims
        .iter()
        .try_fold(1usize, |product, dim| product.checked_mul(*dim))?;
    let bytes = (elements / block).checked_mul(info.ggml_dtype.type_size())?;
    u64::try_from(bytes).ok()
}
