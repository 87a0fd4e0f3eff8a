//! The lines of the protocol.

use std::collections::BTreeMap;

use benchhost_plugin_api::meta::PluginMeta;
use benchhost_record::Work;
use serde::{Deserialize, Serialize};

/// Version of the protocol.
pub(super) const PROTOCOL: u32 = 1;

/// Environment variable with the number of the socket.
pub(super) const SOCKET_VARIABLE: &str = "BENCHHOST_FD";

/// Host to plugin; each is answered by `done` or `error`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(Deserialize))]
#[serde(tag = "say", rename_all = "kebab-case")]
pub(crate) enum Request {
    /// What do you offer?
    Describe {
        /// Version the host speaks.
        protocol: u32,
    },
    /// Make the instance; a process makes one in its life.
    Create {
        /// Name of the workload.
        workload: String,
        /// All parameters, defaults filled in.
        params: serde_json::Map<String, serde_json::Value>,
        /// Threads it may use.
        threads: u32,
        /// CPUs the process is held to; empty when it is not.
        cpus: Vec<u32>,
        /// Device by name.
        device: String,
        /// Seed for everything random.
        seed: u64,
        /// Index of the repetition.
        repetition: u32,
        /// Folder of the instance alone.
        scratch_dir: String,
    },
    /// Load, build, allocate; answered with the work of one iteration.
    Setup,
    /// Make the next input, untimed.
    Prepare,
    /// The timed part.
    Run {
        /// How many iterations.
        iterations: u64,
    },
    /// What else was measured?
    Metrics,
    /// Prove the answer.
    Verify,
    /// Release everything.
    Teardown,
    /// The last word; the process ends.
    Bye,
}

/// Plugin to host.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub(super) enum Line {
    /// The answer.
    Done(Box<Answer>),
    /// The answer, when it went wrong.
    Error {
        /// `failed`, `config`, `wrong` or `unsupported`.
        kind: String,
        /// One sentence.
        message: String,
        /// Traceback or causes.
        #[serde(default)]
        detail: String,
    },
    /// A line for the log.
    Log {
        /// `info` or `warn`.
        level: String,
        /// One sentence.
        message: String,
    },
    /// A sign of life.
    Progress,
}

/// What an answer may carry; which fields count depends on the request.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub(crate) struct Answer {
    /// `describe`: version the plugin speaks.
    #[serde(default)]
    pub(super) protocol: u32,
    /// `describe`: number of the process that does the work, when it is not the one that was started.
    #[serde(default)]
    pub(super) pid: Option<u32>,
    /// `describe`: who it is.
    #[serde(default)]
    pub(super) meta: Option<WireMeta>,
    /// `setup`: work of one iteration.
    #[serde(default)]
    pub(crate) work: Option<WireWork>,
    /// `run`: iterations done.
    #[serde(default)]
    pub(crate) iterations: Option<u64>,
    /// `run`: the plugin's own clock around them.
    #[serde(default)]
    pub(crate) elapsed_ns: Option<u64>,
    /// `run`: there is nothing more to do.
    #[serde(default)]
    pub(crate) finished: bool,
    /// `run`: it ended early because it was asked to.
    #[serde(default)]
    pub(crate) stopped: bool,
    /// `metrics`: values by name.
    #[serde(default)]
    pub(crate) metrics: BTreeMap<String, f64>,
    /// `metrics`: ns of each phase in the last run.
    #[serde(default)]
    pub(crate) spans: BTreeMap<String, f64>,
}

/// The description, which need not name the version of an interface that it does not use.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct WireMeta {
    #[serde(default)]
    api: String,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl WireMeta {
    /// As the description of any plugin.
    ///
    /// # Errors
    /// The sentence about what is missing or of another type.
    pub(super) fn plugin(mut self) -> Result<PluginMeta, String> {
        self.rest.insert("api".to_owned(), self.api.into());
        serde_json::from_value(self.rest.into()).map_err(|error| error.to_string())
    }
}

/// Work of one iteration; what is left out is not known.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireWork {
    items: f64,
    item: String,
    flop: f64,
    bytes: f64,
}

impl From<WireWork> for Work {
    fn from(wire: WireWork) -> Self {
        Self {
            items: wire.items,
            item: wire.item,
            flop: wire.flop,
            bytes: wire.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_the_lines_of_the_documentation() {
        let line = |request: &Request| serde_json::to_string(request).unwrap();

        assert_eq!(line(&Request::Setup), r#"{"say":"setup"}"#);
        assert_eq!(
            line(&Request::Run { iterations: 12 }),
            r#"{"say":"run","iterations":12}"#
        );
    }

    /// Fields of answers, as `Answer` reads them.
    const FIELDS: [&str; 11] = [
        "say",
        "protocol",
        "pid",
        "meta",
        "work",
        "iterations",
        "elapsed_ns",
        "finished",
        "stopped",
        "metrics",
        "spans",
    ];

    fn keys(value: &serde_json::Value) -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    /// Whether everything in `part` is in `whole`, too.
    fn holds(whole: &serde_json::Value, part: &serde_json::Value) -> bool {
        use serde_json::Value::{Array, Object};
        match (whole, part) {
            (Object(whole), Object(part)) => part
                .iter()
                .all(|(key, part)| whole.get(key).is_some_and(|whole| holds(whole, part))),
            (Array(whole), Array(part)) => {
                whole.len() == part.len() && whole.iter().zip(part).all(|(w, p)| holds(w, p))
            }
            _ => whole == part,
        }
    }

    #[test]
    fn every_line_of_the_page_is_one_that_is_said_or_read() {
        let page = include_str!("../../../../docs/plugin-process.md");
        let block = page.split("```json\n").nth(1).unwrap();
        let lines = block.split("\n```").next().unwrap().lines();
        let mut asked = Vec::new();
        let mut is_answered = true;

        for text in lines {
            let line: serde_json::Value = serde_json::from_str(text).unwrap();
            match serde_json::from_str::<Line>(text) {
                Ok(Line::Done(answer)) => {
                    assert!(
                        keys(&line).iter().all(|key| FIELDS.contains(&key.as_str())),
                        "{text}"
                    );
                    let meta = answer.meta.clone().map(|meta| meta.plugin().unwrap());
                    if let Some(meta) = meta {
                        let read = serde_json::to_value(meta).unwrap();
                        assert!(holds(&read, &line["meta"]), "{read:#}");
                    }
                    is_answered = true;
                }
                Ok(Line::Error { .. }) => is_answered = true,
                Ok(Line::Log { .. } | Line::Progress) => assert!(!is_answered, "{text}"),
                Err(_) => {
                    let request: Request = serde_json::from_str(text).unwrap();
                    assert_eq!(serde_json::to_value(request).unwrap(), line);
                    assert!(is_answered, "{text} comes before an answer");
                    is_answered = false;
                    asked.push(line["say"].as_str().unwrap().to_owned());
                }
            }
        }

        let all = [
            "describe", "create", "setup", "prepare", "run", "metrics", "verify", "teardown", "bye",
        ];
        assert_eq!(asked, all);
    }

    #[test]
    fn answers_may_be_short_and_have_unknown_keys() {
        let line = |text: &str| serde_json::from_str::<Line>(text);

        assert_eq!(
            line(r#"{"say":"done"}"#).unwrap(),
            Line::Done(Box::default())
        );
        let known = line(r#"{"say":"done","iterations":3,"elapsed_ns":9,"colour":"red"}"#);
        assert!(matches!(known.unwrap(), Line::Done(answer) if answer.iterations == Some(3)));
        assert!(line(r#"{"say":"maybe"}"#).is_err());
        assert!(line("hello").is_err());
    }
}
