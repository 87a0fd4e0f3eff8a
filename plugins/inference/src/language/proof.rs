//! Is it the right model, and does it answer rightly? Known answers, and one implementation against the other.

use benchhost_plugin_api::{Error, ensure_right};

use super::{
    model::{LanguageModel, largest},
    tokens::{END, Tokens},
};

/// A question whose greedy answer is known for the pinned file.
const QUESTION: &str = "What is the capital of France? Answer in one short sentence.";

/// That answer.
const ANSWER: &str = "The capital of France is Paris.";

/// The answer to `question`, the likeliest token each time, at most `most` of them. The context is forgotten before.
///
/// # Errors
/// Those of the model.
pub(crate) fn answer(
    model: &mut dyn LanguageModel,
    tokens: &Tokens,
    question: &str,
    most: usize,
) -> Result<String, Error> {
    model.reset();
    let mut said = Vec::new();
    let mut next = largest(model.forward(&tokens.question(question)?)?);
    while next != END && said.len() < most {
        said.push(next);
        next = largest(model.forward(&[next])?);
    }
    tokens.decode(&said)
}

/// Asks for the capital of France.
///
/// # Errors
/// [`Error::wrong`] when the answer is not the known one.
pub(crate) fn knows_paris(model: &mut dyn LanguageModel, tokens: &Tokens) -> Result<(), Error> {
    let found = answer(model, tokens, QUESTION, 16)?;
    ensure_right(found == ANSWER, || {
        format!("to \"{QUESTION}\" the model answers {found:?}, expected {ANSWER:?}")
    })
}
