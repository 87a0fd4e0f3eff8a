//! Sentences whose similarities are known: a sentence, one that means nearly the same, one about something else.

use benchhost_plugin_api::{Ctx, Digest, Error, ensure_right};
use candle_core::Device;

use super::{
    check_tokens,
    encoder::{Encoder, Files},
    sentences::Words,
};
use crate::{Implementation, accuracy::KnownAnswers, pinned::Source};

/// A line: the sentence, a related one, the cosine of both, another one, its cosine. Written for this plugin; cosines by
/// sentence-transformers 6.2.0 in f64 with the weights of all-MiniLM-L6-v2.
const TRIPLES: &str = include_str!("pairs.tsv");

/// Largest difference of a cosine from the known one. f32 leaves less than 1e-5, one wrong layer far more than 0.1.
const TOLERANCE: f64 = 0.001;

/// A triple by its tokens and its known cosines.
#[derive(Debug)]
struct Triple {
    tokens: [Vec<u32>; 3],
    known: Cosines,
}

/// The cosines of a sentence with the related one and with the other one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cosines {
    pub related: f64,
    pub other: f64,
}

/// Triples, split into tokens.
#[derive(Debug)]
pub(super) struct Texts {
    triples: Vec<Triple>,
    hidden: usize,
}

impl Texts {
    /// The first `count` triples, or all if there are fewer.
    pub(super) fn new(files: &Files, count: usize) -> Result<Self, Error> {
        let words = Words::load(&files.tokenizer)?;
        let shape = files.shape()?;
        let triple = |line: Line| {
            let tokens = [
                words.tokens(line.sentence)?,
                words.tokens(line.related)?,
                words.tokens(line.other)?,
            ];
            check_tokens(&tokens, &shape)?;
            Ok::<_, Error>(Triple {
                tokens,
                known: line.known,
            })
        };
        Ok(Self {
            triples: lines().take(count).map(triple).collect::<Result<_, _>>()?,
            hidden: shape.hidden_size,
        })
    }

    /// What `encoder` finds for each triple, with what is known of it.
    pub(super) fn cosines(&self, encoder: &mut Encoder) -> Result<Vec<(Cosines, Cosines)>, Error> {
        let mut embeddings = [(); 3].map(|()| vec![0.0; self.hidden]);
        let mut all = Vec::with_capacity(self.triples.len());
        for triple in &self.triples {
            for (tokens, out) in triple.tokens.iter().zip(&mut embeddings) {
                encoder.embed(std::slice::from_ref(tokens), out)?;
            }
            let [sentence, related, other] = &embeddings;
            let found = Cosines {
                related: dot(sentence, related),
                other: dot(sentence, other),
            };
            all.push((found, triple.known));
        }
        Ok(all)
    }
}

/// Refuses cosines that are not those of the pinned model, or of any model: unit vectors have none beyond 1.
pub(super) fn check_cosines(cosines: &[(Cosines, Cosines)], is_pinned: bool) -> Result<(), Error> {
    ensure_right(!cosines.is_empty(), || "no cosines were computed")?;
    for ((found, known), line) in cosines.iter().zip(lines()) {
        for (found, known, sentence) in [
            (found.related, known.related, line.related),
            (found.other, known.other, line.other),
        ] {
            ensure_right(found.abs() < 1.0 + 1e-5, || {
                format!(
                    "the cosine of \"{}\" and \"{sentence}\" is {found}",
                    line.sentence
                )
            })?;
            ensure_right(!is_pinned || (found - known).abs() <= TOLERANCE, || {
                format!(
                    "the cosine of \"{}\" and \"{sentence}\" is {found:.4}, expected {known:.4}",
                    line.sentence
                )
            })?;
        }
    }
    Ok(())
}

/// The kind `pairs` of `accuracy`.
pub(crate) struct Pairs {
    encoder: Encoder,
    texts: Texts,
    is_pinned: bool,
    cosines: Vec<(Cosines, Cosines)>,
}

impl Pairs {
    /// Loads the model of `source`; the cosines of the pinned one are known.
    ///
    /// # Errors
    /// It cannot be loaded.
    pub(crate) fn new(
        source: Source,
        implementation: Implementation,
        place: (&Device, usize),
    ) -> Result<Self, Error> {
        let is_pinned = source.is_pinned()?;
        let files = Files::beside(source)?;
        Ok(Self {
            encoder: Encoder::load(implementation, &files, place)?,
            texts: Texts::new(&files, usize::MAX)?,
            is_pinned,
            cosines: Vec::new(),
        })
    }
}

impl KnownAnswers for Pairs {
    fn ask(&mut self, ctx: &Ctx) -> Result<Digest, Error> {
        self.cosines = self.texts.cosines(&mut self.encoder)?;
        ctx.progress();
        Ok(self
            .cosines
            .iter()
            .map(|(found, _)| found.related)
            .sum::<f64>()
            .into())
    }

    fn count(&self) -> usize {
        self.texts.triples.len()
    }

    fn right(&self) -> usize {
        let right = |(found, _): &&(Cosines, Cosines)| found.related > found.other;
        self.cosines.iter().filter(right).count()
    }

    fn check(&self) -> Result<(), Error> {
        check_cosines(&self.cosines, self.is_pinned)
    }
}

struct Line {
    sentence: &'static str,
    related: &'static str,
    other: &'static str,
    known: Cosines,
}

fn lines() -> impl Iterator<Item = Line> {
    TRIPLES.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        let mut text = || fields.next();
        let (sentence, related) = (text()?, text()?);
        let near = text()?.parse().ok()?;
        let other = text()?;
        let known = Cosines {
            related: near,
            other: text()?.parse().ok()?,
        };
        Some(Line {
            sentence,
            related,
            other,
            known,
        })
    })
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
    products.sum()
}

#[cfg(test)]
mod tests {
    use benchhost_plugin_api::ErrorKind;

    use super::*;

    fn known() -> Vec<(Cosines, Cosines)> {
        lines().map(|line| (line.known, line.known)).collect()
    }

    #[test]
    fn every_line_is_a_triple_whose_related_sentence_is_closer() {
        assert_eq!(lines().count(), TRIPLES.lines().count());
        assert!(lines().count() >= 10);
        assert!(lines().all(|line| line.known.related > line.known.other + 0.3));
    }

    #[test]
    fn another_cosine_is_wrong_for_the_pinned_model_alone() {
        let mut cosines = known();
        check_cosines(&cosines, true).unwrap();
        cosines[1].0.other += 0.002;

        let error = check_cosines(&cosines, true).unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Wrong);
        assert_eq!(
            error.to_string(),
            "the cosine of \"A man is playing a guitar on stage\" and \"The recipe needs two eggs and some flour\" is \
             0.0324, expected 0.0304"
        );
        check_cosines(&cosines, false).unwrap();
    }

    #[test]
    fn nothing_and_no_number_are_wrong_for_every_model() {
        assert_eq!(
            check_cosines(&[], false).unwrap_err().kind(),
            ErrorKind::Wrong
        );
        for bad in [f64::NAN, 1.1, f64::NEG_INFINITY] {
            let mut cosines = known();
            cosines[0].0.related = bad;
            let error = check_cosines(&cosines, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Wrong, "{bad}");
        }
    }
}
