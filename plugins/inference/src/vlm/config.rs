//! Parameters of `vlm`, and its work.

use benchhost_plugin_api::{Ctx, Description, Error, Metric, Param};
use serde::{Deserialize, Serialize};

use super::weights::{
    CHANNELS, GRID, HIDDEN, INNER, LAYERS, PARAMETERS, POSITIONS, SIDE, TEXT, VISUAL, VOCABULARY,
};
use crate::Implementation;

/// Parameters of [`Vlm`](super::Vlm); the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct VlmConfig {
    pub tokens: usize,
    pub implementation: Implementation,
}

impl Default for VlmConfig {
    fn default() -> Self {
        Self {
            tokens: 16,
            implementation: Implementation::Fused,
        }
    }
}

impl VlmConfig {
    /// Refuses what cannot work, before anything is made.
    pub(super) fn check(&self, ctx: &Ctx) -> Result<(), Error> {
        if !(1..=POSITIONS).contains(&self.tokens) {
            return Err(Error::config(format!(
                "tokens is {}, expected 1 to {POSITIONS}",
                self.tokens
            )));
        }
        self.implementation.check(ctx)
    }
}

/// What `vlm` says of itself.
pub(super) fn describe() -> Description {
    Description::new("Answers a text about an image with TinyVLM: convolutions, a text encoder, cross attention.")
        .param(
            Param::new("tokens", "length of the text")
                .unit("tokens")
                .range(1.0, POSITIONS as f64),
        )
        .param(
            Param::new("implementation", "own fused layers or stock candle")
                .choices(Implementation::NAMES),
        )
        .metric(Metric::neutral("parameters", "1").help("numbers that would be learned"))
}

/// Floating-point operations of all products for one image and a text of `tokens`.
pub(super) fn flop(tokens: usize) -> f64 {
    let convolutions = CHANNELS.windows(2).enumerate().map(|(index, pair)| {
        let side = SIDE >> index;
        side * side * 9 * pair[0] * pair[1]
    });
    let patches = GRID * GRID;
    let text = LAYERS * tokens * (4 * TEXT * TEXT + 2 * TEXT * INNER + 2 * tokens * TEXT);
    let cross = 3 * patches * VISUAL * VISUAL
        + tokens * (TEXT * VISUAL + 2 * VISUAL * VISUAL)
        + 2 * patches * tokens * VISUAL;
    let head = (VISUAL + TEXT + 1) * HIDDEN;
    2.0 * (convolutions.sum::<usize>() + text + cross + head) as f64
}

/// Bytes to and from memory of the same, at least, all in f32: what was learned once, but of the tables only the rows of the
/// text; the image; the answer.
pub(super) fn bytes(tokens: usize) -> f64 {
    let tables = (VOCABULARY + POSITIONS) * TEXT;
    let rows = 2 * tokens * TEXT;
    let image = SIDE * SIDE * CHANNELS[0];
    4.0 * (PARAMETERS - tables + rows + image + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_text_of_two_tokens_are_what_a_hand_counts() {
        // 315 553 less tables of 256 + 32 rows of 64; two rows of each; 64 × 64 pixels of three; one number.
        assert_eq!(
            bytes(2),
            4.0 * (315_553.0 - 18_432.0 + 256.0 + 12_288.0 + 1.0)
        );
        assert_eq!(bytes(3) - bytes(2), 4.0 * 128.0);
    }
}
