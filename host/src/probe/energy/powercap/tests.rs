//! Fake trees of powercap files, as seen on servers and laptops, and broken ones.

use tempfile::TempDir;

use super::*;

/// A fake `/sys/class/powercap`.
struct Tree(TempDir);

impl Tree {
    /// Zones by folder, name, `energy_uj` and `max_energy_range_uj`.
    fn new(zones: &[(&str, &str, &str, Option<&str>)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (zone, label, energy_uj, range_uj) in zones {
            fs::create_dir(tree.0.path().join(zone)).unwrap();
            tree.write(zone, "name", &format!("{label}\n"));
            tree.set(zone, energy_uj);
            if let Some(range_uj) = range_uj {
                tree.write(zone, "max_energy_range_uj", range_uj);
            }
        }
        tree
    }

    fn write(&self, zone: &str, file: &str, content: &str) {
        fs::write(self.0.path().join(zone).join(file), content).unwrap();
    }

    fn set(&self, zone: &str, energy_uj: &str) {
        self.write(zone, "energy_uj", &format!("{energy_uj}\n"));
    }

    fn open(&self) -> Result<Powercap, String> {
        Powercap::open(self.0.path())
    }
}

/// 262.143 kJ: safe to be read every 262 s.
const RANGE: Option<&str> = Some("262143328850");
const SECOND_NS: u64 = 1_000_000_000;

/// Two sockets with parts, the board, the second interface, and a folder that is no counter.
fn server() -> Tree {
    Tree::new(&[
        ("intel-rapl", "", "0", None),
        ("intel-rapl:0", "package-0", "1000000", RANGE),
        ("intel-rapl:0:0", "core", "500000", RANGE),
        ("intel-rapl:0:1", "uncore", "600000", RANGE),
        ("intel-rapl:0:2", "dram", "2000000", RANGE),
        ("intel-rapl:1", "package-1", "3000000", RANGE),
        ("intel-rapl:1:0", "dram", "4000000", RANGE),
        ("intel-rapl:2", "psys", "5000000", RANGE),
        ("intel-rapl-mmio:0", "package-0", "1000000", RANGE),
    ])
}

fn joules(package_j: f64, dram_j: f64) -> Metered {
    Metered {
        package_j: Some(package_j),
        dram_j: Some(dram_j),
    }
}

#[track_caller]
fn assert_metered(found: Metered, expected: Metered) {
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        (a, b) => a == b,
    };
    assert!(
        close(found.package_j, expected.package_j) && close(found.dram_j, expected.dram_j),
        "{found:?}, expected {expected:?}"
    );
}

#[test]
fn packages_are_summed_memory_is_apart_and_nothing_is_counted_twice() {
    let tree = server();
    let mut meter = tree.open().unwrap();
    assert_eq!(meter.source(), "powercap intel-rapl:0, intel-rapl:1");
    assert_eq!(
        meter.dram_source().unwrap(),
        "powercap intel-rapl:0:2, intel-rapl:1:0"
    );

    meter.begin();
    for (zone, energy_uj) in [
        ("intel-rapl:0", "11000000"),
        ("intel-rapl:0:0", "9000000"),
        ("intel-rapl:0:2", "2500000"),
        ("intel-rapl:1", "5000000"),
        ("intel-rapl:1:0", "4250000"),
        ("intel-rapl:2", "99000000"),
        ("intel-rapl-mmio:0", "11000000"),
    ] {
        tree.set(zone, energy_uj);
    }

    // 10 + 2 J; 0.5 + 0.25 J.
    assert_metered(meter.end(SECOND_NS), joules(12.0, 0.75));
}

#[test]
fn a_counter_that_wraps_twice_is_right_when_it_is_polled_between() {
    let tree = Tree::new(&[("intel-rapl:0", "package-0", "60000000", Some("65000000"))]);
    let mut meter = tree.open().unwrap();

    meter.begin();
    // A range of 65 J must be read every 65 ms.
    for (at_ms, energy_uj) in [(40, "1000000"), (60, "64000000"), (80, "2000000")] {
        tree.set("intel-rapl:0", energy_uj);
        meter.poll(at_ms * 1_000_000);
    }
    tree.set("intel-rapl:0", "5000000");
    let found = meter.end(100_000_000);

    // 5 J to the end and 1 from the beginning, 63, 1 and 2, 3.
    assert!((found.package_j.unwrap() - 75.0).abs() < 1e-9, "{found:?}");
    assert_eq!((found.dram_j, meter.dram_source()), (None, None));
}

#[test]
fn a_reading_so_late_that_two_wraps_are_possible_is_no_reading() {
    let tree = Tree::new(&[("intel-rapl:0", "package-0", "1", Some("65000000"))]);
    let mut meter = tree.open().unwrap();

    meter.begin();
    tree.set("intel-rapl:0", "2");

    assert_eq!(meter.end(66_000_000), Metered::default());
    // The next case is not harmed.
    meter.begin();
    tree.set("intel-rapl:0", "1000002");
    assert_metered(
        meter.end(10_000_000),
        Metered {
            package_j: Some(1.0),
            dram_j: None,
        },
    );
}

#[test]
fn without_a_range_growth_is_counted_and_a_wrap_is_not_guessed() {
    let tree = Tree::new(&[("intel-rapl:0", "package-0", "10", None)]);
    let mut meter = tree.open().unwrap();

    meter.begin();
    tree.set("intel-rapl:0", "2000010");
    let grown = meter.end(SECOND_NS);
    meter.begin();
    tree.set("intel-rapl:0", "5");
    meter.poll(SECOND_NS);
    tree.set("intel-rapl:0", "100");

    assert!((grown.package_j.unwrap() - 2.0).abs() < 1e-9);
    assert_eq!(meter.end(2 * SECOND_NS).package_j, None);
}

#[test]
fn a_package_that_vanishes_or_turns_to_garbage_takes_the_sum_with_it() {
    for break_it in [
        (|tree: &Tree| fs::remove_dir_all(tree.0.path().join("intel-rapl:1")).unwrap())
            as fn(&Tree),
        |tree| tree.set("intel-rapl:1", "many"),
        |tree| tree.set("intel-rapl:1", ""),
        |tree| tree.set("intel-rapl:1", "-7"),
        |tree| tree.set("intel-rapl:1", "999999999999999"),
    ] {
        let tree = server();
        let mut meter = tree.open().unwrap();
        meter.begin();
        break_it(&tree);
        meter.poll(SECOND_NS);
        tree.set("intel-rapl:0:2", "3000000");

        let found = meter.end(2 * SECOND_NS);

        assert_eq!(found.package_j, None);
    }
}

#[test]
fn one_bad_reading_in_the_middle_ends_the_counting_of_that_case() {
    let tree = server();
    let mut meter = tree.open().unwrap();
    meter.begin();
    tree.set("intel-rapl:1", "oops");
    meter.poll(SECOND_NS);
    tree.set("intel-rapl:1", "8000000");

    let found = meter.end(2 * SECOND_NS);

    assert_eq!((found.package_j, found.dram_j), (None, Some(0.0)));
    meter.begin();
    assert_metered(meter.end(SECOND_NS), joules(0.0, 0.0));
}

#[test]
fn amd_and_dies_are_packages_too() {
    let amd = Tree::new(&[
        ("intel-rapl:0", "package-0", "7", Some("65532610987")),
        ("intel-rapl:0:0", "core", "3", Some("65532610987")),
    ]);
    let dies = Tree::new(&[
        ("intel-rapl:0", "package-0-die-0", "7", RANGE),
        ("intel-rapl:1", "package-0-die-1", "8", RANGE),
    ]);

    assert_eq!(amd.open().unwrap().source(), "powercap intel-rapl:0");
    assert_eq!(dies.open().unwrap().zones.len(), 2);
}

#[test]
fn what_cannot_be_opened_is_a_sentence() {
    let none = Powercap::open(Path::new("/nowhere/powercap"))
        .err()
        .unwrap();
    let only_board = Tree::new(&[("intel-rapl:0", "psys", "1", RANGE)]);
    let garbage = Tree::new(&[("intel-rapl:0", "package-0", "x7", RANGE)]);
    let denied = refusal(
        Path::new("/sys/class/powercap/intel-rapl:0/energy_uj"),
        &io::ErrorKind::PermissionDenied.into(),
    );

    assert!(none.contains("/nowhere/powercap cannot be read"), "{none}");
    assert!(
        only_board
            .open()
            .err()
            .unwrap()
            .contains("no energy counter of a socket")
    );
    let garbage = garbage.open().err().unwrap();
    assert!(
        garbage.ends_with("holds `x7`, expected a number of microjoules"),
        "{garbage}"
    );
    for part in [
        "root",
        "CAP_DAC_READ_SEARCH",
        "udev",
        "intel-rapl:0/energy_uj",
    ] {
        assert!(denied.contains(part), "{denied}");
    }
}
