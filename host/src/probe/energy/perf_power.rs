//! Energy counters of the sockets, through the kernel's performance events (the PMU `power`).
//!
//! The second choice: the same counters as in powercap, 64 bits wide, open to `CAP_PERFMON` instead of root. What the
//! events are is read from `/sys`; the crate `perf-event2` makes the one system call, which is `unsafe`.

use std::{io, path::Path};

use perf_event::{Builder, events::Dynamic};

use super::meter::{Meter, Metered, sum_of_all};
use crate::probe::text;

const PACKAGE: &str = "energy-pkg";
const DRAM: &str = "energy-ram";

/// One open counter.
pub(super) trait Count: Send {
    fn read(&mut self) -> io::Result<u64>;
}

/// Opens event `name` of the PMU on a CPU, for all processes.
pub(super) type Opener = fn(name: &str, cpu: u32) -> io::Result<Box<dyn Count>>;

/// Counters of one machine.
pub(super) struct PerfPower {
    package: Vec<Event>,
    dram: Vec<Event>,
    so_far: Metered,
}

struct Event {
    count: Box<dyn Count>,
    scale_j: f64,
    first: Option<u64>,
}

impl PerfPower {
    /// Finds the PMU below `root` and opens its counters on one CPU of each socket.
    ///
    /// # Errors
    /// A sentence: there is none, it cannot be understood, or it may not be opened, and what to do.
    pub(super) fn open(root: &Path, opener: Opener) -> Result<Self, String> {
        let folder = root.join("sys/bus/event_source/devices/power");
        let cpus = text::read(folder.join("cpumask")).ok_or_else(|| {
            format!(
                "perf: {} has no `cpumask`: the CPU counts no energy, or a virtual machine hides it",
                folder.display()
            )
        })?;
        let cpus = text::cpu_list(&cpus)
            .filter(|cpus| !cpus.is_empty())
            .ok_or_else(|| {
                let file = folder.join("cpumask");
                format!(
                    "perf: {} holds `{cpus}`, expected CPUs like `0,18`",
                    file.display()
                )
            })?;
        let open_all = |name: &str| -> Result<Vec<Event>, String> {
            let scale_j = scale_j(&folder, name)?;
            let open = |cpu: &u32| match opener(name, *cpu) {
                Ok(count) => Ok(Event {
                    count,
                    scale_j,
                    first: None,
                }),
                Err(error) => Err(refusal(name, *cpu, &error)),
            };
            cpus.iter().map(open).collect()
        };
        let has_dram = folder.join("events").join(DRAM).exists();
        Ok(Self {
            package: open_all(PACKAGE)?,
            dram: if has_dram {
                open_all(DRAM)?
            } else {
                Vec::new()
            },
            so_far: Metered::default(),
        })
    }
}

impl Meter for PerfPower {
    fn source(&self) -> String {
        format!("perf power/{PACKAGE}/")
    }

    fn dram_source(&self) -> Option<String> {
        (!self.dram.is_empty()).then(|| format!("perf power/{DRAM}/"))
    }

    fn resolution(&self) -> &'static str {
        "0.23 nJ in the count, 15 or 61 µJ every 1 ms in the counter"
    }

    fn begin(&mut self) {
        for event in self.package.iter_mut().chain(&mut self.dram) {
            event.first = event.count.read().ok();
        }
        self.so_far = Metered {
            package_j: Some(0.0),
            dram_j: Some(0.0),
        };
    }

    fn poll(&mut self, _elapsed_ns: u64) {
        self.so_far = self.read();
    }

    fn so_far(&self) -> Metered {
        self.so_far
    }

    fn end(&mut self, _elapsed_ns: u64) -> Metered {
        self.read()
    }
}

impl PerfPower {
    fn read(&mut self) -> Metered {
        Metered {
            package_j: sum_of_all(self.package.iter_mut().map(Event::since_begin_j)),
            dram_j: sum_of_all(self.dram.iter_mut().map(Event::since_begin_j)),
        }
    }
}

impl Event {
    fn since_begin_j(&mut self) -> Option<f64> {
        let now = self.count.read().ok()?;
        let counted = now.checked_sub(self.first?)?;
        Some(counted as f64 * self.scale_j)
    }
}

/// Joules of one count: 2⁻³² on every machine so far, but the kernel says it.
fn scale_j(folder: &Path, name: &str) -> Result<f64, String> {
    let read = |end: &str| {
        let file = folder.join("events").join(format!("{name}{end}"));
        text::read(&file).ok_or_else(|| format!("perf: {} cannot be read", file.display()))
    };
    read("")?;
    let (unit, scale) = (read(".unit")?, read(".scale")?);
    match scale.parse::<f64>() {
        Ok(scale_j) if unit == "Joules" && scale_j.is_finite() && scale_j > 0.0 => Ok(scale_j),
        _ => Err(format!(
            "perf: power/{name}/ counts in `{scale}` `{unit}`, expected a number of `Joules`"
        )),
    }
}

/// Why an event cannot be opened, and what to do.
fn refusal(name: &str, cpu: u32, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "perf: power/{name}/ on CPU {cpu} may not be opened ({error}): give the program CAP_PERFMON, or set \
             kernel.perf_event_paranoid to 0 or less with sysctl"
        ),
        _ => format!("perf: power/{name}/ on CPU {cpu} cannot be opened: {error}"),
    }
}

/// Opens an event of the machine this runs on.
pub(super) fn open_event(name: &str, cpu: u32) -> io::Result<Box<dyn Count>> {
    let mut event = Dynamic::builder("power")?;
    event.event(name)?;
    let event = event.build().map_err(io::Error::other)?;
    // The PMU counts everything or nothing: it refuses events that leave a part out.
    let mut counter = Builder::new(event)
        .any_pid()
        .one_cpu(cpu as usize)
        .exclude_kernel(false)
        .exclude_hv(false)
        .build()?;
    counter.enable()?;
    Ok(Box::new(counter))
}

impl Count for perf_event::Counter {
    fn read(&mut self) -> io::Result<u64> {
        Self::read(self)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        sync::atomic::{AtomicU64, Ordering},
    };

    use tempfile::TempDir;

    use super::*;

    const SCALE: &str = "2.3283064365386962890625e-10";

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let tree = tempfile::tempdir().unwrap();
        let folder = tree.path().join("sys/bus/event_source/devices/power");
        fs::create_dir_all(folder.join("events")).unwrap();
        for (file, content) in files {
            fs::write(folder.join(file), format!("{content}\n")).unwrap();
        }
        tree
    }

    fn server() -> TempDir {
        tree(&[
            ("cpumask", "0,18"),
            ("events/energy-pkg", "event=0x02"),
            ("events/energy-pkg.unit", "Joules"),
            ("events/energy-pkg.scale", SCALE),
            ("events/energy-ram", "event=0x03"),
            ("events/energy-ram.unit", "Joules"),
            ("events/energy-ram.scale", SCALE),
        ])
    }

    /// Grows by `step` counts with each look.
    struct Growing {
        shown: AtomicU64,
        step: u64,
    }

    impl Count for Growing {
        fn read(&mut self) -> io::Result<u64> {
            Ok(self.shown.fetch_add(self.step, Ordering::Relaxed))
        }
    }

    fn growing(name: &str, cpu: u32) -> io::Result<Box<dyn Count>> {
        // 4 J a look on CPU 0, 2 J on CPU 18; memory a quarter.
        let joules = if cpu == 0 { 4 } else { 2 };
        let step = joules << if name == DRAM { 30 } else { 32 };
        Ok(Box::new(Growing {
            shown: AtomicU64::new(77),
            step,
        }))
    }

    #[test]
    fn one_cpu_of_each_socket_is_counted_in_the_kernels_unit() {
        let tree = server();
        let mut meter = PerfPower::open(tree.path(), growing).unwrap();

        meter.begin();
        let found = meter.end(1);

        assert_eq!((found.package_j, found.dram_j), (Some(6.0), Some(1.5)));
        assert_eq!(meter.source(), "perf power/energy-pkg/");
        assert_eq!(meter.dram_source().unwrap(), "perf power/energy-ram/");
    }

    #[test]
    fn a_count_that_fails_or_goes_backwards_is_left_out() {
        struct Falling(u64);
        impl Count for Falling {
            fn read(&mut self) -> io::Result<u64> {
                self.0 -= 1;
                Ok(self.0)
            }
        }
        struct Broken;
        impl Count for Broken {
            fn read(&mut self) -> io::Result<u64> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let open: Opener = |name, _| {
            let is_dram = name == DRAM;
            Ok(if is_dram {
                Box::new(Broken)
            } else {
                Box::new(Falling(9))
            })
        };
        let tree = server();
        let mut meter = PerfPower::open(tree.path(), open).unwrap();

        meter.begin();

        assert_eq!(meter.end(1), Metered::default());
    }

    #[test]
    fn what_cannot_be_opened_is_a_sentence() {
        let denied: Opener = |_, _| Err(io::ErrorKind::PermissionDenied.into());
        let of = |tree: &TempDir, opener| PerfPower::open(tree.path(), opener).err().unwrap();
        let odd = |unit, scale| {
            tree(&[
                ("cpumask", "0"),
                ("events/energy-pkg", "event=0x02"),
                ("events/energy-pkg.unit", unit),
                ("events/energy-pkg.scale", scale),
            ])
        };

        let sentence = of(&server(), denied);
        for part in [
            "power/energy-pkg/",
            "CAP_PERFMON",
            "kernel.perf_event_paranoid",
        ] {
            assert!(sentence.contains(part), "{sentence}");
        }
        assert!(of(&tree(&[]), growing).contains("has no `cpumask`"));
        assert!(of(&tree(&[("cpumask", "a-b")]), growing).contains("expected CPUs like"));
        assert!(of(&tree(&[("cpumask", "0")]), growing).contains("energy-pkg cannot be read"));
        assert!(of(&odd("Watts", SCALE), growing).contains("expected a number of `Joules`"));
        assert!(of(&odd("Joules", "-1"), growing).contains("expected a number of `Joules`"));
    }

    #[test]
    fn an_event_that_this_machine_does_not_have_is_an_error_and_no_panic() {
        assert!(open_event("no-such-event", 0).is_err());
    }
}
