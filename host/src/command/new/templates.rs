//! The files of each template, filled in.

use anyhow::Context as _;
use minijinja::{Environment, Value};

use super::{super::Failure, Made};
use crate::cli::Template;

/// A file of a template: where it goes, what is in it before names are filled in.
macro_rules! template {
    ($folder:literal, $file:literal) => {
        template!($folder, $file, $file)
    };
    ($folder:literal, $file:literal, $to:literal) => {
        (
            $to,
            include_str!(concat!("templates/", $folder, "/", $file)),
        )
    };
}

const IGNORED: (&str, &str) = template!("cpu", "gitignore", ".gitignore");

const CPU: &[(&str, &str)] = &[
    template!("cpu", "src/lib.rs"),
    template!("cpu", "suite.toml"),
    template!("cpu", "README.md"),
    IGNORED,
];

const CANDLE: &[(&str, &str)] = &[
    template!("candle", "src/lib.rs"),
    template!("candle", "suite.toml"),
    template!("candle", "README.md"),
    IGNORED,
];

const CUDA: &[(&str, &str)] = &[
    template!("candle-cuda", "benchhost.toml"),
    template!("candle-cuda", "build.sh"),
];

/// The files of `template` with what `context` names.
///
/// # Errors
/// None that can happen: templates are part of this program, and a test fills in each.
pub(super) fn rendered(template: Template, context: &Value) -> Result<Vec<Made>, Failure> {
    let files: Vec<(&str, &str)> = match template {
        Template::Cpu => CPU.to_vec(),
        Template::Candle => CANDLE.to_vec(),
        Template::CandleCuda => [CANDLE, CUDA].concat(),
        Template::C | Template::Python => Vec::new(),
    };
    let environment = Environment::new();
    files
        .into_iter()
        .map(|(path, text)| {
            let text = environment
                .render_str(text, context)
                .with_context(|| format!("cannot fill in `{path}`"))?;
            // The last line break of a template is not part of what is made of it.
            Ok((path.into(), text + "\n"))
        })
        .collect()
}
