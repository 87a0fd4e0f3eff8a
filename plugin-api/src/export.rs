//! What `export_plugin!` expands to: the table of workloads, the root module, the manifest section.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Serialize, de::DeserializeOwned};

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
    let defaults = defaults::<W::Config>();
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
        params,
        metrics: description.metrics,
    }
}

fn defaults<C: Serialize + Default>() -> toml::Table {
    toml::Table::try_from(C::default()).unwrap_or_default()
}

/// The default config with the keys of `text` laid over it.
pub(crate) fn parse_config<C: Serialize + DeserializeOwned + Default>(
    text: &str,
) -> Result<C, Error> {
    let given: toml::Table = toml::from_str(text)
        .map_err(|error| Error::config(format!("the parameters are not TOML: {error}")))?;
    let mut table = defaults::<C>();
    let keys: Vec<String> = given.keys().cloned().collect();
    table.extend(given);
    C::deserialize(table).map_err(|error: toml::de::Error| {
        let message = error.message().trim().to_owned();
        Error::config(format!("parameters ({}): {message}", keys.join(", ")))
    })
}

/// Makes a shared library a benchhost plugin. Use once, in the root of a `cdylib` crate.
///
/// `name` is the plugin's name on the command line and in results; `summary` one sentence; `allocator` the name
/// of the `#[global_allocator]` if the plugin brings one, because it is part of what is measured.
///
/// ```
/// # use benchhost_plugin_api::prelude::*;
/// # struct Nothing;
/// # impl Workload for Nothing {
/// #     type Config = std::collections::BTreeMap<String, i64>;
/// #     fn create(_: Self::Config, _: &Ctx) -> Result<Self, Error> { Ok(Self) }
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
