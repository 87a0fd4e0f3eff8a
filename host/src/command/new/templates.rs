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

const C: &[(&str, &str)] = &[
    template!("c", "plugin.c"),
    template!("c", "suite.toml"),
    template!("c", "README.md"),
    template!("c", "benchhost.toml"),
    template!("c", "build.sh"),
    template!("c", "test.sh"),
    template!("c", "gitignore", ".gitignore"),
];

const PYTHON: &[(&str, &str)] = &[
    template!("python", "bench.py"),
    template!("python", "test_bench.py"),
    template!("python", "suite.toml"),
    template!("python", "README.md"),
    template!("python", "benchhost.toml"),
    template!("python", "gitignore", ".gitignore"),
];

/// What plugins in C and in Python are written with: copied as it is.
const HEADER: (&str, &str) = (
    "benchhost_plugin.h",
    include_str!("../../../../plugin-api/include/benchhost_plugin.h"),
);
const HEADER_CPP: (&str, &str) = (
    "benchhost_plugin.hpp",
    include_str!("../../../../plugin-api/include/benchhost_plugin.hpp"),
);
const HELPER: (&str, &str) = (
    "benchhost.py",
    include_str!("../../../../plugin-api/python/benchhost.py"),
);

/// The files of `template` with what `context` names.
///
/// # Errors
/// None that can happen: templates are part of this program, and a test fills in each.
pub(super) fn rendered(template: Template, context: &Value) -> Result<Vec<Made>, Failure> {
    let (files, copied) = match template {
        Template::Cpu => (CPU.to_vec(), Vec::new()),
        Template::Candle => (CANDLE.to_vec(), Vec::new()),
        Template::CandleCuda => ([CANDLE, CUDA].concat(), Vec::new()),
        Template::C => (C.to_vec(), vec![HEADER, HEADER_CPP]),
        Template::Python => (PYTHON.to_vec(), vec![HELPER]),
    };
    let environment = Environment::new();
    let mut made: Vec<Made> = files
        .into_iter()
        .map(|(path, text)| {
            let text = environment
                .render_str(text, context)
                .with_context(|| format!("cannot fill in `{path}`"))?;
            // The last line break of a template is not part of what is made of it.
            Ok((path.into(), text + "\n"))
        })
        .collect::<Result<_, Failure>>()?;
    let copied = copied.into_iter();
    made.extend(copied.map(|(path, text)| (path.into(), text.to_owned())));
    Ok(made)
}
