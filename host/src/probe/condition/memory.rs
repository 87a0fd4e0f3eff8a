//! Memory: room, swap, size of pages, nodes.

use std::path::Path;

use super::{Known, file};
use crate::probe::text;

/// State of the memory.
#[derive(Debug, Clone)]
pub struct MemoryState {
    /// Memory of the machine, bytes.
    pub total_bytes: Known<u64>,
    /// What can be had without swapping, bytes.
    pub available_bytes: Known<u64>,
    /// Swap space, bytes, and how much of it is used, bytes.
    pub swap_bytes: Known<(u64, u64)>,
    /// How willingly the kernel swaps, 0–200.
    pub swappiness: Known<u32>,
    /// Transparent huge pages.
    pub huge_pages: Known<HugePages>,
    /// Nodes.
    pub numa: Known<Numa>,
}

/// When memory is given in pages of 2 MiB (x86) without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HugePages {
    /// To everybody, whenever there are some.
    Always,
    /// To those who ask with `madvise`.
    Madvise,
    /// To nobody.
    Never,
}

/// Memory nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Numa {
    /// How many there are.
    pub nodes: usize,
    /// Way to the farthest node by the way to one's own, by the firmware's table; 1 with one node.
    pub farthest: f64,
    /// Whether the kernel moves pages and threads between nodes by itself.
    pub balancing: Known<bool>,
}

impl MemoryState {
    pub(super) fn read(root: &Path) -> Self {
        let info = file::read(root, "proc/meminfo");
        let field = |key: &str| -> Known<u64> {
            let value = text::field(info.as_ref().map_err(Clone::clone)?, key);
            value
                .and_then(text::bytes)
                .ok_or_else(|| format!("/proc/meminfo has no {key}"))
        };
        Self {
            total_bytes: field("MemTotal"),
            available_bytes: field("MemAvailable"),
            swap_bytes: field("SwapTotal")
                .and_then(|total| Ok((total, total.saturating_sub(field("SwapFree")?)))),
            swappiness: file::read_as(root, "proc/sys/vm/swappiness"),
            huge_pages: huge_pages(root),
            numa: numa(root),
        }
    }
}

fn huge_pages(root: &Path) -> Known<HugePages> {
    let below = "sys/kernel/mm/transparent_hugepage/enabled";
    let text = file::read(root, below)?;
    match file::chosen(&text) {
        Some("always") => Ok(HugePages::Always),
        Some("madvise") => Ok(HugePages::Madvise),
        Some("never") => Ok(HugePages::Never),
        _ => Err(format!(
            "/{below} holds \"{text}\", which is not understood"
        )),
    }
}

fn numa(root: &Path) -> Known<Numa> {
    let base = "sys/devices/system/node";
    let names = file::names(root, base)?;
    let nodes: Vec<&String> = names
        .iter()
        .filter(|name| {
            name.strip_prefix("node")
                .is_some_and(|number| number.parse::<u32>().is_ok())
        })
        .collect();
    if nodes.is_empty() {
        return Err(format!("/{base} has no nodes"));
    }
    let ratios = nodes.iter().filter_map(|node| {
        let text = file::read(root, &format!("{base}/{node}/distance")).ok()?;
        let all: Vec<f64> = text
            .split_whitespace()
            .filter_map(|d| d.parse().ok())
            .collect();
        let largest = all.iter().copied().fold(f64::NAN, f64::max);
        let least = all.iter().copied().fold(f64::NAN, f64::min);
        (least > 0.0).then_some(largest / least)
    });
    Ok(Numa {
        nodes: nodes.len(),
        farthest: ratios.fold(1.0, f64::max),
        balancing: file::read_as::<u32>(root, "proc/sys/kernel/numa_balancing")
            .map(|value| value != 0),
    })
}
