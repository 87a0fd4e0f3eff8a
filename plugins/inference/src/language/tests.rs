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
    /// A key of the header that says something else than the truth.
    lie: Option<(&'static str, u32)>,
    /// A matrix of a layer that has another number of rows.
    rows: Option<(&'static str, usize)>,
}

impl Small {
    fn new() -> Self {
        Self {
            seed: 7,
            dtype: GgmlDType::Q4_1,
            heads: 3,
            disturbance: 0.0,
            lie: None,
            rows: None,
        }
    }

    /// Writes the file into a folder of its own and opens it.
    fn file(&self) -> (tempfile::TempDir, ModelFile) {
        let (folder, path) = self.write();
        let file = ModelFile::open(&path).unwrap();
        (folder, file)
    }

    /// What is said of the file when it is opened.
    fn refused(&self) -> String {
        let (folder, path) = self.write();
        let said = ModelFile::open(&path).unwrap_err().to_string();
        said.replace(&folder.path().display().to_string(), "FOLDER")
    }

    fn write(&self) -> (tempfile::TempDir, PathBuf) {
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
                let rows = match self.rows {
                    Some((other, rows)) if other == name => rows,
                    _ => rows,
                };
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
        let mut metadata = [
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
        if let Some((key, lie)) = self.lie {
            let mut told = metadata.iter_mut().filter(|(name, _)| *name == key);
            told.next().expect("a key of the header").1 = Value::U32(lie);
        }
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
        (folder, path)
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

#[test]
fn a_header_that_lies_and_a_tensor_of_another_shape_are_named_before_anything_is_read() {
    for (key, lie, sentence) in [
        (
            "llama.attention.head_count_kv",
            3,
            "tensor blk.0.attn_k.weight has shape [64, 192], expected [192, 192]",
        ),
        (
            "llama.feed_forward_length",
            96,
            "tensor blk.0.ffn_gate.weight has shape [128, 192], expected [96, 192]",
        ),
        (
            "llama.block_count",
            3,
            "there is no tensor blk.2.attn_norm.weight",
        ),
        (
            "llama.embedding_length",
            384,
            "turned values a head, which is no llama",
        ),
        (
            "llama.feed_forward_length",
            0,
            "inner width 0, 80 tokens and 64 turned values a head, which is no llama",
        ),
        (
            "llama.rope.dimension_count",
            u32::MAX,
            "4294967295 turned values a head, which is no llama",
        ),
        ("llama.attention.head_count", 0, "0 heads (1 of keys)"),
    ] {
        let small = Small {
            lie: Some((key, lie)),
            ..Small::new()
        };
        let said = small.refused();
        assert!(
            said.starts_with("FOLDER/small.gguf: ") && said.contains(sentence),
            "{key}: {said}"
        );
    }
    let narrow = Small {
        rows: Some(("attn_q", 64)),
        ..Small::new()
    };
    assert_eq!(
        narrow.refused(),
        "FOLDER/small.gguf: tensor blk.0.attn_q.weight has shape [64, 192], expected [192, 192]"
    );
}

#[test]
fn a_truncated_file_is_refused_before_memory_is_asked_for() {
    let (_folder, path) = Small::new().write();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1000]).unwrap();

    let said = ModelFile::open(&path).unwrap_err().to_string();

    assert!(said.contains("ends behind the end of the file ("), "{said}");
}
