//! A management library of NVIDIA's that says what a test wants.

use std::path::{Path, PathBuf};

use super::cargo::{fixture_example, plugin};

/// A copy of the library, with the file that says what it answers.
pub(crate) struct FakeNvml {
    folder: tempfile::TempDir,
}

/// Which functions the library has.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    /// All that are called.
    Current,
    /// None for energy, throttling, fields and process lists.
    Old,
    /// Not even the first.
    NotOne,
}

impl FakeNvml {
    pub(crate) fn new(driver: Driver) -> Self {
        let library = match driver {
            Driver::Current => plugin("fixture-nvml"),
            Driver::Old => fixture_example("fixture-nvml", "nvml_old_driver"),
            Driver::NotOne => fixture_example("fixture-nvml", "nvml_no_init"),
        };
        let folder = tempfile::tempdir().unwrap();
        let fake = Self { folder };
        // A copy: the dynamic linker takes two names of one file for one library.
        std::fs::copy(library, fake.library()).unwrap();
        fake
    }

    /// A current driver that says `script`.
    pub(crate) fn saying(script: &str) -> Self {
        let fake = Self::new(Driver::Current);
        fake.says(script);
        fake
    }

    /// Where the library lies.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.path().join("libnvidia-ml.so.1")
    }

    /// From now on the library answers so: tests/fixtures/nvml/README.md.
    pub(crate) fn says(&self, script: &str) {
        let path = beside(&self.library(), "script");
        std::fs::write(path, script).unwrap();
    }

    /// How often the function was called; the script must have `log`.
    pub(crate) fn calls(&self, function: &str) -> usize {
        let calls = std::fs::read_to_string(beside(&self.library(), "calls")).unwrap_or_default();
        calls.lines().filter(|line| *line == function).count()
    }
}

fn beside(library: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", library.display()))
}

/// Lines of a GPU that answers everything, with some of the lines changed, or left out when the new value is empty.
pub(crate) fn gpu(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("name", "NVIDIA H200"),
        ("uuid", "GPU-0000"),
        ("memory_total_bytes", "150754820096"),
        ("memory_used_bytes", "3000000000"),
        ("busy_percent", "80"),
        ("memory_busy_percent", "20"),
        ("instant_power_mw", "300000"),
        ("power_mw", "290000"),
        ("energy_mj", "5000000"),
        ("clock_mhz", "1755"),
        ("memory_clock_mhz", "2619"),
        ("temperature_c", "61"),
        ("throttling", "0"),
    ];
    let is_changed = |key: &str| changes.iter().any(|(changed, _)| *changed == key);
    let kept = usual.iter().filter(|(key, _)| !is_changed(key));
    let added = changes.iter().filter(|(_, value)| !value.is_empty());
    let lines = kept
        .chain(added)
        .map(|(key, value)| format!("{key} {value}\n"));
    format!("gpu\n{}", lines.collect::<String>())
}
