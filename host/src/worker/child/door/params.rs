//! Parameters for plugins that cannot merge defaults themselves.

use benchhost_plugin_api::{abi::status, meta::PluginMeta};

use crate::worker::{child::Failure, message::CreateSpec};

/// The parameters of `spec` laid over the defaults that the description `meta` names.
///
/// # Errors
/// For a workload or a parameter that is not described.
pub(super) fn merged(meta: &str, spec: &CreateSpec) -> Result<toml::Table, Failure> {
    let failure = |message: String| Failure::of_plugin(status::CONFIG, message, String::new());
    let meta: PluginMeta = toml::from_str(meta).map_err(|error| {
        failure(format!(
            "the description cannot be read: {}",
            error.message()
        ))
    })?;
    let workload = meta
        .workloads
        .into_iter()
        .find(|workload| workload.name == spec.workload)
        .ok_or_else(|| {
            failure(format!(
                "plugin `{}` has no workload `{}`",
                meta.name, spec.workload
            ))
        })?;
    let given: toml::Table = toml::from_str(&spec.config)
        .map_err(|error| failure(format!("the parameters are not TOML: {}", error.message())))?;
    let known = || workload.params.iter().map(|param| param.name.as_str());
    if let Some(key) = given.keys().find(|key| !known().any(|name| name == *key)) {
        let known: Vec<&str> = known().collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        return Err(failure(format!(
            "unknown parameter `{key}`; there are: {known}"
        )));
    }
    let mut params: toml::Table = workload
        .params
        .into_iter()
        .filter_map(|param| Some((param.name, param.default?)))
        .collect();
    params.extend(given);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = "schema = 1\nname = 'p'\nversion = '1'\napi = ''\n[[workloads]]\nname = 'w'\n\
        [[workloads.params]]\nname = 'length'\ndefault = 8\n[[workloads.params]]\nname = 'path'\n";

    fn spec(workload: &str, config: &str) -> CreateSpec {
        CreateSpec {
            workload: workload.to_owned(),
            config: config.to_owned(),
            metrics: Vec::new(),
            threads: 1,
            instances: None,
            cpus: Vec::new(),
            device: String::new(),
            seed: 0,
            repetition: 0,
            scratch_dir: String::new(),
        }
    }

    #[test]
    fn what_is_given_is_laid_over_the_defaults() {
        let params = merged(META, &spec("w", "path = 'x'")).unwrap();

        assert_eq!(params, toml::from_str("length = 8\npath = 'x'").unwrap());
    }

    #[test]
    fn what_is_not_described_is_named() {
        let error = |workload, config| merged(META, &spec(workload, config)).unwrap_err().message;

        assert_eq!(
            error("w", "lenght = 1"),
            "unknown parameter `lenght`; there are: length, path"
        );
        assert_eq!(error("v", ""), "plugin `p` has no workload `v`");
    }
}
