//! Reads real recordings, all forms of them: contiguous floats, compressed counts with a scale, labels between.
//!
//! The files are not in the repository; `BENCHHOST_DATA` names the folder that has them under `signals/`.
//! Golden numbers: h5py 3.16.0 and numpy 2.4.6, values as float32, sums in float64.

use std::path::PathBuf;

use benchhost_support::signals::hdf5;

/// File, IDs, values, Σ|v|, Σ|v|·(index in the dataset mod 7).
const FILES: [(&str, usize, usize, f64, f64); 5] = [
    (
        "cwru_16x40000x3_f32.h5",
        16,
        1_920_000,
        243515.90141313133,
        730298.296666427,
    ),
    (
        "cwru_16x96000x3_i16_gzip.h5",
        16,
        4_608_000,
        584589.7652920414,
        1753237.9732854238,
    ),
    (
        "daphnet_3x7040x3_f32.h5",
        3,
        63_360,
        34764066.0,
        104099041.0,
    ),
    (
        "obspy_ground_motion_f32.h5",
        19,
        763_710,
        5034657715.189455,
        15104947283.39707,
    ),
    (
        "pigcvp_52x12000x1_f32.h5",
        52,
        624_000,
        2235799.05986826,
        6706870.32370045,
    ),
];

#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn present(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("BENCHHOST_DATA") else {
        eprintln!("skipped: {name} is absent because BENCHHOST_DATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join("signals").join(name);
    if !path.is_file() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

fn close(found: f64, golden: f64) -> bool {
    ((found - golden) / golden).abs() < 1e-9
}

#[test]
fn real_files_hold_what_h5py_finds_in_them() {
    for (name, ids, values, sum, weighted) in FILES {
        let Some(path) = present(name) else { continue };

        let signals = hdf5::read(&path).unwrap();

        let all = || {
            signals.ids.iter().flat_map(|id| {
                id.values
                    .iter()
                    .enumerate()
                    .map(|(i, v)| (i, f64::from(v.abs())))
            })
        };
        assert_eq!(signals.ids.len(), ids, "{name}");
        assert_eq!(all().count(), values, "{name}");
        assert!(close(all().map(|(_, v)| v).sum(), sum), "{name}");
        assert!(
            close(all().map(|(i, v)| v * (i % 7) as f64).sum(), weighted),
            "{name}"
        );
        assert_eq!(signals.bytes, path.metadata().unwrap().len(), "{name}");
    }
}

#[test]
fn the_labels_of_daphnet_are_noted_and_not_taken_for_a_signal() {
    let Some(path) = present("daphnet_3x7040x3_f32.h5") else {
        return;
    };

    let signals = hdf5::read(&path).unwrap();

    assert_eq!(
        signals.left_out,
        ["`is_anomaly` holds 8-bit labels, not a signal"]
    );
}
