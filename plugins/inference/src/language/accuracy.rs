//! Workload `accuracy`: a fixed set of inputs with known answers; how many are right, and how fast.

use std::path::PathBuf;

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload, ensure_right,
};
use serde::{Deserialize, Serialize};

use super::{
    proof::answer,
    subject::{Subject, check},
};
use crate::Implementation;

/// A question a line, a tab, the accepted answers with `|` between them. Written for this plugin.
const QUESTIONS: &str = include_str!("questions.tsv");

/// Tokens of the longest answer; a right one comes early or never.
const LONGEST: usize = 24;

/// Tokens of the template around the longest question, and the answer.
const CONTEXT: usize = 128;

/// How many of the questions the pinned model answers rightly when the likeliest token is taken each time.
const RIGHT: usize = 22;

/// What is asked of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Short questions to the language model.
    Questions,
}

/// Parameters of [`Accuracy`]; the README explains them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in `describe()`")]
pub struct AccuracyConfig {
    pub kind: Kind,
    pub model: String,
    pub implementation: Implementation,
}

impl Default for AccuracyConfig {
    fn default() -> Self {
        Self {
            kind: Kind::Questions,
            model: String::new(),
            implementation: Implementation::Fused,
        }
    }
}

/// Asks questions whose answers are known.
pub struct Accuracy {
    config: AccuracyConfig,
    path: PathBuf,
    ctx: Ctx,
    subject: Option<Subject>,
    /// Answers of the last iteration.
    answers: Vec<String>,
}

impl Workload for Accuracy {
    type Config = AccuracyConfig;

    fn describe() -> Description {
        Description::new("Asks a fixed set of questions with known short answers.")
            .param(Param::new("kind", "what is asked").choices(&["questions"]))
            .param(Param::new(
                "model",
                "path of a GGUF file; empty: SmolLM2-135M from the folders of BENCHHOST_DATA",
            ))
            .param(Param::new("implementation", "who computes").choices(Implementation::NAMES))
            .metric(
                Metric::higher("accuracy", "")
                    .ratio()
                    .help("part of the questions answered rightly"),
            )
    }

    fn create(config: AccuracyConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        let path = check(&config.model, 1, 0)?;
        Ok(Self {
            config,
            path,
            ctx: ctx.clone(),
            subject: None,
            answers: Vec::new(),
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.subject = Some(Subject::new(
            &self.path,
            self.config.implementation,
            CONTEXT,
            &self.ctx,
        )?);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let subject = self.subject.as_mut().ok_or_else(super::not_set_up)?;
        self.answers.clear();
        for (question, _) in questions() {
            self.answers.push(answer(
                subject.model.as_mut(),
                &subject.tokens,
                question,
                LONGEST,
            )?);
            self.ctx.progress();
        }
        Ok(Digest::from(
            self.answers.iter().map(String::len).sum::<usize>(),
        ))
    }

    fn verify(&mut self) -> Result<(), Error> {
        let subject = self.subject.as_ref().ok_or_else(super::not_set_up)?;
        ensure_right(
            self.answers.len() == questions().count(),
            || "questions were left out",
        )?;
        let right = right(&self.answers);
        ensure_right(!subject.is_pinned() || right == RIGHT, || {
            format!(
                "{right} of {} questions were answered rightly, expected {RIGHT}",
                self.answers.len()
            )
        })
    }

    /// Items are questions.
    fn work(&self) -> Work {
        Work::items(questions().count() as f64, "questions")
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        if !self.answers.is_empty() {
            metrics.set(
                "accuracy",
                right(&self.answers) as f64 / self.answers.len() as f64,
            );
        }
        Ok(())
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
