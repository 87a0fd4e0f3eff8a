//! Both implementations on a small llama with random weights, which is written as a GGUF file for the purpose.

use std::{io::Cursor, path::PathBuf};

use benchhost_plugin_api::ErrorKind;
use benchhost_support::{
    kernels::quantised::Packing,
    random::{fill_normal, stream},
};
use candle_core::{
    Device, Tensor,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Value},
    },
};

use super::{
    fused::{Session, Weights},
    gguf::ModelFile,
    model::LanguageModel,
    proof,
    quantity::Quantity,
    stock::{self, Stock},
};

/// A llama of two layers, 3 heads of 64 over one of keys, 128 wide within, 80 tokens.
struct Small {
    seed: u64,
    dtype: GgmlDType,
    heads: usize,
    /// Added to one weight.
    disturbance: f32,
}

impl Small {
    fn new() -> Self {
        Self {
            seed: 7,
            dtype: GgmlDType::Q4_1,
            heads: 3,
            disturbance: 0.0,
        }
    }

    /// Writes the file into a folder of its own and opens it.
    fn file(&self) -> (tempfile::TempDir, ModelFile) {
        let width = 64 * self.heads;
        let mut rng = stream(self.seed, "small llama");
        let mut tensor = |name: &str, rows: usize, columns: usize| {
            let mut values = vec![0.0; rows * columns];
            fill_normal(&mut rng, &mut values);
            let scale = 1.0 / (columns as f32).sqrt();
            values.iter_mut().for_each(|value| *value *= scale);
            let dtype = if name.starts_with("token") {
                GgmlDType::Q8_0
            } else {
                self.dtype
            };
            if name == "blk.1.attn_k.weight" {
                values[0] += self.disturbance;
            }
            let tensor = Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap();
            (name.to_owned(), QTensor::quantize(&tensor, dtype).unwrap())
        };
        let mut tensors = vec![tensor("token_embd.weight", 80, width)];
        for layer in 0..2 {
            for (name, rows, columns) in [
                ("attn_q", width, width),
                ("attn_k", 64, width),
                ("attn_v", 64, width),
                ("attn_output", width, width),
                ("ffn_gate", 128, width),
                ("ffn_up", 128, width),
                ("ffn_down", width, 128),
            ] {
                tensors.push(tensor(&format!("blk.{layer}.{name}.weight"), rows, columns));
            }
        }
        let norm = |name: &str| {
            let values: Vec<f32> = (0..width)
                .map(|i| 0.8 + 0.4 * (i % 7) as f32 / 7.0)
                .collect();
            let tensor = Tensor::from_vec(values, width, &Device::Cpu).unwrap();
            (
                name.to_owned(),
                QTensor::quantize(&tensor, GgmlDType::F32).unwrap(),
            )
        };
        for name in [
            "blk.0.attn_norm",
            "blk.0.ffn_norm",
            "blk.1.attn_norm",
            "blk.1.ffn_norm",
            "output_norm",
        ] {
            tensors.push(norm(&format!("{name}.weight")));
        }
        let metadata = [
            ("general.architecture", Value::String("llama".to_owned())),
            ("llama.block_count", Value::U32(2)),
            ("llama.embedding_length", Value::U32(width as u32)),
            ("llama.feed_forward_length", Value::U32(128)),
            ("llama.attention.head_count", Value::U32(self.heads as u32)),
            ("llama.attention.head_count_kv", Value::U32(1)),
            ("llama.rope.dimension_count", Value::U32(64)),
            ("llama.rope.freq_base", Value::F32(1000.0)),
            ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ];
        let metadata: Vec<_> = metadata.iter().map(|(key, value)| (*key, value)).collect();
        let tensors: Vec<_> = tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        let mut written = Cursor::new(Vec::new());
        gguf_file::write(&mut written, &metadata, &tensors).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("small.gguf");
        std::fs::write(&path, written.into_inner()).unwrap();
        let file = ModelFile::open(&path).unwrap();
        (folder, file)
    }
}

/// Tokens of a context: more than the 256 that attention takes at once.
const ROOM: usize = 320;

fn fused(file: &ModelFile, packing: Option<Packing>, threads: usize) -> Session {
    Session::new(&Weights::new(file, packing).unwrap().into(), ROOM, threads)
}

fn candle(file: &ModelFile, quantity: Option<Quantity>) -> Stock {
    Stock::new(
        &stock::read(file, quantity, &Device::Cpu).unwrap(),
        &Device::Cpu,
    )
}

fn prompt(length: usize) -> Vec<u32> {
    (0..length as u32).map(|i| i * 31 % 80).collect()
}

#[test]
fn fused_layers_have_candles_logits_for_every_format_and_length() {
    for dtype in [GgmlDType::Q4_1, GgmlDType::Q8_0] {
        let (_folder, file) = Small {
            dtype,
            ..Small::new()
        }
        .file();
        let (mut fused, mut candle) = (fused(&file, None, 1), candle(&file, None));
        for length in [1, 7, 8, 20, 140, 300] {
            proof::agree(&mut fused, &mut candle, &prompt(length), 3).unwrap();
        }
    }
}

#[test]
fn a_team_has_the_same_bits_as_one_thread_and_together_is_as_one_by_one() {
    let (_folder, file) = Small::new().file();
    let (mut alone, mut team) = (fused(&file, None, 1), fused(&file, None, 3));
    let prompt = prompt(300);

    let together = alone.forward(&prompt).unwrap().to_vec();
    assert_eq!(team.forward(&prompt).unwrap(), together);

    alone.reset();
    let mut last = Vec::new();
    for token in &prompt {
        last = alone.forward(&[*token]).unwrap().to_vec();
    }
    assert_eq!(last, together);
}

#[test]
fn one_disturbed_weight_is_a_wrong_answer() {
    let (_folder, file) = Small::new().file();
    let (_other_folder, other) = Small {
        disturbance: 40.0,
        ..Small::new()
    }
    .file();

    let error = proof::agree(
        &mut fused(&file, None, 1),
        &mut candle(&other, None),
        &prompt(20),
        0,
    )
    .unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Wrong);
    assert!(
        error
            .to_string()
            .starts_with("the logits of the prompt differ by "),
        "{error}"
    );
}

#[test]
fn requantised_weights_are_candles_too() {
    let (_folder, file) = Small::new().file();
    let mut fused = fused(&file, Some(Packing::Q8_0), 1);

    proof::agree(
        &mut fused,
        &mut candle(&file, Some(Quantity::Q8_0)),
        &prompt(20),
        3,
    )
    .unwrap();
    for quantity in [Quantity::Q4_1, Quantity::Q4K, Quantity::F32] {
        let logits = candle(&file, Some(quantity))
            .forward(&prompt(5))
            .unwrap()
            .to_vec();
        assert!(logits.iter().all(|logit| logit.is_finite()), "{quantity:?}");
    }
    assert!(file.weight_bytes(Quantity::Q4_1) < file.weight_bytes(Quantity::Q8_0));
    assert!(file.weight_bytes(Quantity::Q8_0) < file.weight_bytes(Quantity::F32));
}

#[test]
fn what_cannot_be_computed_is_said() {
    let (_folder, file) = Small::new().file();
    let mut session = fused(&file, None, 1);
    for (tokens, sentence) in [
        (vec![], "0 tokens after 0 do not fit into a context of 320"),
        (
            vec![1; 321],
            "321 tokens after 0 do not fit into a context of 320",
        ),
        (vec![80], "token 80 is none of the model's 80"),
    ] {
        assert_eq!(session.forward(&tokens).unwrap_err().to_string(), sentence);
    }
    let (_folder, file) = Small {
        dtype: GgmlDType::Q5_0,
        ..Small::new()
    }
    .file();
    assert_eq!(
        Weights::new(&file, None).unwrap_err().to_string(),
        "tensor blk.0.attn_q.weight is Q5_0, the fused implementation knows Q4_1 and Q8_0; use implementation = \"candle\""
    );
    let missing = ModelFile::open("no/such.gguf".as_ref()).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("cannot read no/such.gguf: "),
        "{missing}"
    );
}
