//! The kernels as benchmarks of tango-bench.

use fixture_kernels::{
    allocation::Allocation, arithmetic::Arithmetic, branchy::Branchy, cache::Cache, kernel::Kernel,
};
use peers::{KERNELS, kernel};
use tango_bench::{Benchmark, IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn benchmark<K: Kernel>(name: &str) -> Benchmark {
    benchmark_fn(name, |bencher| {
        let (mut kernel, units) = kernel::<K>();
        bencher.iter(move || kernel.run(units))
    })
}

fn kernels() -> impl IntoBenchmarks {
    let [arithmetic, branchy, allocation, cache] = KERNELS;
    [
        benchmark::<Arithmetic>(arithmetic),
        benchmark::<Branchy>(branchy),
        benchmark::<Allocation>(allocation),
        benchmark::<Cache>(cache),
    ]
}

tango_benchmarks!(kernels());
