//! What a series of block times can look like: with a steady state that begins somewhere, or with none.

use std::f64::consts::TAU;

use benchhost_stats::SplitMix64;

/// Blocks after which a warm-up is given up, as the cap on its time does in the program.
pub(crate) const CAP: usize = 2000;

/// Blocks that are sampled after a warm-up.
pub(crate) const KEPT: usize = 1000;

/// Deviation from the final level, relative, below which a series has arrived.
const ARRIVED: f64 = 0.01;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Flat,
    Decay,
    StepDown,
    Steps,
    DampedWave,
    StepUp,
    Drift,
    Wave,
    RandomWalk,
    Levels,
}

pub(crate) const SHAPES: [Shape; 10] = [
    Shape::Flat,
    Shape::Decay,
    Shape::StepDown,
    Shape::Steps,
    Shape::DampedWave,
    Shape::StepUp,
    Shape::Drift,
    Shape::Wave,
    Shape::RandomWalk,
    Shape::Levels,
];

impl Shape {
    pub(crate) fn settles(self) -> bool {
        !matches!(
            self,
            Self::Drift | Self::Wave | Self::RandomWalk | Self::Levels
        )
    }

    /// What the table says about the range of this shape; the numbers are those of [`Series::draw`].
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Decay => "decay by 20-200 %, time constant 10-300 blocks",
            Self::StepDown => "step down by 10-100 % at block 5-300",
            Self::Steps => "2-4 steps down of 5-50 %, 5-150 blocks apart",
            Self::DampedWave => "wave of 10-50 %, period 20-200, dying in 30-300 blocks",
            Self::StepUp => "step up by 10-50 % at block 5-300",
            Self::Drift => "NONE: drift of 5-50 % in 1000 blocks",
            Self::Wave => "NONE: wave of 5-20 %, period 60-1000 blocks",
            Self::RandomWalk => "NONE: random walk of 15-60 % in 1000 blocks",
            Self::Levels => "NONE: two levels 6-30 % apart, 50-300 blocks each",
        }
    }
}

/// One series: its level without noise, and with it.
pub(crate) struct Series {
    pub(crate) levels: Vec<f64>,
    pub(crate) values: Vec<f64>,
    /// First block from which on the level stays within [`ARRIVED`] of the final one; none when nothing settles.
    pub(crate) settled_at: Option<usize>,
}

impl Series {
    /// A series of `shape` around 100 with normal noise of relative standard deviation `noise`.
    pub(crate) fn draw(shape: Shape, noise: f64, random: &mut SplitMix64) -> Self {
        let levels: Vec<f64> = relative(shape, random)
            .into_iter()
            .map(|x| 100.0 * x)
            .collect();
        let values = levels
            .iter()
            .map(|level| level * (1.0 + noise * random.normal()))
            .collect();
        let off = |level: &f64| (level / 100.0 - 1.0).abs() > ARRIVED;
        let settled_at = shape
            .settles()
            .then(|| levels.iter().rposition(off).map_or(0, |last| last + 1));
        Self {
            levels,
            values,
            settled_at,
        }
    }
}

/// Levels relative to the final one, or to the first where there is none.
fn relative(shape: Shape, random: &mut SplitMix64) -> Vec<f64> {
    match shape {
        Shape::Flat => levels(|_| 1.0),
        Shape::Decay => {
            let (height, constant) = (
                log_uniform(random, 0.2, 2.0),
                log_uniform(random, 10.0, 300.0),
            );
            levels(|i| 1.0 + height * (-i / constant).exp())
        }
        Shape::StepDown => {
            let (height, at) = (
                log_uniform(random, 0.1, 1.0),
                log_uniform(random, 5.0, 300.0),
            );
            levels(|i| if i < at { 1.0 + height } else { 1.0 })
        }
        Shape::StepUp => {
            let (height, at) = (
                log_uniform(random, 0.1, 0.5),
                log_uniform(random, 5.0, 300.0),
            );
            levels(|i| {
                if i < at {
                    1.0 - height / (1.0 + height)
                } else {
                    1.0
                }
            })
        }
        Shape::Steps => steps(random),
        Shape::DampedWave => {
            let (height, period) = (
                log_uniform(random, 0.1, 0.5),
                log_uniform(random, 20.0, 200.0),
            );
            let (constant, phase) = (log_uniform(random, 30.0, 300.0), random.uniform());
            levels(|i| 1.0 + height * (-i / constant).exp() * (TAU * (i / period + phase)).sin())
        }
        Shape::Drift => {
            let slope = log_uniform(random, 0.05, 0.5) / 1000.0;
            let slope = if random.uniform() < 0.5 {
                slope
            } else {
                -slope
            };
            // Downwards by a constant share of what is left, so that times stay positive.
            levels(|i| {
                if slope > 0.0 {
                    1.0 + slope * i
                } else {
                    (slope * i).exp()
                }
            })
        }
        Shape::Wave => {
            let (height, period) = (
                log_uniform(random, 0.05, 0.2),
                log_uniform(random, 60.0, 1000.0),
            );
            let phase = random.uniform();
            levels(|i| 1.0 + height * (TAU * (i / period + phase)).sin())
        }
        Shape::RandomWalk => {
            let step = log_uniform(random, 0.15, 0.6) / 1000.0_f64.sqrt();
            let mut log_level = 0.0;
            levels(|_| {
                log_level += step * random.normal();
                f64::exp(log_level)
            })
        }
        Shape::Levels => alternating(random),
    }
}

fn steps(random: &mut SplitMix64) -> Vec<f64> {
    let mut at = 0.0;
    let steps: Vec<(f64, f64)> = (0..2 + random.index(3))
        .map(|_| {
            at += log_uniform(random, 5.0, 150.0);
            (at, log_uniform(random, 0.05, 0.5))
        })
        .collect();
    levels(|i| {
        let ahead = steps.iter().filter(|(at, _)| i < *at);
        ahead.map(|(_, height)| 1.0 + height).product()
    })
}

fn alternating(random: &mut SplitMix64) -> Vec<f64> {
    let height = log_uniform(random, 0.06, 0.3);
    let (mut high, mut left) = (false, 0.0);
    levels(|_| {
        if left < 1.0 {
            high = !high;
            left = log_uniform(random, 50.0, 300.0);
        }
        left -= 1.0;
        if high { 1.0 + height } else { 1.0 }
    })
}

fn levels(mut level: impl FnMut(f64) -> f64) -> Vec<f64> {
    (0..CAP + KEPT).map(|i| level(i as f64)).collect()
}

fn log_uniform(random: &mut SplitMix64, low: f64, high: f64) -> f64 {
    low * (high / low).powf(random.uniform())
}
