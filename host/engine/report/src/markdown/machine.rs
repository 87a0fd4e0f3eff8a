//! What the numbers hold for: the machine, the plugins, the run before; and what is not in the report.

use benchhost_record::{Environment, Run};

use super::{
    escape::{cell_code, code, text},
    section::{Section, Table},
};
use crate::Report;

/// Digits of a hash that people look at.
const SHORT: usize = 12;

pub(super) fn sections(report: &Report) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some(run) = &report.run {
        sections.push(environment(report, run));
        sections.extend(plugins(run));
    }
    let left_out: Vec<String> = report
        .left_out
        .iter()
        .map(|sentence| format!("- {}\n", text(sentence)))
        .collect();
    if !left_out.is_empty() {
        let lines = format!("## Left out\n\n{}", left_out.concat());
        sections.push(Section::text("what is left out", lines));
    }
    sections
}

fn environment(report: &Report, run: &Run) -> Section {
    let mut rows: Vec<Vec<String>> = facts(&run.environment)
        .into_iter()
        .map(|(what, value)| vec![what.to_owned(), cell_code(&value)])
        .collect();
    let variables = run.environment.variables.iter();
    rows.extend(variables.map(|(name, value)| vec![cell_code(name), cell_code(value)]));
    rows.push(vec![
        "command".to_owned(),
        cell_code(&run.command.join(" ")),
    ]);
    rows.push(vec!["seed".to_owned(), run.seed.to_string()]);
    let before = report.before.as_ref().map_or_else(String::new, |before| {
        let revision = before.git.as_ref().map_or_else(String::new, |git| {
            let short: String = git.revision.chars().take(SHORT).collect();
            format!(", revision {}", code(&short))
        });
        format!(
            "The run before it of the same suite on this machine: {} of {}{revision}, benchhost {}.\n\n",
            code(&before.id),
            text(&before.started),
            text(&before.host_version)
        )
    });
    Section {
        name: "the machine".to_owned(),
        head: "<details><summary>Machine and command</summary>\n\n".to_owned(),
        table: Some(Table {
            headers: &["what", "is"],
            rows,
        }),
        tail: format!("{before}</details>\n"),
    }
}

fn facts(environment: &Environment) -> Vec<(&'static str, String)> {
    let cpu = &environment.cpu;
    let bytes = |bytes: u64| benchhost_record::Bytes(bytes).to_string();
    let all = [
        ("fingerprint", Some(environment.fingerprint.clone())),
        ("host", environment.host_name.clone()),
        ("system", environment.os.clone()),
        ("kernel", environment.kernel.clone()),
        ("architecture", Some(environment.architecture.clone())),
        ("virtualisation", environment.virtualisation.clone()),
        ("CPU", cpu.model.clone()),
        (
            "CPUs",
            Some(format!(
                "{} usable of {}",
                cpu.usable_cpus, cpu.logical_cpus
            )),
        ),
        ("governor", cpu.governor.clone()),
        (
            "turbo",
            cpu.turbo.map(|on| if on { "on" } else { "off" }.to_owned()),
        ),
        ("memory", Some(bytes(environment.memory.total_bytes))),
        ("memory limit", environment.cgroup.memory_bytes.map(bytes)),
        (
            "CPU quota",
            environment.cgroup.cpus.map(|cpus| format!("{cpus} CPUs")),
        ),
        (
            "GPUs",
            (!environment.gpus.is_empty()).then(|| {
                let names: Vec<&str> = environment
                    .gpus
                    .iter()
                    .map(|gpu| gpu.name.as_str())
                    .collect();
                names.join(", ")
            }),
        ),
        ("clock", environment.clock_source.clone()),
        (
            "load at the start",
            environment
                .load_average_1min
                .map(|load| format!("{load:.2}")),
        ),
    ];
    let known = all
        .into_iter()
        .filter_map(|(what, value)| Some((what, value?)));
    known.filter(|(_, value)| !value.is_empty()).collect()
}

fn plugins(run: &Run) -> Option<Section> {
    let rows = run.plugins.iter().map(|plugin| {
        let hash: String = plugin.sha256.chars().take(SHORT).collect();
        let profile = plugin.build.get("profile").map_or("", String::as_str);
        vec![
            cell_code(&plugin.name),
            text(&plugin.version),
            if hash.is_empty() {
                String::new()
            } else {
                cell_code(&hash)
            },
            text(profile),
            if plugin.rejected.is_some() {
                "**refused**"
            } else {
                "loaded"
            }
            .to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    (!rows.is_empty()).then(|| Section {
        name: "the plugins".to_owned(),
        head: "<details><summary>Plugins</summary>\n\n".to_owned(),
        table: Some(Table {
            headers: &["plugin", "version", "sha256", "profile", "state"],
            rows,
        }),
        tail: "</details>\n".to_owned(),
    })
}
