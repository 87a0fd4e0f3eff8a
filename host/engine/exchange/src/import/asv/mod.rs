//! asv (airspeed velocity): a results folder with `benchmarks.json`, `MACHINE/machine.json` and
//! `MACHINE/COMMIT-ENV.json`, results files of version 1 and 2.
//!
//! Each combination of parameters is a case, `name?n=10&kind='list'`. Value: asv's result, which is the median of its
//! samples; interval: its 99 % interval, when it is finite. `null` is a failed benchmark, `NaN` a skipped one: both
//! are entries without value. Unit and kind are those of `benchmarks.json`, else what asv's naming (`time_`, `mem_`,
//! `peakmem_`) says. A `track` benchmark has no direction: asv takes all of them for lower is better, which it cannot
//! know. Time: the commit's date.
//!
//! Environments are different things to measure. The first by name keeps the plain case, any other one of the same
//! machine has it as a parameter: `name?environment=py3.12-numpy2&n=10`. The label `environment` is always there.

mod read;
mod result;

pub(super) use read::read;
