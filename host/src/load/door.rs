//! By which door an opened plugin is entered.

use benchhost_plugin_api::abi::{PluginMod_Ref, c::Descriptor};

use super::process::Client;

/// The way into a plugin.
pub enum Door {
    /// The root module of a Rust plugin.
    Rust(PluginMod_Ref),
    /// The descriptor of a C plugin, checked.
    C(Box<Descriptor>),
    /// A process that has been started and described itself.
    Process(CommandLine),
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rust(_) => "Rust",
            Self::C(_) => "C",
            Self::Process(_) => "Process",
        })
    }
}

/// A plugin that is a process.
#[derive(Debug)]
pub struct CommandLine {
    /// Running, until an instance takes it.
    pub(super) client: Option<Client>,
}

impl CommandLine {
    /// The process for an instance: the one that is running, once; it makes a single instance in its life.
    pub(crate) fn take(&mut self) -> Option<Client> {
        self.client.take()
    }
}
