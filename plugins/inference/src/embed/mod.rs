//! Workload `embed`: one iteration turns a batch of sentences into vectors of unit length.

mod bert;
mod config;
mod encoder;
mod loading;
mod pairs;
mod reference;
mod sentences;
mod stock;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Work, Workload, ensure_right,
};
use benchhost_support::device;
use candle_core::Device;

use self::{
    bert::Shape,
    encoder::Encoder,
    pairs::{Texts, check_cosines},
    sentences::Words,
};
use crate::{plain, tensors::Tensors};

pub use config::EmbedConfig;
pub(crate) use encoder::Files;
pub(crate) use loading::Loading;
pub(crate) use pairs::Pairs;

/// Largest difference of a value of an embedding from its f64 reference, relative to the largest value. f32 leaves
/// about 2e-6 after six layers, one wrong weight of a layer more than 1e-3.
const TOLERANCE: f64 = 2e-5;

/// Triples of sentences whose cosines are checked; the kind `pairs` of `accuracy` takes all.
const KNOWN: usize = 1;

/// Embeds sentences.
#[derive(Debug)]
pub struct Embed {
    config: EmbedConfig,
    ctx: Ctx,
    device: Device,
    files: Files,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    encoder: Encoder,
    shape: Shape,
    parameters: usize,
    sentences: Vec<Vec<u32>>,
    /// `[batch, hidden]`.
    embeddings: Vec<f32>,
    /// First and last row of the embeddings, in f64.
    references: [Vec<f64>; 2],
    /// Sentences with known cosines; none for a model of the user's own.
    known: Option<Texts>,
}

impl Workload for Embed {
    type Config = EmbedConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: EmbedConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        Ok(Self {
            device: device(ctx)?,
            files: Files::find(&config.model)?,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let (config, files) = (&self.config, &self.files);
        let place = (&self.device, self.ctx.threads());
        let words = Words::load(&files.tokenizer)?;
        let sentences = words.sentences(config.batch, config.length, self.ctx.seed())?;
        let known = match files.source.is_pinned()? {
            true => Some(Texts::new(files, KNOWN)?),
            false => None,
        };
        let encoder = Encoder::load(config.implementation, files, place)?;
        let tensors = Tensors::load(&files.source.path)?;
        self.state = Some(State::new(
            encoder,
            (files.shape()?, &tensors),
            sentences,
            known,
        )?);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = set_up(&mut self.state)?;
        state
            .encoder
            .embed(&state.sentences, &mut state.embeddings)?;
        Ok(state.embeddings[0].into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        set_up(&mut self.state)?.check()
    }

    fn work(&self) -> Work {
        let EmbedConfig { batch, length, .. } = self.config;
        let work = Work::items(batch as f64, "sentences");
        match &self.state {
            Some(state) => work
                .flop(batch as f64 * state.shape.flop(length))
                .bytes(state.shape.bytes(batch, length)),
            None => work,
        }
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set("parameters", set_up(&mut self.state)?.parameters as f64);
        Ok(())
    }
}

impl State {
    fn new(
        encoder: Encoder,
        (shape, tensors): (Shape, &Tensors),
        sentences: Vec<Vec<u32>>,
        known: Option<Texts>,
    ) -> Result<Self, Error> {
        check_tokens(&sentences, &shape)?;
        let last = sentences.len() - 1;
        let first = reference::embed(tensors, &shape, &sentences[0])?;
        Ok(Self {
            embeddings: vec![0.0; sentences.len() * shape.hidden_size],
            references: match last {
                0 => [first.clone(), first],
                _ => [first, reference::embed(tensors, &shape, &sentences[last])?],
            },
            parameters: tensors.values(),
            encoder,
            shape,
            sentences,
            known,
        })
    }

    fn check(&mut self) -> Result<(), Error> {
        let hidden = self.shape.hidden_size;
        let rows = self.embeddings.chunks_exact(hidden);
        for (index, row) in rows.clone().enumerate() {
            let length = row
                .iter()
                .map(|x| f64::from(*x).powi(2))
                .sum::<f64>()
                .sqrt();
            ensure_right((length - 1.0).abs() < 1e-4, || {
                format!("embedding {index} has length {length:.6}, expected 1")
            })?;
        }
        let [first, last] = &self.references;
        let ends = [(0, first), (self.sentences.len() - 1, last)];
        for (index, plain) in ends {
            let row = &self.embeddings[index * hidden..][..hidden];
            let difference = plain::difference(row, plain);
            ensure_right(difference <= TOLERANCE, || {
                format!(
                    "embedding {index} differs from its f64 reference by {difference:.2e} of the largest value, \
                     tolerance {TOLERANCE:e}"
                )
            })?;
        }
        match &self.known {
            Some(texts) => check_cosines(&texts.cosines(&mut self.encoder)?, true),
            None => Ok(()),
        }
    }
}

/// Refuses sentences that the model has no vectors for.
fn check_tokens(sentences: &[Vec<u32>], shape: &Shape) -> Result<(), Error> {
    for sentence in sentences {
        if sentence.len() > shape.max_position_embeddings {
            return Err(Error::config(format!(
                "length is {}, expected at most the model's {} positions",
                sentence.len(),
                shape.max_position_embeddings
            )));
        }
        if let Some(token) = sentence
            .iter()
            .find(|token| **token as usize >= shape.vocab_size)
        {
            return Err(Error::config(format!(
                "the tokenizer gives token {token}, the model has {}: they do not belong together",
                shape.vocab_size
            )));
        }
    }
    Ok(())
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;
    use benchhost_support::random::{fill_normal, stream};

    use super::*;

    /// Two layers of two heads, nothing a multiple of a vector.
    fn shape() -> Shape {
        Shape {
            hidden_size: 22,
            intermediate_size: 37,
            num_attention_heads: 2,
            num_hidden_layers: 2,
            max_position_embeddings: 9,
            vocab_size: 50,
            type_vocab_size: 2,
            layer_norm_eps: 1e-12,
            hidden_act: "gelu".to_owned(),
        }
    }

    fn tensors(shape: &Shape) -> Tensors {
        let (hidden, inner) = (shape.hidden_size, shape.intermediate_size);
        let mut rng = stream(3, "init");
        let mut tensors = Tensors::default();
        let mut draw = |name: String, sizes: &[usize]| {
            let mut values = vec![0.0; sizes.iter().product()];
            fill_normal(&mut rng, &mut values);
            values.iter_mut().for_each(|x| *x *= 0.3);
            tensors.insert(&name, sizes, values);
        };
        for (table, rows) in [("word", 50), ("position", 9), ("token_type", 2)] {
            draw(
                format!("embeddings.{table}_embeddings.weight"),
                &[rows, hidden],
            );
        }
        let mut norms = vec!["embeddings.LayerNorm".to_owned()];
        for layer in 0..shape.num_hidden_layers {
            let name = |part: &str| format!("encoder.layer.{layer}.{part}");
            for (part, inputs, outputs) in [
                ("attention.self.query", hidden, hidden),
                ("attention.self.key", hidden, hidden),
                ("attention.self.value", hidden, hidden),
                ("attention.output.dense", hidden, hidden),
                ("intermediate.dense", hidden, inner),
                ("output.dense", inner, hidden),
            ] {
                draw(format!("{}.weight", name(part)), &[outputs, inputs]);
                draw(format!("{}.bias", name(part)), &[outputs]);
            }
            norms.push(name("attention.output.LayerNorm"));
            norms.push(name("output.LayerNorm"));
        }
        for norm in norms {
            draw(format!("{norm}.weight"), &[hidden]);
            draw(format!("{norm}.bias"), &[hidden]);
        }
        tensors
    }

    fn state(threads: usize) -> State {
        let (shape, sentences) = (
            shape(),
            vec![
                vec![1, 7, 49, 3, 2],
                vec![1, 2, 3, 4, 5],
                vec![9, 8, 7, 6, 0],
            ],
        );
        let tensors = tensors(&shape);
        let encoder = Encoder::fused(shape.clone(), tensors.clone(), threads).unwrap();
        let mut state = State::new(encoder, (shape, &tensors), sentences, None).unwrap();
        state.iterate();
        state
    }

    impl State {
        fn iterate(&mut self) {
            self.encoder
                .embed(&self.sentences, &mut self.embeddings)
                .unwrap();
        }
    }

    #[test]
    fn fused_layers_agree_with_f64_for_any_number_of_threads() {
        for threads in 1..5 {
            state(threads).check().unwrap();
        }
        assert_eq!(state(1).embeddings, state(2).embeddings);
    }

    #[test]
    fn one_disturbed_number_of_the_last_layer_is_wrong() {
        let mut state = state(1);
        let Encoder::Fused { bert, .. } = &mut state.encoder else {
            panic!("fused")
        };
        bert.disturb();

        state.iterate();

        let error = state.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Wrong);
        assert!(
            error.to_string().contains("differs from its f64 reference"),
            "{error}"
        );
    }

    #[test]
    fn exchanged_rows_and_vectors_of_another_length_are_wrong() {
        let mut exchanged = state(1);
        exchanged.embeddings.rotate_left(22);
        assert_eq!(exchanged.check().unwrap_err().kind(), ErrorKind::Wrong);

        let mut longer = state(1);
        longer.embeddings.iter_mut().for_each(|x| *x *= 1.001);
        let error = longer.check().unwrap_err();
        assert!(error.to_string().contains("has length 1.001"), "{error}");
    }

    #[test]
    fn tokens_and_lengths_beyond_the_model_are_refused() {
        for (sentence, sentence_of_error) in [
            (
                vec![50],
                "the tokenizer gives token 50, the model has 50: they do not belong together",
            ),
            (
                vec![0; 10],
                "length is 10, expected at most the model's 9 positions",
            ),
        ] {
            let error = check_tokens(&[sentence], &shape()).unwrap_err();
            assert_eq!(error.to_string(), sentence_of_error);
        }
    }
}
