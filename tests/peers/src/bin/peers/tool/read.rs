//! Reads the verdict in what a tool wrote.

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{Found, Verdict};

/// Reads the JSON of `benchhost compare` with one case and one metric.
pub(super) fn benchhost(text: &str) -> anyhow::Result<Found> {
    let all: Value = serde_json::from_str(text).context("reading the JSON of benchhost")?;
    let one = all["comparisons"]
        .get(0)
        .context("benchhost compared nothing")?;
    let verdict = match one["verdict"].as_str() {
        Some("faster") => Verdict::Faster,
        Some("slower") => Verdict::Slower,
        Some("equivalent" | "inconclusive") => Verdict::Unchanged,
        _ => bail!("benchhost says {one}"),
    };
    let ratio = one["ratio"].as_f64().unwrap_or(f64::NAN);
    Ok((verdict, (ratio - 1.0) * 100.0))
}

/// Reads a line like `cache   [  38.6 us ...  39.4 us ]      +2.07%*`: the star marks what is significant.
pub(super) fn tango(text: &str) -> anyhow::Result<Found> {
    let line = text
        .lines()
        .find(|line| line.contains(" ... "))
        .context(text.to_owned())?;
    let last = line.split_whitespace().last().unwrap_or_default();
    let number = last.trim_end_matches('*').trim_end_matches('%');
    let change: f64 = number
        .parse()
        .with_context(|| format!("reading `{line}`"))?;
    let verdict = match (last.ends_with('*'), change > 0.0) {
        (false, _) => Verdict::Unchanged,
        (true, true) => Verdict::Slower,
        (true, false) => Verdict::Faster,
    };
    Ok((verdict, change))
}

/// Reads the sentence and the middle one of `change: [+1.1% +2.0% +2.9%] (p = 0.00 < 0.05)`.
pub(super) fn criterion(text: &str) -> anyhow::Result<Found> {
    let sentences = [
        ("Performance has regressed.", Verdict::Slower),
        ("Performance has improved.", Verdict::Faster),
        ("No change in performance detected.", Verdict::Unchanged),
        ("Change within noise threshold.", Verdict::Unchanged),
    ];
    let said = sentences
        .iter()
        .find(|(sentence, _)| text.contains(sentence));
    let (_, verdict) = said.with_context(|| format!("no verdict in: {text}"))?;
    let bounds = text
        .split_once("change: [")
        .map(|(_, rest)| rest.split_whitespace());
    let middle = bounds
        .and_then(|mut bounds| bounds.nth(1))
        .context("no change in the text")?;
    // The sign of criterion for negative changes is the one of mathematics, U+2212.
    let number = middle.trim_end_matches('%').replace('\u{2212}', "-");
    Ok((
        *verdict,
        number
            .parse()
            .with_context(|| format!("reading `{middle}`"))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchhost_says_it_in_json() {
        let text = |verdict: &str| {
            format!(r#"{{"comparisons":[{{"case":"x","verdict":"{verdict}","ratio":1.25}}]}}"#)
        };

        assert_eq!(benchhost(&text("slower")).unwrap(), (Verdict::Slower, 25.0));
        assert_eq!(
            benchhost(&text("inconclusive")).unwrap().0,
            Verdict::Unchanged
        );
        assert!(benchhost(&text("failed")).is_err());
        assert!(benchhost(r#"{"comparisons":[]}"#).is_err());
    }

    #[test]
    fn tango_marks_what_is_significant_with_a_star() {
        let line = |change: &str| format!("cache      [  38.6 us ...  39.4 us ]      {change}");

        assert_eq!(tango(&line("+2.07%*")).unwrap(), (Verdict::Slower, 2.07));
        assert_eq!(tango(&line("-2.07%*")).unwrap(), (Verdict::Faster, -2.07));
        assert_eq!(tango(&line("+0.60%")).unwrap(), (Verdict::Unchanged, 0.6));
        assert!(tango("no such benchmark").is_err());
    }

    #[test]
    fn criterion_says_it_in_a_sentence() {
        let text = |bounds: &str, sentence: &str| {
            format!(
                "cache  time:   [1 us 2 us 3 us]\n  change: [{bounds}] (p = 0.00 < 0.05)\n  {sentence}"
            )
        };
        let found = |bounds, sentence| criterion(&text(bounds, sentence)).unwrap();

        let slower = found("+1.1% +2.0% +2.9%", "Performance has regressed.");
        let faster = found(
            "\u{2212}3.0% \u{2212}2.5% \u{2212}2.0%",
            "Performance has improved.",
        );
        let same = found("-0.1% +0.1% +0.3%", "No change in performance detected.");

        assert_eq!(slower, (Verdict::Slower, 2.0));
        assert_eq!(faster, (Verdict::Faster, -2.5));
        assert_eq!(same, (Verdict::Unchanged, 0.1));
        assert!(criterion("cache  time: [1 us 2 us 3 us]").is_err());
    }
}
