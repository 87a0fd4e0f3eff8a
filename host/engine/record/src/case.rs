//! A case: one workload with every parameter fixed, and the readable name that identifies it for ever.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Value of a parameter. Text that looks like a number stays text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParamValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A name, a path, a choice.
    Text(String),
    /// Several values.
    List(Vec<ParamValue>),
}

/// Parameters by name, sorted.
pub type Params = BTreeMap<String, ParamValue>;

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::List(values) => {
                let parts: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", parts.join(","))
            }
        }
    }
}

/// One workload with every parameter fixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Stable name; see [`CaseId`].
    pub id: CaseId,
    /// Name of the benchmark entry of the suite it came from.
    pub benchmark: String,
    /// Name of the plugin.
    pub plugin: String,
    /// Name of the workload.
    pub workload: String,
    /// Parameters the suite set, axes included; the workload's defaults are not repeated here.
    pub params: Params,
    /// Threads the workload may use.
    pub threads: u32,
    /// Device by name.
    pub device: String,
    /// Instances that are driven at once; absent for one on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<Instances>,
    /// Arrivals in a second, when iterations are asked for from outside; absent when one follows the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_load: Option<f64>,
    /// Seed for everything random in the workload.
    pub seed: u64,
}

impl Case {
    /// How many instances there are.
    #[must_use]
    pub fn instance_count(&self) -> u32 {
        self.instances.map_or(1, |instances| instances.count.max(1))
    }

    /// Threads of all instances together.
    #[must_use]
    pub fn all_threads(&self) -> u32 {
        self.threads.saturating_mul(self.instance_count())
    }

    /// The number of processes that measure it at once.
    #[must_use]
    pub fn processes(&self) -> u32 {
        match self.instances {
            Some(Instances {
                mode: InstancesMode::Process,
                count,
            }) => count.max(1),
            _ => 1,
        }
    }
}

/// Several instances of a workload, started together for each sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Instances {
    /// How many; at least 1.
    pub count: u32,
    /// What each of them has for itself.
    pub mode: InstancesMode,
}

/// What instances share. Both are throughput of many at once, and both mean something else: allocator, locks and page
/// tables are shared in one process, and are not between processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InstancesMode {
    /// One process; a rayon pool with a thread for each instance drives them.
    #[default]
    Rayon,
    /// A process for each instance.
    Process,
}

impl InstancesMode {
    /// The word, as suites write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rayon => "rayon",
            Self::Process => "process",
        }
    }
}

/// The stable, readable name of a case:
/// `contrastive/training?batch=32&dtype=f32&threads=2&window=1024`.
///
/// Keys are sorted; `threads` is always there, `device` when it is not `cpu`, `instances`, `instances-mode` and `offered-load` when they
/// are set; parameters are those the suite set.
/// The characters `% & = ? # ` and white space in a value are percent-encoded, so that the form can be split again.
/// Neither the benchmark's name nor the seed is part of it: a series outlives both.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct CaseId(String);

impl CaseId {
    /// Builds the name.
    #[must_use]
    pub fn new(plugin: &str, workload: &str, params: &Params, threads: u32, device: &str) -> Self {
        let mut keys: BTreeMap<&str, String> = params
            .iter()
            .map(|(key, value)| (key.as_str(), encode(&value.to_string())))
            .collect();
        keys.insert("threads", threads.to_string());
        if device != "cpu" {
            keys.insert("device", encode(device));
        }
        let query: Vec<String> = keys
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        Self(format!("{plugin}/{workload}?{}", query.join("&")))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the question mark, for tables whose rows share plugin and workload.
    #[must_use]
    pub fn query(&self) -> &str {
        self.0.split_once('?').map_or("", |(_, query)| query)
    }
}

impl From<String> for CaseId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '%' | '&' | '=' | '?' | '#') || c.is_whitespace() || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        } else {
            encoded.push(c);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_has_sorted_keys_and_survives_odd_values() {
        let params = Params::from([
            ("window".into(), ParamValue::Int(1024)),
            ("batch".into(), ParamValue::Int(32)),
            ("signals".into(), ParamValue::Text("my data&more.h5".into())),
        ]);

        let id = CaseId::new("contrastive", "training", &params, 2, "cpu");

        assert_eq!(
            id.as_str(),
            "contrastive/training?batch=32&signals=my%20data%26more.h5&threads=2&window=1024"
        );
        assert_eq!(
            CaseId::new("a", "b", &Params::new(), 1, "cuda:1").query(),
            "device=cuda:1&threads=1"
        );
    }

    #[test]
    fn parameters_keep_their_type_through_json() {
        let text = r#"{"a":1,"b":1.5,"c":"1","d":true,"e":[1,"x"]}"#;

        let params: Params = serde_json::from_str(text).unwrap();

        assert_eq!(params["c"], ParamValue::Text("1".into()));
        assert_eq!(serde_json::to_string(&params).unwrap(), text);
    }
}
