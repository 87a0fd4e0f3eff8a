//! Text to tokens and back, and the form in which SmolLM2-Instruct is asked.

use std::io::Read;

use benchhost_plugin_api::Error;
use flate2::read::GzDecoder;
use tokenizers::Tokenizer;

/// The model's tokenizer; origin and licence in `models/NOTICE`.
static TOKENIZER: &[u8] = include_bytes!("../../models/smollm2_135m_tokenizer.json.gz");

/// `<|im_end|>`: the model has said what it had to say.
pub(crate) const END: u32 = 2;

/// The text that prompts of a given length are cut from: plain English, written for this plugin.
const TEXT: &str = include_str!("text.txt");

/// Encodes and decodes.
#[derive(Debug)]
pub(crate) struct Tokens(Tokenizer);

impl Tokens {
    /// Unpacks the tokenizer: about 50 ms.
    ///
    /// # Errors
    /// Only if the embedded file were damaged.
    pub(crate) fn new() -> Result<Self, Error> {
        let mut json = Vec::new();
        GzDecoder::new(TOKENIZER).read_to_end(&mut json)?;
        let tokenizer = Tokenizer::from_bytes(json)
            .map_err(|error| Error::failed(format!("the tokenizer cannot be read: {error}")))?;
        Ok(Self(tokenizer))
    }

    /// Tokens of `text`, in which `<|im_start|>` and its like are one token each.
    ///
    /// # Errors
    /// Those of the tokenizer.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let encoding = self.0.encode_fast(text, false);
        let encoding =
            encoding.map_err(|error| Error::failed(format!("cannot encode {text:?}: {error}")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Text of `tokens` without the special ones.
    ///
    /// # Errors
    /// Those of the tokenizer.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String, Error> {
        let text = self.0.decode(tokens, true);
        text.map_err(|error| Error::failed(format!("cannot decode {tokens:?}: {error}")))
    }

    /// The model's chat template (from its GGUF file) around one question, ready for the answer.
    ///
    /// # Errors
    /// Those of the tokenizer.
    pub(crate) fn question(&self, question: &str) -> Result<Vec<u32>, Error> {
        self.encode(&format!(
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n\
             <|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
        ))
    }

    /// A prompt of exactly `length` tokens: plain English, repeated where it is too short.
    ///
    /// # Errors
    /// Those of the tokenizer.
    pub(crate) fn prompt(&self, length: usize) -> Result<Vec<u32>, Error> {
        let text = self.encode(TEXT.trim_end())?;
        Ok(text.iter().copied().cycle().take(length).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_begins_and_ends_as_the_template_says_and_comes_back_as_text() {
        let tokens = Tokens::new().unwrap();

        let question = tokens.question("Who?").unwrap();

        assert_eq!((question[0], question[1]), (1, 9690));
        assert_eq!(question.iter().filter(|token| **token == END).count(), 2);
        let text = tokens.decode(&question).unwrap();
        assert!(
            text.starts_with("system\nYou are a helpful") && text.ends_with("assistant\n"),
            "{text}"
        );
    }

    #[test]
    fn a_prompt_has_the_length_asked_for() {
        let tokens = Tokens::new().unwrap();

        for length in [1, 20, 512, 2000] {
            assert_eq!(tokens.prompt(length).unwrap().len(), length);
        }
    }
}
