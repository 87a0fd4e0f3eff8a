//! The frame of the page: title, policy, what is said before any script has run, and the places of the rest.

use minijinja::{Environment, Value, context};

use super::{
    data::Embedded,
    script::{Script, app, packed_plotly, policy},
};
use crate::{Report, facts::unfinished, text::harmless};

const FRAME: &str = include_str!("page.html");

const STYLE: &str = concat!(
    include_str!("style/colours.css"),
    include_str!("style/frame.css"),
    include_str!("style/parts.css"),
    include_str!("style/tables.css"),
    include_str!("style/case.css"),
    include_str!("style/media.css"),
);

/// What the page has without its data and without the plotting library; some room for the head.
pub(super) fn frame_bytes() -> usize {
    const HEAD: usize = 8_000;
    FRAME.len() + STYLE.len() + app().len() + HEAD
}

/// The page.
pub(super) fn render(report: &Report, data: &Embedded, script: Script<'_>) -> String {
    let mut environment = Environment::new();
    environment
        .add_template("page.html", FRAME)
        .expect("the template comes with the program and is tested");
    let template = environment
        .get_template("page.html")
        .expect("it was added above");
    let (library, library_at) = match script {
        Script::Embedded => (packed_plotly(), ""),
        Script::At(url) => ("", url),
    };
    let raw = |text: &str| Value::from_safe_string(text.to_owned());
    let rendered = template.render(context! {
        title => title(report),
        policy => policy(script),
        head => head(report),
        loud => report.run.as_ref().and_then(unfinished),
        style => raw(STYLE),
        library => raw(library),
        library_at,
        data_type => raw(data.media_type()),
        data => raw(data.text()),
        app => raw(app()),
    });
    rendered.expect("everything that the template names is given")
}

/// For the tab of the browser: suite and start of the run.
fn title(report: &Report) -> String {
    let Some(run) = &report.run else {
        return "History · benchhost".to_owned();
    };
    let suite = run
        .suite
        .as_ref()
        .map_or("run", |suite| suite.name.as_str());
    format!("{} · {} · benchhost", one_way(suite), one_way(&run.id))
}

/// Text without characters that turn what stands after it around; a title has no element to fence them in.
fn one_way(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text = harmless(text);
    text.chars().filter(|c| !turns(c)).take(120).collect()
}

/// What the page says of itself where no script runs.
fn head(report: &Report) -> Vec<Value> {
    let line = |name: &str, value: &str| context! { name, value => harmless(value) };
    let mut lines = vec![line("Made", &report.made)];
    if let Some(run) = &report.run {
        lines.push(line("Run", &run.id));
        lines.push(line("Started", &run.started));
        if let Some(suite) = &run.suite {
            lines.push(line("Suite", &suite.name));
        }
        let cases = format!("{} of {} planned", run.cases.len(), run.planned_cases);
        lines.push(line("Cases", &cases));
    }
    lines
}
