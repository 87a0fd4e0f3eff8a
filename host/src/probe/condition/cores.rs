//! Which of the CPUs that may be used share a core, and which are kept free of others.

use std::path::Path;

use super::{Known, file};

/// Hardware threads and cores.
#[derive(Debug, Clone)]
pub struct Cores {
    /// Each core with a CPU that may be used: all its online CPUs.
    pub siblings: Known<Vec<Vec<u32>>>,
    /// CPUs that the scheduler leaves alone.
    pub isolated: Known<Vec<u32>>,
}

impl Cores {
    pub(super) fn read(root: &Path, cpus: &[u32]) -> Self {
        Self {
            siblings: siblings(root, cpus),
            isolated: list(root, "sys/devices/system/cpu/isolated"),
        }
    }
}

fn siblings(root: &Path, cpus: &[u32]) -> Known<Vec<Vec<u32>>> {
    let mut cores = Vec::new();
    for cpu in cpus {
        let below = format!("sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
        let core = list(root, &below)?;
        if !cores.contains(&core) {
            cores.push(core);
        }
    }
    if cores.is_empty() {
        return Err("it is not known which CPUs may be used".to_owned());
    }
    Ok(cores)
}

fn list(root: &Path, below: &str) -> Known<Vec<u32>> {
    let text = file::read(root, below)?;
    file::numbers(&text).ok_or_else(|| format!("/{below} holds \"{text}\", no list of CPUs"))
}
