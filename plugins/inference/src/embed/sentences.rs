//! What is embedded: sentences of a given number of tokens.

use std::path::Path;

use benchhost_plugin_api::Error;
use benchhost_support::random::{Rng, stream};
use tokenizers::Tokenizer;

/// Words of one token each in BERT's vocabulary; which ones does not matter for speed.
const WORDS: &str = "the a small large old new city river house garden market station teacher doctor engineer child \
    walks reads builds finds opens carries waits near behind under through with without before after because while \
    water light paper glass music winter summer morning evening train boat bridge window letter road mountain field";

/// Splits text as the model was trained, without padding and without a limit.
#[derive(Debug)]
pub(crate) struct Words {
    tokenizer: Tokenizer,
}

impl Words {
    /// Reads `tokenizer.json`.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let reading = |error: tokenizers::Error| {
            Error::failed(error.to_string()).context(format!("reading {}", path.display()))
        };
        let mut tokenizer = Tokenizer::from_file(path).map_err(reading)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(reading)?;
        Ok(Self { tokenizer })
    }

    /// The tokens of `text` between the two marks.
    pub(crate) fn tokens(&self, text: &str) -> Result<Vec<u32>, Error> {
        let encoding = self.tokenizer.encode(text, true);
        let encoding = encoding.map_err(|error| Error::failed(error.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// `count` sentences of random words, each of exactly `length` tokens, its marks included.
    pub(crate) fn sentences(
        &self,
        count: usize,
        length: usize,
        seed: u64,
    ) -> Result<Vec<Vec<u32>>, Error> {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut rng = stream(seed, "sentences");
        let sentence = |_| {
            let chosen = (0..length).map(|_| words[rng.next_u32() as usize % words.len()]);
            let text = chosen.collect::<Vec<_>>().join(" ");
            let mut tokens = self.tokens(&text)?;
            let Some(end) = tokens.pop() else {
                return Err(Error::failed("the tokenizer gives no tokens"));
            };
            tokens.truncate(length - 1);
            tokens.push(end);
            Ok(tokens)
        };
        (0..count).map(sentence).collect()
    }
}
