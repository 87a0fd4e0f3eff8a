//! The form of a baseline file.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use benchhost_record::{Direction, Metric, MetricKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

use crate::{
    meant::{beside, suggested},
    written,
};

/// Version of the form.
pub const SCHEMA: u32 = 1;

/// A baseline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Fingerprint of the machine; empty when the values hold anywhere (an accuracy) or nobody knows.
    #[serde(default)]
    pub machine: String,
    /// The machine's CPU, for people.
    #[serde(default)]
    pub cpu: String,
    /// Cases by their id.
    #[serde(default)]
    pub case: BTreeMap<String, BaselineCase>,
}

/// A case of a baseline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BaselineCase {
    /// Run the values come from; empty when they were written by hand or imported.
    #[serde(default)]
    pub run: String,
    /// Start of that run.
    #[serde(default)]
    pub measured: String,
    /// Commit it measured, with `-dirty` when the work tree differed.
    #[serde(default)]
    pub revision: String,
    /// Values by metric.
    pub metrics: BTreeMap<String, BaselineMetric>,
}

/// A value of a baseline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BaselineMetric {
    /// The value that is judged: the median for times.
    pub value: f64,
    /// Mean of the samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Interval of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// Unit of all numbers.
    #[serde(default)]
    pub unit: String,
    /// Samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// How far a value may be on the wrong side: a number in the unit, or a share like "5%". By class when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Tolerance>")]
    pub tolerance: Option<toml::Value>,
    /// What the best tenth of the samples reaches, in the best repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<f64>,
    /// Medians of the repetitions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repetitions: Vec<f64>,
    /// Which direction is better, for values that no run measured yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

/// What a tolerance may be, for the schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes a form, and is never made")]
enum Tolerance {
    /// In the metric's unit.
    Number(#[schemars(range(min = 0))] f64),
    /// Of the value, like `5%`.
    Share(#[schemars(regex(pattern = r"^\s*[0-9.]+\s*%\s*$"))] String),
}

/// Why a baseline cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// There is none.
    #[error("there is no baseline `{}`{}", path.display(), suggested(near.as_deref()))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The name of one that was probably meant.
        near: Option<String>,
    },
    /// The file cannot be read or written.
    #[error("cannot {verb} the baseline `{}`: {source}", path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no baseline.
    #[error("`{}`{}: {message}", path.display(), line.map_or_else(String::new, |line| format!(":{line}")))]
    Form {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
}

impl BaselineMetric {
    /// The tolerance in the metric's unit.
    #[must_use]
    pub fn allowed(&self) -> Option<f64> {
        match self.tolerance.as_ref()? {
            toml::Value::Float(number) => Some(*number),
            toml::Value::Integer(number) => Some(*number as f64),
            toml::Value::String(text) => {
                benchhost_plan::parse_percentage(text).map(|share| share * self.value.abs())
            }
            _ => None,
        }
        .filter(|allowed| allowed.is_finite() && *allowed >= 0.0)
    }

    /// The metric it belongs to, as far as the file says.
    #[must_use]
    pub fn metric(&self, name: &str) -> Metric {
        Metric::new(
            name,
            self.unit.clone(),
            self.direction.unwrap_or_default(),
            MetricKind::default(),
        )
    }
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// [`BaselineError`] that names the file and the line.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let read = written::is_plain(path).and_then(|()| fs::read_to_string(path));
        let text = read.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BaselineError::Missing {
                path: path.to_owned(),
                near: beside(path, ".toml").map(|path| named(&path)),
            },
            _ => BaselineError::File {
                verb: "read",
                path: path.to_owned(),
                source,
            },
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a baseline; `path` is for its errors.
    ///
    /// # Errors
    /// [`BaselineError::Form`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, BaselineError> {
        let form = |line: Option<usize>, message: String| BaselineError::Form {
            path: path.to_owned(),
            line,
            message,
        };
        let baseline: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map(|span| text[..span.start].matches('\n').count() + 1);
            form(line, error.message().replace('\n', ", "))
        })?;
        if baseline.schema > SCHEMA {
            let newer = format!(
                "written in form {} by a newer benchhost, this one reads up to {SCHEMA}; update benchhost",
                baseline.schema
            );
            return Err(form(None, newer));
        }
        for (case, entry) in &baseline.case {
            for (metric, value) in &entry.metrics {
                if value.tolerance.is_some() && value.allowed().is_none() {
                    let found = value
                        .tolerance
                        .as_ref()
                        .map_or_else(String::new, ToString::to_string);
                    let expected = r#"a number in the metric's unit, or a share like "5%""#;
                    let key =
                        format!("tolerance of {metric} of {case} is {found}, expected {expected}");
                    return Err(form(None, key));
                }
                if value
                    .interval
                    .is_some_and(|[low, high]| low > high || low.is_nan())
                {
                    let sentence = format!("interval of {metric} of {case} ends before it begins");
                    return Err(form(None, sentence));
                }
                if !value.value.is_finite() {
                    return Err(form(
                        None,
                        format!("value of {metric} of {case} is no finite number"),
                    ));
                }
            }
        }
        Ok(baseline)
    }

    /// The text of the file: sorted, one line for a metric, so that a diff shows what changed.
    #[must_use]
    pub fn render(&self, name: &str) -> String {
        let mut text = format!(
            "# Baseline {}: what `benchhost check` compares with. Made to be read and committed; a tolerance may be\n\
             # edited, values are written by `benchhost baseline update`.\nschema = {}\n",
            quoted(name),
            self.schema
        );
        for (key, value) in [("machine", &self.machine), ("cpu", &self.cpu)] {
            if !value.is_empty() {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        for (case, entry) in &self.case {
            let _ = writeln!(text, "\n[case.{}]", quoted(case));
            let facts = [
                ("run", &entry.run),
                ("measured", &entry.measured),
                ("revision", &entry.revision),
            ];
            for (key, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
            for (metric, value) in &entry.metrics {
                let table = toml::Value::try_from(value)
                    .unwrap_or_else(|_| toml::Value::Table(toml::Table::new()));
                let _ = writeln!(text, "metrics.{} = {}", quoted(metric), inline(&table));
            }
        }
        text
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// [`BaselineError::File`].
    pub fn write(&self, path: &Path, name: &str) -> Result<(), BaselineError> {
        let failed = |source| BaselineError::File {
            verb: "write",
            path: path.to_owned(),
            source,
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file =
            tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        io::Write::write_all(&mut file, self.render(name).as_bytes()).map_err(failed)?;
        // A file of its own for nobody else's eyes becomes one that a repository can hold.
        let shared = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(shared).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// What a baseline at `path` is called: one of the usual folder by its name alone.
fn named(path: &str) -> String {
    let name = Path::new(path).strip_prefix(super::FOLDER).ok();
    let name = name.and_then(|name| name.to_str()?.strip_suffix(".toml"));
    name.unwrap_or(path).to_owned()
}

/// A table on one line, keys in the order of the type.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let order = [
                "value",
                "mean",
                "interval",
                "unit",
                "n",
                "tolerance",
                "best",
                "repetitions",
                "direction",
            ];
            let parts: Vec<String> = order
                .iter()
                .filter_map(|key| Some(format!("{key} = {}", inline(table.get(*key)?))))
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
        toml::Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// Text on one line, as a key needs it: what ends a line is escaped.
fn quoted(text: &str) -> String {
    let text = TomlStringBuilder::new(text);
    let plain = text.as_basic_pretty().or_else(|| text.as_literal());
    plain.unwrap_or_else(|| text.as_basic()).to_toml_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Baseline {
        let metric = BaselineMetric {
            value: 1250.5,
            mean: Some(1260.0),
            interval: Some([1240.0, 1261.25]),
            unit: "ns".to_owned(),
            n: Some(40),
            tolerance: Some(toml::Value::String("5%".to_owned())),
            ..BaselineMetric::default()
        };
        let case = BaselineCase {
            run: "20261121T120000Z-abcd".to_owned(),
            metrics: BTreeMap::from([("time".to_owned(), metric)]),
            ..BaselineCase::default()
        };
        Baseline {
            schema: SCHEMA,
            machine: "m".to_owned(),
            cpu: "a \"quoted\" CPU".to_owned(),
            case: BTreeMap::from([("p/w?a=1&threads=1".to_owned(), case)]),
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = example().render("main");

        assert_eq!(
            Baseline::parse(&text, Path::new("b.toml")).unwrap(),
            example(),
            "{text}"
        );
        let line = r#"metrics."time" = { value = 1250.5, mean = 1260.0, interval = [1240.0, 1261.25], unit = "ns", n = 40, tolerance = "5%" }"#;
        assert!(text.lines().any(|l| l == line), "{text}");
    }

    #[test]
    fn names_with_line_ends_and_quotes_read_back_a_metric_a_line() {
        for name in [
            "a\nb",
            "a\r\nb",
            "'\"",
            "\"\"\"",
            "\\",
            "\0\u{7f}\u{85}\u{202e}",
            "",
            "=",
        ] {
            let mut baseline = example();
            let mut case = baseline.case["p/w?a=1&threads=1"].clone();
            let mut metric = case.metrics["time"].clone();
            name.clone_into(&mut metric.unit);
            case.metrics.insert(name.to_owned(), metric);
            name.clone_into(&mut case.revision);
            baseline.case.insert(name.to_owned(), case);

            let text = baseline.render(name);

            let read = Baseline::parse(&text, Path::new("b.toml"));
            assert_eq!(read.unwrap(), baseline, "{name:?}: {text}");
            let metrics = text.lines().filter(|line| line.starts_with("metrics."));
            assert_eq!(metrics.count(), 3, "{name:?}: {text}");
        }
    }

    #[test]
    fn broken_files_are_refused_with_the_place() {
        for (text, sentence) in [
            ("schema = 2", "written in form 2 by a newer benchhost"),
            ("schema = 1\nmachin = \"x\"", ":2: unknown field `machin`"),
            (
                "schema = 1\n[case.x]\nmetrics.t = { value = inf }",
                "no finite number",
            ),
            (
                "schema = 1\n[case.x]\nmetrics.t = { value = 1, tolerance = \"lots\" }",
                r#"tolerance of t of x is "lots""#,
            ),
            ("schema = 1\n[case.x", ":2:"),
        ] {
            let error = Baseline::parse(text, Path::new("b.toml"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(sentence), "{error}");
        }
    }

    #[test]
    fn tolerances_are_numbers_or_shares() {
        let mut metric = example().case["p/w?a=1&threads=1"].metrics["time"].clone();
        assert!((metric.allowed().unwrap() - 62.525).abs() < 1e-9);
        metric.tolerance = Some(toml::Value::Float(0.03));
        assert_eq!(metric.allowed(), Some(0.03));
        metric.tolerance = None;
        assert_eq!(metric.allowed(), None);
    }
}
