//! Questions to the language model whose answers are known.

use std::ops::RangeInclusive;

use benchhost_plugin_api::{Ctx, Digest, Error, ensure_right};

use super::{proof::answer, subject::Subject};
use crate::{Implementation, accuracy::KnownAnswers, pinned::Source};

/// A question a line, a tab, the accepted answers with `|` between them. Written for this plugin.
const QUESTIONS: &str = include_str!("questions.tsv");

/// Tokens of the longest answer; a right one comes early or never.
const LONGEST: usize = 24;

/// Tokens of the template around the longest question, and the answer.
const CONTEXT: usize = 128;

/// How many of the questions the pinned model answers rightly when the likeliest token is taken each time: 22 or 23 with
/// the kernels so far. Where two tokens are as good as equal, the last bit of a sum decides, and with it an answer.
const RIGHT: RangeInclusive<usize> = 21..=24;

/// Asks questions whose answers are known.
pub(crate) struct Questions {
    subject: Subject,
    /// Answers of the last round.
    answers: Vec<String>,
}

impl Questions {
    /// Loads the model of `source`.
    ///
    /// # Errors
    /// It cannot be loaded.
    pub(crate) fn new(
        source: &Source,
        implementation: Implementation,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        Ok(Self {
            subject: Subject::new(source, implementation, CONTEXT, ctx)?,
            answers: Vec::new(),
        })
    }
}

impl KnownAnswers for Questions {
    fn ask(&mut self, ctx: &Ctx) -> Result<Digest, Error> {
        self.answers.clear();
        for (question, _) in questions() {
            self.answers.push(answer(
                self.subject.model.as_mut(),
                &self.subject.tokens,
                question,
                LONGEST,
            )?);
            ctx.progress();
        }
        Ok(Digest::from(
            self.answers.iter().map(String::len).sum::<usize>(),
        ))
    }

    fn count(&self) -> usize {
        questions().count()
    }

    fn right(&self) -> usize {
        right(&self.answers)
    }

    fn check(&self) -> Result<(), Error> {
        ensure_right(
            self.answers.len() == questions().count(),
            || "questions were left out",
        )?;
        let right = right(&self.answers);
        ensure_right(!self.subject.is_pinned() || RIGHT.contains(&right), || {
            format!(
                "{right} of {} questions were answered rightly, expected {} to {}",
                self.answers.len(),
                RIGHT.start(),
                RIGHT.end()
            )
        })
    }
}

/// Questions and their accepted answers.
fn questions() -> impl Iterator<Item = (&'static str, &'static str)> {
    QUESTIONS.lines().filter_map(|line| line.split_once('\t'))
}

fn right(answers: &[String]) -> usize {
    let pairs = questions().zip(answers);
    pairs
        .filter(|((_, accepted), answer)| says(answer, accepted))
        .count()
}

/// Whether one of the `accepted` answers stands in `answer` as whole words; upper and lower case are the same.
fn says(answer: &str, accepted: &str) -> bool {
    let words = |text: &str| {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        format!(
            " {} ",
            words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
        )
    };
    accepted
        .split('|')
        .any(|accepted| words(answer).contains(&words(accepted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_when_it_holds_whole_words() {
        assert!(says("It is PARIS.", "Paris"));
        assert!(says("Carbon dioxide (CO2)", "carbon dioxide|CO2"));
        assert!(says("There are 7.", "7|seven"));
        assert!(!says("There are 17.", "7|seven"));
        assert!(!says("Comparison", "Paris"));
        assert!(!says("", "Paris"));
    }

    #[test]
    fn there_are_enough_questions_and_each_has_an_answer() {
        assert!(questions().count() >= 20);
        assert_eq!(questions().count(), QUESTIONS.lines().count());
        assert!(
            questions().all(|(question, accepted)| question.ends_with('?') && !accepted.is_empty())
        );
    }
}
