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

/// Largest difference of two implementations after a few tokens. Both round activations to eight bits, at their own places,
/// and thirty layers make a rounding error of one the noise of the next: 0.12 was seen with the pinned model and prompts of 1 to
/// 16 tokens, 0.05 with longer ones.
pub(crate) const FEW_TOKENS: f64 = 0.25;

/// The same after hundreds of tokens: 0.18 was seen. Logits that have nothing to do with each other differ by 1.4.
pub(crate) const MANY_TOKENS: f64 = 0.4;

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

/// Asks the same of a model whose answer nobody knows.
///
/// # Errors
/// [`Error::wrong`] when a logit is no finite number.
pub(crate) fn is_finite(model: &mut dyn LanguageModel, tokens: &Tokens) -> Result<(), Error> {
    model.reset();
    let logits = model.forward(&tokens.question(QUESTION)?)?;
    ensure_right(
        logits.iter().all(|x| x.is_finite()),
        || "a logit is no finite number",
    )
}

/// Whether `found` are the logits `expected` with a [`difference`] of at most `tolerance`.
///
/// # Errors
/// [`Error::wrong`] naming `what`, the difference and the tolerance.
pub(crate) fn near(
    what: &str,
    found: &[f32],
    expected: &[f32],
    tolerance: f64,
) -> Result<(), Error> {
    let difference = difference(found, expected);
    ensure_right(
        found.len() == expected.len() && difference <= tolerance,
        || {
            format!(
                "the logits of {what} differ by {difference:.4} of their deviation, expected at most {tolerance}"
            )
        },
    )
}

/// Root mean square of `found − expected` as a part of the standard deviation of `expected`.
pub(crate) fn difference(found: &[f32], expected: &[f32]) -> f64 {
    let count = expected.len() as f64;
    let mean = expected.iter().copied().map(f64::from).sum::<f64>() / count;
    let variance: f64 = expected
        .iter()
        .map(|x| (f64::from(*x) - mean).powi(2))
        .sum();
    let square: f64 = found
        .iter()
        .zip(expected)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    (square / variance).sqrt()
}

/// Lets both read `prompt` and then `steps` tokens that `model` likes best, and holds the logits against each other.
///
/// # Errors
/// [`Error::wrong`] for the first that differ.
pub(crate) fn agree(
    model: &mut dyn LanguageModel,
    reference: &mut dyn LanguageModel,
    prompt: &[u32],
    steps: usize,
) -> Result<(), Error> {
    model.reset();
    reference.reset();
    let mut input = prompt.to_vec();
    for step in 0..=steps {
        let expected = reference.forward(&input)?;
        let found = model.forward(&input)?;
        let what = match step {
            0 => "the prompt".to_owned(),
            _ => format!("token {step} after the prompt"),
        };
        near(&what, found, expected, FEW_TOKENS)?;
        input = vec![largest(found)];
    }
    Ok(())
}
