//! What `export_plugin!` expands to: the table of workloads, the root module, the manifest section.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize as _, Serialize};

use crate::{
    API_VERSION, Error, Workload,
    abi::{HostServices_Ref, PluginError, WorkloadBox, shim, status},
    meta::{META_SCHEMA, ParamSpec, PluginMeta, WorkloadMeta},
};
use abi_stable::std_types::{RErr, RResult, RString};

/// A plugin as `export_plugin!` writes it down.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plugin {
    pub name: &'static str,
    pub version: &'static str,
    pub summary: &'static str,
    pub workloads: &'static [Entry],
}

/// One workload of the table.
#[doc(hidden)]
#[derive(Debug)]
pub struct Entry {
    name: &'static str,
    meta: fn(&str) -> WorkloadMeta,
    create: fn(HostServices_Ref, &str) -> RResult<WorkloadBox, PluginError>,
}

impl Entry {
    /// The entry of workload type `W` under `name`.
    #[must_use]
    pub const fn of<W: Workload>(name: &'static str) -> Self {
        Self {
            name,
            meta: workload_meta::<W>,
            create: shim::create::<W>,
        }
    }
}

impl Plugin {
    /// The metadata text. A panic in somebody's `describe` becomes an `error` key.
    #[must_use]
    pub fn meta(&self) -> RString {
        let text = catch_unwind(AssertUnwindSafe(|| {
            toml::to_string(&PluginMeta {
                schema: META_SCHEMA,
                name: self.name.to_owned(),
                version: self.version.to_owned(),
                summary: self.summary.to_owned(),
                api: API_VERSION.to_owned(),
                workloads: self.workloads.iter().map(|w| (w.meta)(w.name)).collect(),
                build: None,
            })
            .map_err(|error| error.to_string())
        }));
        let failure = match text {
            Ok(Ok(text)) => return text.into(),
            Ok(Err(message)) => message,
            Err(payload) => format!(
                "describing the plugin panicked: {}",
                shim::panic_message(&*payload)
            ),
        };
        toml::to_string(&toml::Table::from_iter([(
            "error".to_owned(),
            toml::Value::String(failure),
        )]))
        .unwrap_or_default()
        .into()
    }

    /// Makes an instance of the workload called `name`.
    pub fn create(
        &self,
        host: HostServices_Ref,
        name: &str,
        config: &str,
    ) -> RResult<WorkloadBox, PluginError> {
        match self.workloads.iter().find(|entry| entry.name == name) {
            Some(entry) => (entry.create)(host, config),
            None => RErr(PluginError {
                code: status::CONFIG,
                message: format!("plugin `{}` has no workload `{name}`", self.name).into(),
                detail: RString::new(),
            }),
        }
    }
}

/// Metadata of `W`: what it says of itself, completed with the keys, types and values of its default config.
#[must_use]
pub(crate) fn workload_meta<W: Workload>(name: &str) -> WorkloadMeta {
    let description = W::describe();
    // A panic here becomes the `error` key of the metadata: a plugin with such a config cannot be used at all.
    let defaults = defaults::<W::Config>().unwrap_or_else(|error| panic!("{error}"));
    let mut params = description.params;
    for (key, value) in defaults {
        match params.iter_mut().find(|param| param.name == key) {
            Some(param) => param.default = Some(value),
            None => params.push(ParamSpec {
                name: key,
                default: Some(value),
                ..ParamSpec::default()
            }),
        }
    }
    WorkloadMeta {
        name: name.to_owned(),
        summary: description.summary,
        prepares_each_iteration: W::PREPARES_EACH_ITERATION,
        verifies: true,
        params,
        metrics: description.metrics,
    }
}

/// Keys, types and values of the default config. A config without data, `()` for example, has none.
///
/// # Errors
/// When the default value cannot be written as a TOML table.
fn defaults<C: Serialize + Default>() -> Result<toml::Table, Error> {
    if size_of::<C>() == 0 {
        return Ok(toml::Table::new());
    }
    toml::Table::try_from(C::default()).map_err(|error| {
        let name = std::any::type_name::<C>();
        Error::config(format!(
            "the default value of {name} is no table of TOML: {error}"
        ))
    })
}

/// The default config of `W` with the keys of `text` laid over it.
///
/// # Errors
/// [`ErrorKind::Config`](crate::ErrorKind::Config) for text that is no TOML, a key that `W` does not know, and a value
/// that does not fit.
pub(crate) fn parse_config<W: Workload>(text: &str) -> Result<W::Config, Error> {
    let given: toml::Table = toml::from_str(text)
        .map_err(|error| Error::config(format!("the parameters are not TOML: {error}")))?;
    let mut table = defaults::<W::Config>()?;
    check_keys::<W>(&given, &table)?;
    if size_of::<W::Config>() == 0 {
        return Ok(W::Config::default());
    }
    let keys: Vec<String> = given.keys().cloned().collect();
    table.extend(given);
    W::Config::deserialize(table).map_err(|error: toml::de::Error| {
        let message = error.message().trim().to_owned();
        Error::config(format!("parameters ({}): {message}", keys.join(", ")))
    })
}

/// A key must be in the default config or described; a config that shows no keys at all, such as a map, takes any.
fn check_keys<W: Workload>(given: &toml::Table, defaults: &toml::Table) -> Result<(), Error> {
    let described = W::describe().params;
    let mut known: Vec<&str> = described.iter().map(|param| param.name.as_str()).collect();
    known.extend(defaults.keys().map(String::as_str));
    let takes_any = known.is_empty() && size_of::<W::Config>() > 0;
    match given
        .keys()
        .find(|key| !takes_any && !known.contains(&key.as_str()))
    {
        None => Ok(()),
        Some(key) => {
            known.sort_unstable();
            known.dedup();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            Err(Error::config(format!(
                "unknown parameter `{key}`; there are: {known}"
            )))
        }
    }
}

/// Makes a shared library a benchhost plugin. Use once, in the root of a `cdylib` crate.
///
/// `name` is the plugin's name on the command line and in results; `summary` one sentence; `allocator` the name
/// of the `#[global_allocator]` if the plugin brings one, because it is part of what is measured. `summary` and
/// `allocator` may be left out; there may be any number of workloads.
///
/// ```
/// # use benchhost_plugin_api::prelude::*;
/// # struct Nothing;
/// # impl Workload for Nothing {
/// #     type Config = ();
/// #     fn create((): (), _: &Ctx) -> Result<Self, Error> { Ok(Self) }
/// #     fn iterate(&mut self) -> Result<Digest, Error> { Ok(().into()) }
/// #     fn verify(&mut self) -> Result<(), Error> { Ok(()) }
/// # }
/// benchhost_plugin_api::export_plugin! {
///     name: "nothing",
///     summary: "Does nothing.",
///     allocator: "system",
///     workloads: { "nothing" => Nothing },
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_plugin {
    (
        name: $name:literal,
        $(summary: $summary:literal,)?
        $(allocator: $allocator:literal,)?
        workloads: { $($workload:literal => $type:ty),+ $(,)? } $(,)?
    ) => {
        const _: () = {
            static PLUGIN: $crate::__private::Plugin = $crate::__private::Plugin {
                name: $name,
                version: ::core::env!("CARGO_PKG_VERSION"),
                summary: $crate::__private::first(&[$($summary,)? ""]),
                workloads: &[$($crate::__private::Entry::of::<$type>($workload)),+],
            };

            const MANIFEST_PARTS: &[&str] = &[
                "schema = 1\nkind = 'rust'\nname = '", $name,
                "'\nversion = '", ::core::env!("CARGO_PKG_VERSION"),
                "'\napi = '", $crate::API_VERSION,
                "'\nworkloads = [", $("'", $workload, "', ",)+ "]\n[build]\n",
                $crate::__private::BUILD_TOML,
                "panic = '", if ::core::cfg!(panic = "abort") { "abort" } else { "unwind" },
                "'\ndebug_assertions = ", if ::core::cfg!(debug_assertions) { "true" } else { "false" },
                "\nallocator = '", $crate::__private::first(&[$($allocator,)? "system"]), "'\n",
            ];
            const MANIFEST_SIZE: usize = $crate::manifest::size(MANIFEST_PARTS);

            #[used]
            #[unsafe(link_section = ".benchhost")]
            static MANIFEST: [u8; MANIFEST_SIZE] = $crate::manifest::encode(MANIFEST_PARTS);

            extern "C" fn meta() -> $crate::__private::RString {
                PLUGIN.meta()
            }

            extern "C" fn create(
                host: $crate::abi::HostServices_Ref,
                workload: $crate::__private::RStr<'_>,
                config: $crate::__private::RStr<'_>,
            ) -> $crate::__private::RResult<$crate::abi::WorkloadBox, $crate::abi::PluginError> {
                PLUGIN.create(host, workload.as_str(), config.as_str())
            }

            fn root() -> $crate::abi::PluginMod_Ref {
                $crate::__private::root(meta, create, &MANIFEST)
            }

            extern "C" fn load() -> $crate::__private::RootModuleResult {
                $crate::__private::__call_root_module_loader(root)
            }

            // The one symbol that a host looks up; the name is abi_stable's.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the name is fixed by abi_stable")]
            pub static _1as_0lib_1header_0root_bmodule_bloader: $crate::__private::LibHeader =
                $crate::__private::header(load);
        };
    };
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{Ctx, Description, Digest, Param};

    /// A workload that exists for its config alone.
    struct With<C>(C);

    impl<C> Workload for With<C>
    where
        C: Serialize + serde::de::DeserializeOwned + Default + Send + 'static,
    {
        type Config = C;

        fn describe() -> Description {
            let description = Description::default();
            if size_of::<C>() == size_of::<Sized>() {
                description.param(Param::new("path", "an optional file"))
            } else {
                description
            }
        }

        fn create(config: C, _ctx: &Ctx) -> Result<Self, Error> {
            Ok(Self(config))
        }

        fn iterate(&mut self) -> Result<Digest, Error> {
            Ok(size_of_val(&self.0).into())
        }

        fn verify(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Sized {
        length: usize,
        path: Option<String>,
    }

    impl Default for Sized {
        fn default() -> Self {
            Self {
                length: 8,
                path: None,
            }
        }
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct TooLarge {
        seed: u64,
    }

    impl Default for TooLarge {
        fn default() -> Self {
            Self { seed: u64::MAX }
        }
    }

    #[test]
    fn given_keys_are_laid_over_the_defaults() {
        let config = parse_config::<With<Sized>>("path = 'x'").unwrap();

        assert_eq!(
            config,
            Sized {
                length: 8,
                path: Some("x".to_owned())
            }
        );
    }

    #[test]
    fn unknown_keys_and_unfit_values_are_named() {
        let error = |text| parse_config::<With<Sized>>(text).unwrap_err().to_string();

        assert_eq!(
            error("lenght = 1"),
            "unknown parameter `lenght`; there are: length, path"
        );
        assert!(error("length = -1").starts_with("parameters (length): "));
        assert!(error("length =").starts_with("the parameters are not TOML: "));
    }

    #[test]
    fn a_config_without_data_takes_nothing_and_a_map_takes_anything() {
        type Map = std::collections::BTreeMap<String, i64>;

        assert!(parse_config::<With<()>>("").is_ok());
        let error = parse_config::<With<()>>("x = 1").unwrap_err().to_string();
        assert_eq!(error, "unknown parameter `x`; there are: none");
        assert_eq!(parse_config::<With<Map>>("x = 1").unwrap()["x"], 1);
    }

    #[test]
    fn a_default_that_toml_cannot_hold_is_told_and_not_forgotten() {
        let error = parse_config::<With<TooLarge>>("").unwrap_err().to_string();

        assert!(error.contains("TooLarge is no table of TOML"), "{error}");
    }
}
