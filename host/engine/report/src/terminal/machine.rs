//! The machine, the code and what the host itself costs: `--verbose`.

use benchhost_record::{Bytes, Run, format_quantity};

use super::{
    layout::{Body, Row, Table},
    paint::{Paint, Style},
};
use crate::text::harmless;

/// The section.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> String {
    let mut rows = Vec::new();
    let mut say = |label: &str, parts: &[Option<String>]| {
        let known: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
        let text = harmless(&known.join(", "));
        if !text.is_empty() {
            rows.push(Row {
                label: label.to_owned(),
                body: Body::Sentence {
                    text,
                    style: Style::Plain,
                },
            });
        }
    };
    let machine = &run.environment;
    let named =
        |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let yes =
        |is: Option<bool>, yes: &str, no: &str| is.map(|is| if is { yes } else { no }.to_owned());
    let cpu = &machine.cpu;
    say(
        "CPU",
        &[
            cpu.model.clone(),
            Some(format!("{} of {} CPUs", cpu.usable_cpus, cpu.logical_cpus)),
            named("governor", &cpu.governor),
            yes(cpu.turbo, "turbo", "no turbo"),
            yes(cpu.smt, "SMT", "no SMT"),
        ],
    );
    let memory = machine.memory;
    let bytes = |name: &str, bytes: u64| Some(format!("{name} {}", Bytes(bytes)));
    say(
        "memory",
        &[
            bytes("total", memory.total_bytes),
            bytes("available", memory.available_bytes),
            bytes("swap", memory.swap_bytes),
        ],
    );
    for gpu in &machine.gpus {
        let driver = Some(format!("driver {}", gpu.driver));
        say(
            "GPU",
            &[
                Some(gpu.name.clone()),
                bytes("memory", gpu.memory_bytes),
                driver,
            ],
        );
    }
    say(
        "system",
        &[
            machine.os.clone(),
            named("kernel", &machine.kernel),
            machine.virtualisation.clone(),
            named("clock", &machine.clock_source),
            machine
                .load_average_1min
                .map(|load| format!("load {load:.2}")),
        ],
    );
    let variables = machine.variables.iter();
    let variables: Vec<String> = variables
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    say("variables", &[Some(variables.join(" "))]);
    say(
        "machine",
        &[
            machine.host_name.clone(),
            named("fingerprint", &Some(machine.fingerprint.clone())),
        ],
    );
    let git = run.git.as_ref().map(|git| {
        let dirty = if git.dirty { "-dirty" } else { "" };
        format!("{:.12}{dirty}", git.revision)
    });
    let branch = run.git.as_ref().and_then(|git| git.branch.clone());
    say("code", &[git, branch]);
    for plugin in &run.plugins {
        let version = format!("{} {}", plugin.name, plugin.version);
        let sha = format!("sha256 {:.12}", plugin.sha256);
        say(
            "plugin",
            &[Some(version), Some(sha), Some(plugin.path.clone())],
        );
    }
    let ns = |name: &str, ns: f64| Some(format!("{name} {}", format_quantity(ns, "ns")));
    say(
        "host",
        &[
            Some(format!("benchhost {}", run.host_version)),
            ns("clock read", run.overhead.clock_read_ns),
            ns("clock step", run.overhead.clock_resolution_ns),
        ],
    );
    say("seed", &[Some(run.seed.to_string())]);
    say("command", &[Some(run.command.join(" "))]);
    let table = Table {
        headers: Vec::new(),
        dispensability: Vec::new(),
        remarks: String::new(),
        rows,
    };
    let title = paint.lines(&["environment".to_owned()], Style::Bold);
    format!("{title}{}", table.render(width, paint).0)
}
