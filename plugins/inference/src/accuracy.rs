//! Workload `accuracy`: a fixed set of inputs with known answers; how many are right, and how fast.

use benchhost_plugin_api::{
    Ctx, Description, Digest, Error, Metric, Metrics, Param, Work, Workload,
};
use benchhost_support::device;
use serde::{Deserialize, Serialize};

use crate::{
    Implementation, classify, embed, language,
    pinned::{EFFICIENT_NET, SMOLLM2, Source},
};

/// A model and inputs whose answers are known.
pub(crate) trait KnownAnswers: Send {
    /// Asks all of them and keeps the answers.
    ///
    /// # Errors
    /// Those of the model.
    fn ask(&mut self, ctx: &Ctx) -> Result<Digest, Error>;

    /// How many there are.
    fn count(&self) -> usize;

    /// How many were answered rightly the last time.
    fn right(&self) -> usize;

    /// Proves the answers of the pinned model.
    ///
    /// # Errors
    /// [`Error::wrong`] saying which differs.
    fn check(&self) -> Result<(), Error>;
}

/// What is asked of which model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Short questions to the language model.
    Questions,
    /// Which of two sentences is closer to a third, by their embeddings.
    Pairs,
    /// The class of a photo.
    Labels,
}

impl Kind {
    /// An input, in the plural.
    fn item(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Pairs => "triples",
            Self::Labels => "photos",
        }
    }

    /// The file at `path`, or the pinned one where it is empty.
    fn locate(self, path: &str) -> Result<Source, Error> {
        match self {
            Self::Questions => SMOLLM2.locate(path),
            Self::Pairs => embed::Files::find(path).map(|files| files.source),
            Self::Labels => EFFICIENT_NET.locate(path),
        }
    }

    fn load(
        self,
        source: &Source,
        implementation: Implementation,
        ctx: &Ctx,
    ) -> Result<Box<dyn KnownAnswers>, Error> {
        let place = (&device(ctx)?, ctx.threads());
        Ok(match self {
            Self::Questions => Box::new(language::Questions::new(source, implementation, ctx)?),
            Self::Pairs => Box::new(embed::Pairs::new(source.clone(), implementation, place)?),
            Self::Labels => Box::new(classify::Labels::new(source, implementation, place)?),
        })
    }
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

/// Asks what is known.
pub struct Accuracy {
    config: AccuracyConfig,
    source: Source,
    ctx: Ctx,
    known: Option<Box<dyn KnownAnswers>>,
}

impl Workload for Accuracy {
    type Config = AccuracyConfig;

    fn describe() -> Description {
        Description::new("Asks a fixed set of questions, similarities or photos with known answers.")
            .param(
                Param::new("kind", "what is asked: of a language model, of sentence embeddings, of a classifier")
                    .choices(&["questions", "pairs", "labels"]),
            )
            .param(Param::new(
                "model",
                "path of the weights; empty: SmolLM2-135M, all-MiniLM-L6-v2 or EfficientNet-Lite0 from the folders of \
                 BENCHHOST_DATA",
            ))
            .param(Param::new("implementation", "who computes").choices(Implementation::NAMES))
            .metric(
                Metric::higher("accuracy", "")
                    .ratio()
                    .help("part of the inputs answered rightly"),
            )
    }

    fn create(config: AccuracyConfig, ctx: &Ctx) -> Result<Self, Error> {
        config.implementation.check(ctx)?;
        Ok(Self {
            source: config.kind.locate(&config.model)?,
            config,
            ctx: ctx.clone(),
            known: None,
        })
    }

    fn setup(&mut self) -> Result<(), Error> {
        let AccuracyConfig {
            kind,
            implementation,
            ..
        } = &self.config;
        self.known = Some(kind.load(&self.source, *implementation, &self.ctx)?);
        Ok(())
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        known(&mut self.known)?.ask(&self.ctx)
    }

    fn verify(&mut self) -> Result<(), Error> {
        known(&mut self.known)?.check()
    }

    /// Items are inputs.
    fn work(&self) -> Work {
        let count = self.known.as_ref().map_or(0, |known| known.count());
        Work::items(count as f64, self.config.kind.item())
    }

    fn metrics(&mut self, metrics: &mut Metrics) -> Result<(), Error> {
        let known = known(&mut self.known)?;
        metrics.set("accuracy", known.right() as f64 / known.count() as f64);
        Ok(())
    }
}

fn known(known: &mut Option<Box<dyn KnownAnswers>>) -> Result<&mut Box<dyn KnownAnswers>, Error> {
    known
        .as_mut()
        .ok_or_else(|| Error::failed("used before setup"))
}
