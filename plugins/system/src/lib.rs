//! What a machine can do, apart from any model: the roofs and floors that other numbers are held against.
//!
//! One file or folder a workload: [`Stream`] (memory bandwidth), [`CacheLadder`] (latency by size), [`Allocate`] and
//! [`Leak`] (the allocator), [`Contention`] (threads in each other's way), [`Gemm`] and [`Elementwise`] (arithmetic), [`Disk`],
//! [`Loopback`]. Parameters, work and caveats are in this folder's README. Nothing here needs a network or privileges.

mod allocate;
mod cache_ladder;
mod contention;
mod disk;
mod elementwise;
mod gemm;
mod leak;
mod loopback;
mod order;
mod parameter;
mod stream;
mod team;
mod trend;

use benchhost_plugin_api::export_plugin;

pub use allocate::{Allocate, AllocateConfig, Pattern};
pub use cache_ladder::{CacheLadder, CacheLadderConfig};
pub use contention::{Contention, ContentionConfig, Kind};
pub use disk::{Cache, Disk, DiskConfig, Operation};
pub use elementwise::{Elementwise, ElementwiseConfig, ElementwiseImplementation, Function};
pub use gemm::{DType, Gemm, GemmConfig};
pub use leak::{Leak, LeakConfig};
pub use loopback::{Exchange, Loopback, LoopbackConfig};
pub use stream::{Kernel, Stream, StreamConfig};

export_plugin! {
    name: "system",
    summary: "What a machine can do: memory, caches, allocation, contention, arithmetic, disk, loopback network.",
    allocator: "system",
    workloads: {
        "triad" => Stream,
        "cache-ladder" => CacheLadder,
        "allocate" => Allocate,
        "leak" => Leak,
        "contention" => Contention,
        "gemm" => Gemm,
        "elementwise" => Elementwise,
        "disk" => Disk,
        "loopback" => Loopback,
    },
}
