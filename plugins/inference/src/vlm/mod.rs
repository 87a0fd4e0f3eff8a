//! Workload `vlm`: one iteration answers one text about one image with TinyVLM, a net of 315 553 parameters.

mod config;
mod net;
mod reference;
mod stock;
mod weights;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Work, Workload, ensure_right,
};
use benchhost_support::{
    device,
    random::{Rng, fill_uniform, stream},
};
use candle_core::Device;

use self::{net::Net, stock::Stock};
use crate::{Implementation, tensors::Tensors};

pub use config::VlmConfig;

/// Largest difference of the answer from its f64 reference, relative to 1 or the answer. f32 leaves about 1e-6.
const TOLERANCE: f64 = 1e-4;

/// Answers a text about an image.
#[derive(Debug)]
pub struct Vlm {
    config: VlmConfig,
    ctx: Ctx,
    device: Device,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    model: Model,
    parameters: usize,
    /// `[64, 64, 3]`, from −1 to 1.
    image: Vec<f32>,
    text: Vec<u32>,
    /// The answer in f64.
    reference: f64,
    /// The answer of the last iteration.
    answer: Option<f32>,
}

#[derive(Debug)]
enum Model {
    Fused(Box<Net>),
    Candle(Box<Stock>),
}

impl Workload for Vlm {
    type Config = VlmConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: VlmConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        Ok(Self {
            device: device(ctx)?,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let tensors = weights::draw(self.ctx.seed());
        let model = match self.config.implementation {
            Implementation::Fused => Model::Fused(Box::new(Net::new(&tensors)?)),
            Implementation::Candle => Model::Candle(Box::new(Stock::new(&tensors, &self.device)?)),
        };
        self.state = Some(State::new(
            model,
            &tensors,
            (self.config.tokens, self.ctx.seed()),
        )?);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        Ok(set_up(&mut self.state)?.answer()?.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        set_up(&mut self.state)?.check()
    }

    fn work(&self) -> Work {
        let tokens = self.config.tokens;
        Work::items(1.0, "images")
            .flop(config::flop(tokens))
            .bytes(config::bytes(tokens))
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        metrics.set("parameters", set_up(&mut self.state)?.parameters as f64);
        Ok(())
    }
}

impl State {
    fn new(model: Model, tensors: &Tensors, (tokens, seed): (usize, u64)) -> Result<Self, Error> {
        let mut rng = stream(seed, "input");
        let mut image = vec![0.0; weights::SIDE * weights::SIDE * weights::CHANNELS[0]];
        fill_uniform(&mut rng, 1.0, &mut image);
        let token = |_| rng.next_u32() % weights::VOCABULARY as u32;
        let text: Vec<u32> = (0..tokens).map(token).collect();
        Ok(Self {
            reference: reference::answer(tensors, &image, &text)?,
            parameters: weights::parameters(tensors),
            model,
            image,
            text,
            answer: None,
        })
    }

    fn answer(&mut self) -> Result<f32, Error> {
        let answer = match &mut self.model {
            Model::Fused(net) => net.answer(&self.image, &self.text),
            Model::Candle(stock) => stock.answer(&self.image, &self.text)?,
        };
        self.answer = Some(answer);
        Ok(answer)
    }

    fn check(&self) -> Result<(), Error> {
        let answer = self.answer.map_or(f64::NAN, f64::from);
        let difference = (answer - self.reference).abs();
        ensure_right(
            difference <= TOLERANCE * self.reference.abs().max(1.0),
            || {
                format!(
                    "the answer is {answer:.6}, its f64 reference {:.6}",
                    self.reference
                )
            },
        )
    }
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    fn fused(tokens: usize, seed: u64) -> State {
        let tensors = weights::draw(seed);
        let model = Model::Fused(Box::new(Net::new(&tensors).unwrap()));
        State::new(model, &tensors, (tokens, seed)).unwrap()
    }

    #[test]
    fn a_second_answer_has_the_same_bits_and_the_image_and_each_token_count() {
        let mut state = fused(5, 1);
        let first = state.answer().unwrap();
        assert_eq!(first, state.answer().unwrap());

        state.image[64 * 64 * 3 - 1] += 0.5;
        let other_image = state.answer().unwrap();
        assert_ne!(first, other_image);
        state.text[4] ^= 1;
        assert_ne!(other_image, state.answer().unwrap());
        assert_eq!(state.check().unwrap_err().kind(), ErrorKind::Wrong);
    }

    #[test]
    fn a_wrong_layer_or_no_answer_is_wrong() {
        let mut state = fused(16, 1);
        assert!(
            state
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("the answer is NaN")
        );
        state.answer().unwrap();
        state.check().unwrap();
        let Model::Fused(net) = &mut state.model else {
            panic!("fused")
        };
        net.disturb();

        state.answer().unwrap();

        let error = state.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Wrong);
        assert!(error.to_string().contains("its f64 reference"), "{error}");
    }
}
