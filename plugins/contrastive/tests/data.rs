//! `data` and `hdf5` as their user sees them. Each run ends with the workload's own `verify`.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Report, bench};
use contrastive::{Data, Hdf5};

fn data(params: &str) -> Report {
    let params = format!("ids = 12\nlength = 300\nwindow = 64\n{params}");
    bench::<Data>()
        .params(&params)
        .iterations(3)
        .run()
        .unwrap_or_else(|e| panic!("{params}: {e}"))
}

#[test]
fn each_synthetic_signal_is_generated_and_proved() {
    for signals in ["simple", "medium", "complex"] {
        let report = data(&format!("stage = 'generate'\nsignals = '{signals}'"));

        assert_eq!(
            (report.work.items, report.work.item.as_str()),
            (3600.0, "samples")
        );
        assert_eq!(report.work.bytes, 4.0 * 3600.0);
    }
}

#[test]
fn windows_of_each_strategy_are_counted_and_proved() {
    for (params, windows) in [
        ("strategy = 'random'\ncount = 5", 60.0),
        ("strategy = 'sequential'\ncount = 100", 12.0 * 8.0),
        (
            "strategy = 'sequential'\ncount = 100\nstride = 64",
            12.0 * 4.0,
        ),
        ("strategy = 'evenly_spaced'\ncount = 7", 84.0),
        ("strategy = 'evenly_spaced'\ncount = 1", 12.0),
        ("signals = 'ground-motion'\nchannels = 3\ncount = 2", 32.0),
    ] {
        let report = data(&format!("stage = 'windows'\n{params}"));

        assert_eq!(
            (report.work.items, report.work.item.as_str()),
            (windows, "windows"),
            "{params}"
        );
    }
}

#[test]
fn batches_hold_the_windows_they_say_they_hold() {
    for params in [
        "batch = 8",
        "batch = 20\nrepeat-ids = true",
        "signals = 'ground-motion'\nchannels = 3",
    ] {
        let report = data(&format!("stage = 'batch'\n{params}"));

        assert_eq!(report.work.item, "samples");
        assert!(report.work.bytes > 0.0);
    }
    assert_eq!(
        data("stage = 'batch'\nbatch = 8").work.bytes,
        (2 * 2 * 4 * 8 * 64) as f64
    );
}

#[test]
fn what_cannot_work_is_refused() {
    for (params, sentence) in [
        (
            "stage = 'generate'\nsignals = 'ground-motion'",
            "stage \"generate\" makes synthetic signals, but signals is \"ground-motion\", expected \"simple\", \
             \"medium\" or \"complex\"",
        ),
        (
            "length = 100\nwindow = 200",
            "no ID of synthetic signal \"simple\" has a window of 200 samples: the longest has 100",
        ),
        ("count = 0", "count is 0, expected at least 1"),
    ] {
        let failure = bench::<Data>().params(params).run().unwrap_err();

        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
}

#[test]
fn a_short_id_is_left_out_of_the_windows_and_said() {
    let report = bench::<Data>()
        .params("signals = 'ground-motion'\nwindow = 4000")
        .run()
        .unwrap();

    assert!(
        report.log[0].contains("`MBBE` has 3675 samples, window is 4000"),
        "{:?}",
        report.log
    );
}

#[test]
fn the_plugins_own_file_is_read_warm_and_cold() {
    for cache in ["warm", "cold"] {
        let report = bench::<Hdf5>()
            .params(format!("cache = '{cache}'"))
            .iterations(2)
            .run()
            .unwrap();

        assert_eq!((report.work.bytes, report.work.items), (3_071_224.0, 19.0));
        assert_eq!(report.work.item, "IDs");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_sentence() {
    let synthetic = bench::<Hdf5>()
        .params("signals = 'simple'")
        .run()
        .unwrap_err();
    assert_eq!(synthetic.code, status::CONFIG);
    assert!(
        synthetic.message.contains("made and not read"),
        "{}",
        synthetic.message
    );

    let text = bench::<Hdf5>()
        .params("signals = 'Cargo.toml'")
        .run()
        .unwrap_err();
    assert_eq!(text.code, status::CONFIG);
    assert!(
        text.message
            .starts_with("signals file Cargo.toml is not HDF5: no HDF5 signature in its"),
        "{}",
        text.message
    );
}
