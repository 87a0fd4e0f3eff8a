//! Labelled points around one centre for each class: easy to learn, so that a loss that does not fall is a mistake.

use benchhost_plugin_api::Error;
use benchhost_support::random::{Rng, fill_normal, stream};
use candle_core::{Device, Tensor};

/// Length of a point.
pub(crate) const FEATURES: usize = 256;

/// Centres.
pub(crate) const CLASSES: usize = 10;

/// A batch of points and what they are.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// `[batch, FEATURES]`, f32: centre + N(0, 1), the centre from N(0, 1) itself.
    pub points: Tensor,
    /// `[batch, CLASSES]`, f32: 1 in the column of the class.
    pub one_hot: Tensor,
}

/// `count` batches of `rows` points on `device`; the same for a `seed`.
pub(crate) fn batches(
    count: usize,
    rows: usize,
    device: &Device,
    seed: u64,
) -> Result<Vec<Batch>, Error> {
    let mut rng = stream(seed, "clusters");
    let mut centres = vec![0.0; CLASSES * FEATURES];
    fill_normal(&mut rng, &mut centres);
    (0..count)
        .map(|_| {
            let mut points = vec![0.0; rows * FEATURES];
            fill_normal(&mut rng, &mut points);
            let mut one_hot = vec![0.0f32; rows * CLASSES];
            for (point, label) in points.chunks_mut(FEATURES).zip(one_hot.chunks_mut(CLASSES)) {
                let class = (rng.next_u32() as usize) % CLASSES;
                label[class] = 1.0;
                let centre = &centres[class * FEATURES..][..FEATURES];
                point
                    .iter_mut()
                    .zip(centre)
                    .for_each(|(value, centre)| *value += centre);
            }
            Ok(Batch {
                points: Tensor::from_vec(points, (rows, FEATURES), device)?,
                one_hot: Tensor::from_vec(one_hot, (rows, CLASSES), device)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_around_the_centre_of_their_one_class() {
        let batches = batches(2, 200, &Device::Cpu, 5).unwrap();

        let mut sums = vec![vec![0.0f64; FEATURES]; CLASSES];
        let mut counts = [0usize; CLASSES];
        for batch in &batches {
            let points: Vec<Vec<f32>> = batch.points.to_vec2().unwrap();
            for (point, label) in points.iter().zip(batch.one_hot.to_vec2::<f32>().unwrap()) {
                assert_eq!(label.iter().sum::<f32>(), 1.0);
                let class = label.iter().position(|value| *value == 1.0).unwrap();
                counts[class] += 1;
                for (sum, value) in sums[class].iter_mut().zip(point) {
                    *sum += f64::from(*value);
                }
            }
        }
        // The mean of about 40 points is nearer to 1 than to the 2 of single points: most of the spread is the centre.
        for (sum, count) in sums.iter().zip(counts) {
            assert!(count > 10, "{counts:?}");
            let square = sum.iter().map(|s| (s / count as f64).powi(2)).sum::<f64>();
            let variance = square / FEATURES as f64;
            assert!((0.6..1.6).contains(&variance), "{variance}");
        }
    }
}
