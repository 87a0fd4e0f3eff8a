//! Workload `classify`: one iteration classifies a batch of photos with EfficientNet-Lite0.

mod config;
mod labels;
mod layout;
mod net;
mod photos;
#[cfg(test)]
mod reference;
mod stock;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metrics, Work, Workload, ensure_right,
};
use benchhost_support::device;
use candle_core::Device;
use rayon::prelude::*;

use self::{
    layout::Layout,
    net::{Net, Scratch},
    photos::{PHOTOS, Photo},
    stock::Stock,
};
use crate::{
    Implementation,
    pinned::{EFFICIENT_NET, Source},
    tensors::Tensors,
};

pub use config::ClassifyConfig;
pub(crate) use labels::{Labels, Loading};
pub(crate) use layout::{fold_with, normalisation};
pub(crate) use net::channels_last;

/// Largest difference of a probability from the known one. f32 leaves 1e-6 on the same pixels; a decoder that rounds
/// otherwise moves single bytes by up to 3, and the least sure photo by 0.003.
const TOLERANCE: f64 = 0.005;

/// Classifies photos.
#[derive(Debug)]
pub struct Classify {
    config: ClassifyConfig,
    ctx: Ctx,
    device: Device,
    source: Source,
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    classifier: Classifier,
    flop: f64,
    parameters: usize,
    side: usize,
    /// `[batch, side, side, 3]`.
    images: Vec<f32>,
    /// Of each image.
    photos: Vec<Photo>,
    /// `[batch, classes]`.
    logits: Vec<f32>,
    /// Classes and probabilities of the photos are known.
    is_pinned: bool,
    others_proved: bool,
}

/// A net that is ready, of either implementation.
#[derive(Debug)]
pub(crate) enum Classifier {
    Fused {
        net: Box<Net>,
        /// For each thread.
        scratch: Vec<Scratch>,
    },
    Candle(Box<Stock>),
}

impl Classifier {
    pub(crate) fn new(
        implementation: Implementation,
        (layout, tensors): (Layout, &Tensors),
        (device, threads): (&Device, usize),
    ) -> Result<Self, Error> {
        Ok(match implementation {
            Implementation::Fused => Self::Fused {
                net: Box::new(Net::new(layout, tensors)?),
                scratch: vec![Scratch::default(); threads.max(1)],
            },
            Implementation::Candle => Self::Candle(Box::new(Stock::new(&layout, tensors, device)?)),
        })
    }

    /// Logits of `images`, `[batch, side, side, 3]`, into `logits`, `[batch, classes]`.
    pub(crate) fn classify(
        &mut self,
        images: &[f32],
        side: usize,
        logits: &mut [f32],
    ) -> Result<(), Error> {
        let image = 3 * side * side;
        let batch = images.len() / image;
        match self {
            Self::Fused { net, scratch } => {
                let classes = net.classes();
                let all = |images: &[f32], logits: &mut [f32], scratch: &mut Scratch| {
                    let images = images.chunks_exact(image);
                    for (image, logits) in images.zip(logits.chunks_exact_mut(classes)) {
                        net.classify(image, logits, scratch);
                    }
                };
                let share = batch.div_ceil(scratch.len());
                if share == batch {
                    all(images, logits, &mut scratch[0]);
                    return Ok(());
                }
                let shares = images.par_chunks(share * image);
                let shares = shares.zip(logits.par_chunks_mut(share * classes));
                shares
                    .zip(scratch)
                    .for_each(|((images, logits), scratch)| all(images, logits, scratch));
            }
            Self::Candle(stock) => {
                logits.copy_from_slice(&stock.classify(images, (batch, side))?);
            }
        }
        Ok(())
    }
}

impl Workload for Classify {
    type Config = ClassifyConfig;

    fn describe() -> Description {
        config::describe()
    }

    fn create(config: ClassifyConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.check(ctx)?;
        Ok(Self {
            device: device(ctx)?,
            source: EFFICIENT_NET.locate(&config.model)?,
            config,
            ctx: ctx.clone(),
            state: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let tensors = Tensors::load(&self.source.path)?;
        let place = (&self.device, self.ctx.threads());
        let layout = Layout::lite0();
        let classifier = Classifier::new(
            self.config.implementation,
            (layout.clone(), &tensors),
            place,
        )?;
        let state = State::new(classifier, (&layout, &tensors), self.config.batch)?;
        self.state = Some(state.with_known_answers(self.source.is_pinned()?));
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let state = set_up(&mut self.state)?;
        state.iterate()?;
        Ok(state.logits[0].into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        let state = set_up(&mut self.state)?;
        state.check()?;
        state.check_others()
    }

    fn work(&self) -> Work {
        let batch = self.config.batch as f64;
        let work = Work::items(batch, "images");
        match &self.state {
            Some(state) => work.flop(batch * state.flop),
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
        classifier: Classifier,
        (layout, tensors): (&Layout, &Tensors),
        batch: usize,
    ) -> Result<Self, Error> {
        let inputs = PHOTOS
            .iter()
            .map(|photo| photo.input(layout.side))
            .collect::<Result<Vec<_>, _>>()?;
        let turns = (0..batch).map(|index| index % PHOTOS.len());
        let classes = tensors.shape("_fc.bias")?[0];
        let learned = tensors
            .iter()
            .filter(|(name, ..)| !name.contains(".running_"));
        Ok(Self {
            classifier,
            flop: layout.flop(tensors)?,
            parameters: learned.map(|(.., values)| values.len()).sum(),
            side: layout.side,
            images: turns
                .clone()
                .flat_map(|turn| inputs[turn].clone())
                .collect(),
            photos: turns.map(|turn| PHOTOS[turn]).collect(),
            logits: vec![0.0; batch * classes],
            is_pinned: false,
            others_proved: false,
        })
    }

    fn iterate(&mut self) -> Result<(), Error> {
        self.classifier
            .classify(&self.images, self.side, &mut self.logits)
    }

    /// With answers that are known, or not: those of the pinned file.
    fn with_known_answers(self, is_pinned: bool) -> Self {
        Self { is_pinned, ..self }
    }

    /// Each photo with its logits.
    fn rows(&self) -> impl Iterator<Item = (&Photo, &[f32])> {
        rows(&self.photos, &self.logits)
    }

    /// The answers of the last iteration: finite, and of the pinned file the known ones.
    fn check(&self) -> Result<(), Error> {
        let is_answer =
            self.logits.iter().all(|x| x.is_finite()) && self.logits.iter().any(|x| *x != 0.0);
        ensure_right(is_answer, || "the logits are not finite, or all are 0")?;
        match self.is_pinned {
            true => check_rows(self.rows()),
            false => Ok(()),
        }
    }

    /// The answers about the photos that a small batch left out, once.
    fn check_others(&mut self) -> Result<(), Error> {
        if self.others_proved || !self.is_pinned {
            return Ok(());
        }
        for photo in PHOTOS.iter().skip(self.photos.len()) {
            let mut logits = vec![0.0; self.logits.len() / self.photos.len()];
            let image = photo.input(self.side)?;
            self.classifier.classify(&image, self.side, &mut logits)?;
            check_rows(rows(std::slice::from_ref(photo), &logits))?;
        }
        self.others_proved = true;
        Ok(())
    }
}

fn rows<'a>(
    photos: &'a [Photo],
    logits: &'a [f32],
) -> impl Iterator<Item = (&'a Photo, &'a [f32])> {
    let classes = logits.len() / photos.len();
    photos.iter().zip(logits.chunks_exact(classes))
}

/// Classes and probabilities against the known ones.
fn check_rows<'a>(rows: impl Iterator<Item = (&'a Photo, &'a [f32])>) -> Result<(), Error> {
    for (photo, logits) in rows {
        let (class, probability) = most_likely(logits);
        ensure_right(class == photo.class, || {
            format!(
                "photo {} is of class {class}, expected {} ({})",
                photo.name, photo.class, photo.class_name
            )
        })?;
        let difference = (probability - photo.probability).abs();
        ensure_right(difference <= TOLERANCE, || {
            format!(
                "photo {} is \"{}\" with probability {probability:.4}, expected {:.4}",
                photo.name, photo.class_name, photo.probability
            )
        })?;
    }
    Ok(())
}

/// The class with the largest logit and its probability; NaN where a logit is none.
pub(crate) fn most_likely(logits: &[f32]) -> (usize, f64) {
    let largest = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    let class = largest.unwrap_or(0);
    let powers = logits.iter().map(|x| f64::from(x - logits[class]).exp());
    (class, 1.0 / powers.sum::<f64>())
}

fn set_up(state: &mut Option<State>) -> Result<&mut State, Error> {
    state
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;
    use benchhost_support::random::stream;

    use super::*;
    use crate::plain;

    /// Every kind of block: without expansion, with and without a skip, windows of 3 and 5, steps of 1 and 2; a side
    /// that is no multiple of anything.
    fn layout() -> Layout {
        Layout {
            side: 45,
            steps: vec![1, 2, 1, 2, 1],
        }
    }

    fn net(tensors: &Tensors) -> Classifier {
        Classifier::new(
            Implementation::Fused,
            (layout(), tensors),
            (&Device::Cpu, 2),
        )
        .unwrap()
    }

    #[test]
    fn both_implementations_agree_with_f64() {
        let tensors = reference::random(&mut stream(5, "init"));
        let image: Vec<f32> = (0..3 * 45 * 45)
            .map(|i| (i * 7 % 29) as f32 / 14.0 - 1.0)
            .collect();
        let plain = reference::logits(&layout(), &tensors, &image);
        let mut images = image.clone();
        images.extend(image.iter().map(|x| -x));
        let mut logits = vec![0.0; 2 * plain.len()];

        for implementation in [Implementation::Fused, Implementation::Candle] {
            let place = (&Device::Cpu, 2);
            let mut classifier =
                Classifier::new(implementation, (layout(), &tensors), place).unwrap();
            // Twice: what is left in memory must not matter.
            for _ in 0..2 {
                classifier.classify(&images, 45, &mut logits).unwrap();

                let (first, second) = logits.split_at(plain.len());
                let difference = plain::difference(first, &plain);
                assert!(difference < 1e-5, "{implementation:?}: {difference}");
                assert_ne!(first, second);
            }
        }
    }

    #[test]
    fn low_strips_agree_with_f64_too() {
        // 45 lines in one strip here; Lite0's first blocks need many. Wide lines make strips low.
        let mut tensors = reference::random(&mut stream(6, "init"));
        reference::widen(&mut tensors, 40);
        let image: Vec<f32> = (0..3 * 45 * 45)
            .map(|i| (i * 5 % 31) as f32 / 15.0 - 1.0)
            .collect();
        let plain = reference::logits(&layout(), &tensors, &image);
        let mut logits = vec![0.0; plain.len()];

        net(&tensors).classify(&image, 45, &mut logits).unwrap();

        let difference = plain::difference(&logits, &plain);
        assert!(difference < 1e-5, "{difference}");
    }

    fn known(probability: f32) -> State {
        // Two classes beyond all of ImageNet's would do; the photos need class 967.
        let mut logits = vec![0.0; 3 * 1000];
        for (photo, logits) in PHOTOS.iter().zip(logits.chunks_exact_mut(1000)) {
            // p = eˣ/(eˣ + 999).
            let p = photo.probability * f64::from(probability);
            logits[photo.class] = (999.0 * p / (1.0 - p)).ln() as f32;
        }
        let tensors = reference::random(&mut stream(5, "init"));
        State {
            classifier: net(&tensors),
            flop: 0.0,
            parameters: 0,
            side: 45,
            images: Vec::new(),
            photos: PHOTOS.to_vec(),
            logits,
            is_pinned: true,
            others_proved: false,
        }
    }

    #[test]
    fn known_classes_and_probabilities_are_right() {
        known(1.0).check().unwrap();
    }

    #[test]
    fn another_probability_or_class_or_photo_is_wrong() {
        let unsure = known(0.9).check().unwrap_err();
        assert_eq!(unsure.kind(), ErrorKind::Wrong);
        assert!(
            unsure
                .to_string()
                .contains("\"Egyptian cat\" with probability"),
            "{unsure}"
        );

        let mut other = known(1.0);
        other.logits[1000 + 3] = 100.0;
        assert_eq!(
            other.check().unwrap_err().to_string(),
            "photo coffee is of class 3, expected 967 (espresso)"
        );

        let mut exchanged = known(1.0);
        exchanged.photos.swap(0, 1);
        assert_eq!(exchanged.check().unwrap_err().kind(), ErrorKind::Wrong);

        let mut nothing = known(1.0);
        nothing.logits[285] = f32::NAN;
        assert_eq!(nothing.check().unwrap_err().kind(), ErrorKind::Wrong);
    }

    #[test]
    fn one_wrong_layer_of_the_real_net_is_wrong() {
        let Ok(source) = EFFICIENT_NET.locate("") else {
            eprintln!("efficientnet_lite0.safetensors is not in BENCHHOST_DATA: nothing is tested");
            return;
        };
        let (tensors, layout) = (Tensors::load(&source.path).unwrap(), Layout::lite0());
        let place = (&Device::Cpu, 1);
        let classifier =
            Classifier::new(Implementation::Fused, (layout.clone(), &tensors), place).unwrap();
        let mut state = State::new(classifier, (&layout, &tensors), 1)
            .unwrap()
            .with_known_answers(source.is_pinned().unwrap());
        state.iterate().unwrap();
        state.check().unwrap();
        state.check_others().unwrap();
        let Classifier::Fused { net, .. } = &mut state.classifier else {
            panic!("fused")
        };
        net.disturb();

        state.iterate().unwrap();

        assert_eq!(state.check().unwrap_err().kind(), ErrorKind::Wrong);
    }
}
