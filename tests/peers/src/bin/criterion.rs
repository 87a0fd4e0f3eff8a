//! The kernels as benchmarks of criterion.

use criterion::Criterion;
use fixture_kernels::{
    allocation::Allocation, arithmetic::Arithmetic, branchy::Branchy, cache::Cache, kernel::Kernel,
};
use peers::{KERNELS, kernel};

fn benchmark<K: Kernel>(criterion: &mut Criterion, name: &str) {
    criterion.bench_function(name, |bencher| {
        let (mut kernel, units) = kernel::<K>();
        bencher.iter(|| kernel.run(units));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let [arithmetic, branchy, allocation, cache] = KERNELS;
    benchmark::<Arithmetic>(&mut criterion, arithmetic);
    benchmark::<Branchy>(&mut criterion, branchy);
    benchmark::<Allocation>(&mut criterion, allocation);
    benchmark::<Cache>(&mut criterion, cache);
    criterion.final_summary();
}
