//! Which scripts the page runs: the plotting library and its own, and no other.
//!
//! The library comes packed, which leaves three of its five megabytes to data; the page unpacks it when the first chart
//! is looked at, so that it is not in the way of what is seen first.
//!
//! The page names their hashes in its content security policy: were a text of the report ever to become a script, a
//! browser would not run it.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::pack::deflated;

/// Where the plotting library comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Script<'a> {
    /// It is in the page, which then works from disk.
    #[default]
    Embedded,
    /// A server has it at this URL, of its own origin: pages are small then.
    At(&'a str),
}

/// The scripts of the page, in an order in which each knows those before it.
const PARTS: [&str; 24] = [
    include_str!("js/data.js"),
    include_str!("js/format.js"),
    include_str!("js/dom.js"),
    include_str!("js/theme.js"),
    include_str!("js/route.js"),
    include_str!("js/library.js"),
    include_str!("js/chart.js"),
    include_str!("js/chart_table.js"),
    include_str!("js/history.js"),
    include_str!("js/history_marks.js"),
    include_str!("js/distribution.js"),
    include_str!("js/phases.js"),
    include_str!("js/scaling.js"),
    include_str!("js/roofline.js"),
    include_str!("js/traces.js"),
    include_str!("js/contrasts.js"),
    include_str!("js/overview.js"),
    include_str!("js/machine.js"),
    include_str!("js/rows.js"),
    include_str!("js/list.js"),
    include_str!("js/evidence.js"),
    include_str!("js/metrics.js"),
    include_str!("js/case.js"),
    include_str!("js/main.js"),
];

static APP: LazyLock<String> = LazyLock::new(|| {
    let parts = PARTS.concat();
    format!("'use strict';\n(async () => {{\n{parts}}})();\n")
});

static PLOTLY: LazyLock<String> = LazyLock::new(|| {
    // Two elements: plotly.js, and MathJax, which sets formulas; the page has none, and 2 MB less without it.
    let sources = plotly::Plot::offline_js_sources();
    let inner = sources.split_once('>').map_or("", |(_, rest)| rest);
    let end = inner.find("</script>").unwrap_or(inner.len());
    inner[..end].to_owned()
});

static PACKED: LazyLock<String> = LazyLock::new(|| deflated(&PLOTLY));

static APP_HASH: LazyLock<String> = LazyLock::new(|| hash(&APP));

static PLOTLY_HASH: LazyLock<String> = LazyLock::new(|| hash(&PLOTLY));

/// plotly.js, for a server that gives it to many pages.
#[must_use]
pub fn plotly_js() -> &'static str {
    &PLOTLY
}

/// plotly.js as the page carries it, [`deflated`].
pub(super) fn packed_plotly() -> &'static str {
    &PACKED
}

/// What the page itself does.
pub(super) fn app() -> &'static str {
    &APP
}

/// The content security policy: no network, no script but ours. Styles are free, for plotly.js sets them.
pub(super) fn policy(script: Script<'_>) -> String {
    let library = match script {
        Script::Embedded => format!("'sha256-{}'", *PLOTLY_HASH),
        Script::At(_) => "'self'".to_owned(),
    };
    format!(
        "default-src 'none'; script-src {library} 'sha256-{}'; style-src 'unsafe-inline'; img-src data: blob:; \
         base-uri 'none'; form-action 'none'",
        *APP_HASH
    )
}

fn hash(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_plotly_without_the_setter_of_formulas() {
        assert!(plotly_js().trim_start().starts_with("/**\n* plotly.js v"));
        assert!(
            !plotly_js().contains("</script"),
            "it would end its element"
        );
        assert!(!plotly_js().contains("MathJax.js"));
    }

    #[test]
    fn no_script_of_the_page_makes_elements_out_of_text() {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "</script",
            "<!--",
        ] {
            assert!(!app().contains(forbidden), "{forbidden}");
        }
    }
}
