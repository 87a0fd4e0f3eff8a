//! What the telemetry is of: this program, on this machine, at this commit.

use benchhost_record::Run;
use opentelemetry_proto::tonic::{
    common::v1::{InstrumentationScope, KeyValue},
    resource::v1::Resource,
};

use super::{
    endpoint::{pairs, variable},
    value::{text, whole},
};

/// The resource, by the semantic conventions of OpenTelemetry where these have a word.
pub(super) fn resource(run: &Run) -> Resource {
    let environment = &run.environment;
    let mut attributes = vec![
        text(
            "service.name",
            &variable("OTEL_SERVICE_NAME").unwrap_or("benchhost".to_owned()),
        ),
        text("service.version", &run.host_version),
        text("benchhost.run.id", &run.id),
        text("benchhost.machine", &environment.fingerprint),
        text("host.arch", &environment.architecture),
        text("os.type", "linux"),
        whole("benchhost.cpus", environment.cpu.usable_cpus.into()),
        whole("benchhost.memory.bytes", environment.memory.total_bytes),
    ];
    let mut known =
        |key: &str, value: Option<&str>| attributes.extend(value.map(|value| text(key, value)));
    known(
        "benchhost.suite",
        run.suite.as_ref().map(|suite| suite.name.as_str()),
    );
    known("host.name", environment.host_name.as_deref());
    known("os.description", environment.os.as_deref());
    known("os.version", environment.kernel.as_deref());
    known("host.cpu.model.name", environment.cpu.model.as_deref());
    if let Some(git) = &run.git {
        let dirty = if git.dirty { "-dirty" } else { "" };
        known(
            "vcs.ref.head.revision",
            Some(&format!("{}{dirty}", git.revision)),
        );
        known("vcs.ref.head.name", git.branch.as_deref());
    }
    said(&mut attributes);
    Resource {
        attributes,
        ..Resource::default()
    }
}

/// What `OTEL_RESOURCE_ATTRIBUTES` says, unless it is said already.
fn said(attributes: &mut Vec<KeyValue>) {
    let said = variable("OTEL_RESOURCE_ATTRIBUTES").and_then(|said| pairs(&said));
    for (name, value) in said.unwrap_or_default() {
        if attributes.iter().all(|known| known.key != name) {
            attributes.push(text(&name, &value));
        }
    }
}

/// Who made it.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "benchhost".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}
