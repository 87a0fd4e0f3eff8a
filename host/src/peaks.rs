//! The roofs of machines in a file beside the history, by the fingerprint of the machine.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use benchhost_record::{CaseResult, MachinePeaks, ParamValue, Roofline, names};
use benchhost_stats::scaling::{Peaks, roofline};

/// Name of the file.
const FILE: &str = "peaks.json";

/// Where the roofs are when the history is at `history`.
#[must_use]
pub fn beside(history: &Path) -> PathBuf {
    history.with_file_name(FILE)
}

/// The roofs of the machine with this fingerprint; `None` when they were never measured, or cannot be read.
#[must_use]
pub fn read(path: &Path, fingerprint: &str) -> Option<MachinePeaks> {
    all(path).ok()?.remove(fingerprint)
}

fn all(path: &Path) -> io::Result<BTreeMap<String, MachinePeaks>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Keeps the roofs of a machine; those of others stay. The file is replaced in one step.
///
/// # Errors
/// What the system says, and that the file there is none of ours: it is then left alone.
pub fn write(path: &Path, fingerprint: &str, peaks: MachinePeaks) -> io::Result<()> {
    let mut known = all(path)?;
    known.insert(fingerprint.to_owned(), peaks);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(serde_json::to_string_pretty(&known)?.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// How near a case came to the roofs of its machine; `None` without a time, without declared work, or on another device than
/// the processor.
#[must_use]
pub fn of_case(result: &CaseResult, peaks: &MachinePeaks) -> Option<Roofline> {
    let case = &result.case;
    if !result.outcome.is_ok() || case.device != "cpu" || result.search.is_some() {
        return None;
    }
    let work = result.work.as_ref()?;
    let time = result
        .measurements
        .iter()
        .find(|m| m.metric.name == names::TIME)?;
    let seconds = time.summary.as_ref()?.median * 1e-9;
    let level = peaks.level(case.all_threads())?;
    let dtype = match case.params.get("dtype") {
        Some(ParamValue::Text(dtype)) => dtype.as_str(),
        _ => "f32",
    };
    let roofs = Peaks {
        flop_per_s: level.flops(dtype),
        bytes_per_s: level.bytes_per_s,
    };
    let declared = |amount: f64| (amount > 0.0).then_some(amount);
    roofline(declared(work.flop), declared(work.bytes), seconds, roofs).ok()
}

#[cfg(test)]
mod tests {
    use benchhost_record::PeakLevel;

    use super::*;

    fn peaks(bytes_per_s: f64) -> MachinePeaks {
        MachinePeaks {
            levels: vec![PeakLevel {
                threads: 1,
                bytes_per_s: Some(bytes_per_s),
                ..PeakLevel::default()
            }],
            ..MachinePeaks::default()
        }
    }

    #[test]
    fn each_machine_has_its_own_roofs_and_foreign_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = beside(&folder.path().join("deep/history.db"));

        assert_eq!(read(&path, "a"), None);
        write(&path, "a", peaks(1.0)).unwrap();
        write(&path, "b", peaks(2.0)).unwrap();
        write(&path, "a", peaks(3.0)).unwrap();

        assert_eq!(read(&path, "a"), Some(peaks(3.0)));
        assert_eq!(read(&path, "b"), Some(peaks(2.0)));
        fs::write(&path, "not ours").unwrap();
        assert!(write(&path, "a", peaks(1.0)).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "not ours");
    }
}
