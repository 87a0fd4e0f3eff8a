//! A batch of photos, what the classifier says of them, and what it should say.

use benchhost_plugin_api::{Error, ensure_right};

use super::{
    Classifier,
    layout::Layout,
    photos::{PHOTOS, Photo},
};
use crate::tensors::Tensors;

/// Largest difference of a probability from the known one. f32 leaves 1e-6 on the same pixels; a decoder that rounds
/// otherwise moves single bytes by up to 3, and the least sure photo by 0.003.
const TOLERANCE: f64 = 0.005;

/// A classifier with a batch of photos and its answers.
#[derive(Debug)]
pub(super) struct State {
    pub classifier: Classifier,
    pub flop: f64,
    pub parameters: usize,
    pub side: usize,
    /// `[batch, side, side, 3]`.
    pub images: Vec<f32>,
    /// Of each image.
    pub photos: Vec<Photo>,
    /// `[batch, classes]`.
    pub logits: Vec<f32>,
    /// Classes and probabilities of the photos are known.
    pub is_pinned: bool,
    pub others_proved: bool,
}

impl State {
    /// The classifier with `batch` photos by turns, answers unknown.
    ///
    /// # Errors
    /// A photo cannot be decoded, or a tensor is missing.
    pub(super) fn new(
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

    /// Bytes to and from memory that a batch needs at least, all in f32: what was learned once, the images, the logits.
    pub(super) fn bytes(&self) -> f64 {
        4.0 * (self.parameters + self.images.len() + self.logits.len()) as f64
    }

    /// Classifies the batch.
    pub(super) fn iterate(&mut self) -> Result<(), Error> {
        self.classifier
            .classify(&self.images, self.side, &mut self.logits)
    }

    /// With answers that are known, or not: those of the pinned file.
    pub(super) fn with_known_answers(self, is_pinned: bool) -> Self {
        Self { is_pinned, ..self }
    }

    /// Each photo with its logits.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&Photo, &[f32])> {
        rows(&self.photos, &self.logits)
    }

    /// The answers of the last iteration: finite, and of the pinned file the known ones.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_answer =
            self.logits.iter().all(|x| x.is_finite()) && self.logits.iter().any(|x| *x != 0.0);
        ensure_right(is_answer, || "the logits are not finite, or all are 0")?;
        match self.is_pinned {
            true => check_rows(self.rows()),
            false => Ok(()),
        }
    }

    /// The answers about the photos that a small batch left out, once.
    pub(super) fn check_others(&mut self) -> Result<(), Error> {
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
pub(super) fn most_likely(logits: &[f32]) -> (usize, f64) {
    let largest = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    let class = largest.unwrap_or(0);
    let powers = logits.iter().map(|x| f64::from(x - logits[class]).exp());
    (class, 1.0 / powers.sum::<f64>())
}
