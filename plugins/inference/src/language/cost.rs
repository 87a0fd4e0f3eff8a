//! What passes through a llama cost at least: floating-point operations, and bytes to and from memory.
//!
//! A lower bound, whoever computes: all that is between two products may stay in caches.

use benchhost_plugin_api::Work;

use super::gguf::Sizes;

/// Bytes of a logit, a key or a value: f32.
const NUMBER: f64 = 4.0;

/// Sizes of a model and the bytes of its weights, from which the cost of passes follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) sizes: Sizes,
    /// What each pass reads of the weights.
    pub(crate) weight_bytes: usize,
}

impl Cost {
    /// `work` with the cost of passes through the model from an empty context; `passes` are the tokens of each.
    ///
    /// FLOP of a pass of n tokens after p others: 2·n·weights of the layers' matrices, 2·vocabulary·width for the logits of its
    /// last token, and in each layer 4·width for each pair of a token and one that it looks at.
    /// Bytes: all weights once, the logits, keys and values of the p tokens read and those of the n written.
    pub(crate) fn of(&self, work: Work, passes: impl IntoIterator<Item = usize>) -> Work {
        let [layers, width, inner, heads, shared, vocabulary] = [
            self.sizes.layers,
            self.sizes.width,
            self.sizes.inner,
            self.sizes.heads,
            self.sizes.shared_heads,
            self.sizes.vocabulary,
        ]
        .map(|size| size as f64);
        let shared_width = shared * (width / heads);
        let matrices = layers * (2.0 * width * (width + shared_width) + 3.0 * width * inner);
        let cached = layers * 2.0 * shared_width * NUMBER;
        let (mut flop, mut bytes, mut before) = (0.0, 0.0, 0.0);
        for tokens in passes {
            let tokens = tokens as f64;
            let pairs = tokens * before + tokens * (tokens + 1.0) / 2.0;
            flop += 2.0 * tokens * matrices + 2.0 * vocabulary * width;
            flop += 4.0 * layers * width * pairs;
            bytes += self.weight_bytes as f64 + NUMBER * vocabulary + cached * (before + tokens);
            before += tokens;
        }
        work.flop(flop).bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two layers, four wide, six within, two heads over one of keys (each two wide), ten tokens.
    fn small() -> Cost {
        Cost {
            sizes: Sizes {
                layers: 2,
                width: 4,
                inner: 6,
                heads: 2,
                shared_heads: 1,
                vocabulary: 10,
                turned: 2,
                rope_base: 1e4,
                epsilon: 1e-5,
            },
            weight_bytes: 1000,
        }
    }

    #[test]
    fn a_prompt_of_three_and_one_more_token_cost_what_a_hand_counts() {
        let work = small().of(Work::items(2.0, "tokens"), [3, 1]);

        // A layer: queries 4·4, keys and values 4·2 each, output 4·4, gate, up and down 4·6 each.
        let matrices = 2.0 * (16.0 + 8.0 + 8.0 + 16.0 + 3.0 * 24.0);
        let products = 2.0 * 4.0 * matrices;
        let logits = 2.0 * (2.0 * 10.0 * 4.0);
        // The tokens look at 1, 2, 3 and 4: a product of 4 with each key, and one with each value.
        let attention = 2.0 * (1.0 + 2.0 + 3.0 + 4.0) * (2.0 * 4.0 + 2.0 * 4.0);
        assert_eq!(work.flop, products + logits + attention);
        // A position: a key and a value of two numbers in two layers. Three written; three read and one written.
        let position = 2.0 * 2.0 * 2.0 * 4.0;
        let cache = position * 3.0 + position * (3.0 + 1.0);
        assert_eq!(work.bytes, 2.0 * 1000.0 + 2.0 * 10.0 * 4.0 + cache);
        assert_eq!((work.items, work.item.as_str()), (2.0, "tokens"));
    }

    #[test]
    fn one_by_one_the_operations_grow_by_logits_alone_and_the_bytes_by_weights() {
        let at_once = small().of(Work::default(), [3]);
        let one_by_one = small().of(Work::default(), [1, 1, 1]);

        assert_eq!(one_by_one.flop - at_once.flop, 2.0 * (2.0 * 10.0 * 4.0));
        // And what was written is read again: one position, then two.
        let again = 32.0 * (1.0 + 2.0);
        assert_eq!(
            one_by_one.bytes - at_once.bytes,
            2.0 * (1000.0 + 40.0) + again
        );
    }
}
