//! Memory shared by host and worker: phase, heartbeat, stop word, crash record, samples.
//!
//! Samples are written here, not sent: no system call between two of them, and whatever was written survives the
//! death of the worker. Everything is a 64-bit atomic word, so that any torn or hostile content is a wrong number
//! at worst, never undefined behaviour.

#![allow(
    unsafe_code,
    reason = "a shared mapping is reached through raw pointers"
)]

use std::{
    io,
    os::fd::OwnedFd,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use benchhost_record::{CrashReport, Phase};
use memmap2::MmapRaw;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

const MAGIC: u64 = u64::from_le_bytes(*b"BHPAGE01");

/// Words of the header; one word a cache line would be tidier for sharing, but the host reads ten times a second.
mod word {
    pub(super) const MAGIC: usize = 0;
    pub(super) const SAMPLE_CAPACITY: usize = 1;
    pub(super) const VALUE_CAPACITY: usize = 2;
    pub(super) const PHASE: usize = 3;
    pub(super) const PROGRESS: usize = 4;
    pub(super) const STOP: usize = 5;
    pub(super) const SAMPLES: usize = 6;
    pub(super) const VALUES: usize = 7;
    pub(super) const CRASH: usize = 8;
    pub(super) const MEASURED: usize = 13;
    pub(super) const HEADER: usize = 64;
}

/// Words of the crash record, from `word::CRASH`.
const CRASH_WORDS: usize = 5;
const SAMPLE_WORDS: usize = 6;
const YARDSTICK_WORD: usize = 5;
const VALUE_WORDS: usize = 2;

/// One sample as it stands in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SampleRecord {
    /// Iterations in the timed block.
    pub iterations: u64,
    /// Wall-clock time of the block.
    pub elapsed_ns: u64,
    /// CPU time of all threads of the process during the block.
    pub cpu_ns: u64,
    /// Page faults during the block.
    pub faults: u64,
    /// Times the CPU was taken away during the block.
    pub preemptions: u64,
    /// What the yardstick read around the block, in thousandths; 0 when nobody looked.
    pub yardstick: u64,
}

/// One value of one metric as it stands in the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueRecord {
    /// Index of the sample it belongs to.
    pub sample: u32,
    /// Number of the metric, as announced by `FromWorker::MetricName`.
    pub metric: u32,
    /// The value.
    pub value: f64,
}

/// The mapped page.
#[derive(Debug)]
pub struct Page {
    map: MmapRaw,
}

impl Page {
    /// Makes a page with room for `samples` samples and `values` metric values. Memory is taken only when touched.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn create(samples: u64, values: u64) -> io::Result<(Self, OwnedFd)> {
        let fd = memfd_create(
            "benchhost-page",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        let words =
            word::HEADER as u64 + samples * SAMPLE_WORDS as u64 + values * VALUE_WORDS as u64;
        ftruncate(&fd, words * 8)?;
        // A plugin that finds the descriptor must not take the memory away from under the host.
        fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let page = Self {
            map: MmapRaw::map_raw(&fd)?,
        };
        page.set(word::MAGIC, MAGIC);
        page.set(word::SAMPLE_CAPACITY, samples);
        page.set(word::VALUE_CAPACITY, values);
        Ok((page, fd))
    }

    /// Maps the page that the host made.
    ///
    /// # Errors
    /// What the kernel says, or that `fd` is not such a page.
    pub fn open(fd: &OwnedFd) -> io::Result<Self> {
        let page = Self {
            map: MmapRaw::map_raw(fd)?,
        };
        if page.words().len() < word::HEADER || page.get(word::MAGIC) != MAGIC {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a benchhost page",
            ));
        }
        Ok(page)
    }

    fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is as long as `map.len()` says, page-aligned, and lives as long as `self`; atomics
        // may be shared with another process, and any bit pattern is a valid `AtomicU64`.
        unsafe { std::slice::from_raw_parts(self.map.as_mut_ptr().cast(), self.map.len() / 8) }
    }

    fn get(&self, index: usize) -> u64 {
        self.words()[index].load(Relaxed)
    }

    fn set(&self, index: usize, value: u64) {
        self.words()[index].store(value, Relaxed);
    }

    /// Where the worker is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        u32::try_from(self.get(word::PHASE))
            .ok()
            .and_then(Phase::from_number)
            .unwrap_or(Phase::Spawn)
    }

    /// Says where the worker is.
    pub fn set_phase(&self, phase: Phase) {
        self.set(word::PHASE, phase as u64);
    }

    /// The process that is measured instead of the worker: that of a plugin which is one.
    #[must_use]
    pub fn measured_process(&self) -> Option<u32> {
        u32::try_from(self.get(word::MEASURED))
            .ok()
            .filter(|pid| *pid != 0)
    }

    /// Says that process `pid` is measured instead of the worker.
    pub fn measure_process(&self, pid: u32) {
        self.set(word::MEASURED, u64::from(pid));
    }

    /// Heartbeat: grows while the worker makes progress.
    #[must_use]
    pub fn progress(&self) -> &AtomicU64 {
        &self.words()[word::PROGRESS]
    }

    /// Stop word: not 0 when the host wants the worker to come to an end.
    #[must_use]
    pub fn stop(&self) -> &AtomicU32 {
        let word: *const AtomicU64 = &raw const self.words()[word::STOP];
        // SAFETY: the first half of a live, aligned 64-bit atomic, only ever used as this 32-bit atomic.
        unsafe { &*word.cast::<AtomicU32>() }
    }

    /// Words of the crash record, for the signal handler, which may do little more than store integers.
    #[must_use]
    pub fn crash_words(&self) -> &[AtomicU64] {
        &self.words()[word::CRASH..word::CRASH + CRASH_WORDS]
    }

    /// What the signal handler wrote, if it ran.
    #[must_use]
    pub fn crash(&self) -> Option<CrashReport> {
        let [signal, code, address, instruction, phase] = self.crash_words() else {
            return None;
        };
        let signal = signal.load(Relaxed) as i32;
        (signal != 0).then(|| CrashReport {
            signal,
            code: code.load(Relaxed) as i32,
            address: address.load(Relaxed),
            instruction: instruction.load(Relaxed),
            phase: Phase::from_number(phase.load(Relaxed) as u32).unwrap_or(Phase::Spawn),
        })
    }

    /// How many samples were taken.
    #[must_use]
    pub fn sample_count(&self) -> u64 {
        self.get(word::SAMPLES)
            .min(self.get(word::SAMPLE_CAPACITY))
            .min(self.sample_room())
    }

    /// Adds a sample; `false` when there is no room.
    #[must_use]
    pub fn push_sample(&self, sample: SampleRecord) -> bool {
        let index = self.get(word::SAMPLES);
        if index >= self.get(word::SAMPLE_CAPACITY) {
            return false;
        }
        let at = word::HEADER + index as usize * SAMPLE_WORDS;
        let fields = [
            sample.iterations,
            sample.elapsed_ns,
            sample.cpu_ns,
            sample.faults,
            sample.preemptions,
            sample.yardstick,
        ];
        for (offset, value) in fields.into_iter().enumerate() {
            self.set(at + offset, value);
        }
        self.set(word::SAMPLES, index + 1);
        true
    }

    /// Writes what the yardstick read into the `samples` before the last `newer` ones.
    pub fn settle(&self, samples: usize, newer: usize, yardstick: u64) {
        let count = (self.sample_count() as usize).saturating_sub(newer);
        for index in count.saturating_sub(samples)..count {
            self.set(
                word::HEADER + index * SAMPLE_WORDS + YARDSTICK_WORD,
                yardstick,
            );
        }
    }

    /// Adds a metric value; `false` when there is no room.
    #[must_use]
    pub fn push_value(&self, value: ValueRecord) -> bool {
        let index = self.get(word::VALUES);
        if index >= self.get(word::VALUE_CAPACITY) {
            return false;
        }
        let at = self.values_start() + index as usize * VALUE_WORDS;
        self.set(at, u64::from(value.sample) | u64::from(value.metric) << 32);
        self.set(at + 1, value.value.to_bits());
        self.set(word::VALUES, index + 1);
        true
    }

    /// The samples taken so far. Bounded by the mapping, whatever the counters say.
    #[must_use]
    pub fn samples(&self) -> Vec<SampleRecord> {
        let count = self.sample_count() as usize;
        self.words()[word::HEADER..]
            .chunks_exact(SAMPLE_WORDS)
            .take(count)
            .map(|words| SampleRecord {
                iterations: words[0].load(Relaxed),
                elapsed_ns: words[1].load(Relaxed),
                cpu_ns: words[2].load(Relaxed),
                faults: words[3].load(Relaxed),
                preemptions: words[4].load(Relaxed),
                yardstick: words[5].load(Relaxed),
            })
            .collect()
    }

    /// The metric values so far.
    #[must_use]
    pub fn values(&self) -> Vec<ValueRecord> {
        let count = self.get(word::VALUES) as usize;
        let words = self.words().get(self.values_start()..).unwrap_or_default();
        words
            .chunks_exact(VALUE_WORDS)
            .take(count)
            .map(|pair| {
                let ids = pair[0].load(Relaxed);
                ValueRecord {
                    sample: ids as u32,
                    metric: (ids >> 32) as u32,
                    value: f64::from_bits(pair[1].load(Relaxed)),
                }
            })
            .collect()
    }

    fn values_start(&self) -> usize {
        let samples = self.get(word::SAMPLE_CAPACITY).min(self.sample_room()) as usize;
        word::HEADER + samples * SAMPLE_WORDS
    }

    fn sample_room(&self) -> u64 {
        ((self.words().len() - word::HEADER) / SAMPLE_WORDS) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_see_the_same_samples_and_values() {
        let (host, fd) = Page::create(3, 2).unwrap();
        let worker = Page::open(&fd).unwrap();
        let sample = SampleRecord {
            iterations: 7,
            elapsed_ns: 9,
            ..SampleRecord::default()
        };
        let value = ValueRecord {
            sample: 1,
            metric: 2,
            value: -0.5,
        };

        worker.set_phase(Phase::Measure);
        for _ in 0..3 {
            assert!(worker.push_sample(sample));
        }
        assert!(!worker.push_sample(sample), "a full page takes no more");
        assert!(worker.push_value(value));

        assert_eq!(host.phase(), Phase::Measure);
        assert_eq!(host.samples(), [sample; 3]);
        assert_eq!(host.values(), [value]);
        assert_eq!(host.crash(), None);
    }

    #[test]
    fn nobody_can_take_the_memory_away_from_under_the_host() {
        let (host, fd) = Page::create(3, 2).unwrap();

        assert!(ftruncate(&fd, 0).is_err() && ftruncate(&fd, 1 << 20).is_err());
        assert_eq!(host.sample_count(), 0);
    }

    #[test]
    fn lying_counters_cannot_lead_the_host_outside_the_mapping() {
        let (host, fd) = Page::create(2, 2).unwrap();
        let plugin = Page::open(&fd).unwrap();

        for index in 1..word::HEADER {
            plugin.set(index, u64::MAX);
        }

        assert!(host.samples().len() * SAMPLE_WORDS <= host.words().len());
        assert!(host.values().len() * VALUE_WORDS <= host.words().len());
        assert_eq!(host.phase(), Phase::Spawn);
    }
}
