//! TinyVLM's weights: seeded, as nobody has trained them; speed does not depend on their values.

use benchhost_support::random::{Random, fill_normal, fill_uniform, stream};

use crate::tensors::Tensors;

/// Width and height of the image in pixels.
pub(super) const SIDE: usize = 64;

/// Channels before the first convolution and after each.
pub(super) const CHANNELS: [usize; 4] = [3, 32, 64, 128];

/// Width and height of what the convolutions leave, in tokens.
pub(super) const GRID: usize = 4;

/// Values of a visual token.
pub(super) const VISUAL: usize = CHANNELS[3];

/// Tokens that the text may use: bytes.
pub(super) const VOCABULARY: usize = 256;

/// Positions that the text encoder knows.
pub(super) const POSITIONS: usize = 32;

/// Values of a text token.
pub(super) const TEXT: usize = 64;

/// Values of the feed-forward layers. With four times the width of a token the net has its 315 553 parameters.
pub(super) const INNER: usize = 4 * TEXT;

/// Layers of the text encoder.
pub(super) const LAYERS: usize = 2;

/// Heads of every attention.
pub(super) const HEADS: usize = 4;

/// Values between the two layers of the head.
pub(super) const HIDDEN: usize = 64;

/// Numbers that would be learned.
pub(super) const PARAMETERS: usize = 315_553;

/// Added to variances, as torch's layers do.
pub(super) const EPSILON: f32 = 1e-5;

/// All weights, drawn in a fixed order; names and shapes as torch's modules have them.
pub(super) fn draw(seed: u64) -> Tensors {
    let mut weights = Draw {
        rng: stream(seed, "init"),
        tensors: Tensors::default(),
    };
    for (index, pair) in CHANNELS.windows(2).enumerate() {
        weights.uniform(
            &format!("conv{index}.weight"),
            &[pair[1], pair[0], 3, 3],
            9 * pair[0],
        );
        weights.normalisation(&format!("bn{index}"), pair[1]);
        weights.statistics(&format!("bn{index}"), pair[1]);
    }
    weights.linear("visual", VISUAL, VISUAL);
    weights.normal("words", &[VOCABULARY, TEXT]);
    weights.normal("positions", &[POSITIONS, TEXT]);
    for layer in 0..LAYERS {
        let name = |part: &str| format!("text.{layer}.{part}");
        weights.normalisation(&name("norm1"), TEXT);
        weights.linear(&name("qkv"), TEXT, 3 * TEXT);
        weights.linear(&name("out"), TEXT, TEXT);
        weights.normalisation(&name("norm2"), TEXT);
        weights.linear(&name("up"), TEXT, INNER);
        weights.linear(&name("down"), INNER, TEXT);
    }
    weights.normalisation("text.norm", TEXT);
    weights.linear("projected", TEXT, VISUAL);
    weights.linear("cross.q", VISUAL, VISUAL);
    weights.linear("cross.k", VISUAL, VISUAL);
    weights.linear("cross.v", VISUAL, VISUAL);
    weights.linear("cross.out", VISUAL, VISUAL);
    weights.normalisation("cross.norm", VISUAL);
    weights.linear("head.0", VISUAL + TEXT, HIDDEN);
    weights.linear("head.1", HIDDEN, 1);
    weights.tensors
}

/// Numbers that would be learned: all but the running statistics.
pub(super) fn parameters(tensors: &Tensors) -> usize {
    let learned = tensors
        .iter()
        .filter(|(name, ..)| !name.contains(".running_"));
    learned.map(|(.., values)| values.len()).sum()
}

struct Draw {
    rng: Random,
    tensors: Tensors,
}

impl Draw {
    /// U(±1/√fan_in), as torch's layers begin.
    fn uniform(&mut self, name: &str, shape: &[usize], fan_in: usize) {
        let mut values = vec![0.0; shape.iter().product()];
        fill_uniform(&mut self.rng, 1.0 / (fan_in as f32).sqrt(), &mut values);
        self.tensors.insert(name, shape, values);
    }

    fn linear(&mut self, name: &str, inputs: usize, outputs: usize) {
        self.uniform(&format!("{name}.weight"), &[outputs, inputs], inputs);
        self.uniform(&format!("{name}.bias"), &[outputs], inputs);
    }

    /// N(0, 1).
    fn normal(&mut self, name: &str, shape: &[usize]) {
        let mut values = vec![0.0; shape.iter().product()];
        fill_normal(&mut self.rng, &mut values);
        self.tensors.insert(name, shape, values);
    }

    /// Scale and shift near 1 and 0, so that leaving one out shows.
    fn normalisation(&mut self, name: &str, width: usize) {
        self.around(&format!("{name}.weight"), width, 1.0);
        self.around(&format!("{name}.bias"), width, 0.0);
    }

    fn statistics(&mut self, name: &str, width: usize) {
        self.around(&format!("{name}.running_mean"), width, 0.0);
        self.around(&format!("{name}.running_var"), width, 1.0);
    }

    /// U(`middle` ± 0.2).
    fn around(&mut self, name: &str, width: usize, middle: f32) {
        let mut values = vec![0.0; width];
        fill_uniform(&mut self.rng, 0.2, &mut values);
        values.iter_mut().for_each(|x| *x += middle);
        self.tensors.insert(name, &[width], values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_net_has_its_315_553_parameters_and_repeats_with_the_seed() {
        let weights = draw(1);

        assert_eq!(parameters(&weights), PARAMETERS);
        let words = |seed| {
            draw(seed)
                .get("words", &[VOCABULARY, TEXT])
                .unwrap()
                .to_vec()
        };
        assert_eq!(words(1), words(1));
        assert_ne!(words(1), words(2));
    }
}
