//! The probe `perf` with events of the kernel, which need no hardware: is what it opens, inherits and sums the truth?

use std::{
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

use perf_event::events::Software;

use super::*;

const SOFTWARE: [Event; 2] = [
    Event {
        offer: Offer::count("task-clock", "ns"),
        make: || Builder::new(Software::TASK_CLOCK),
    },
    Event {
        offer: Offer::count("page-faults", "faults"),
        make: || Builder::new(Software::PAGE_FAULTS),
    },
];

/// The probe, or `None` with a word when the machine forbids even that.
fn software() -> Option<PerfProbe> {
    match PerfProbe::with(Tree::of_this_machine(), &SOFTWARE) {
        Ok(probe) => Some(probe),
        Err(sentence) => {
            assert!(!sentence.is_empty());
            println!("skipped: {sentence}");
            None
        }
    }
}

fn value(readings: &[Reading], name: &str) -> Option<f64> {
    let reading = readings
        .iter()
        .find(|reading| reading.metric.name == name)?;
    Some(reading.value)
}

/// Writes to `pages` pages that nobody has touched.
fn touch(pages: usize) {
    let length = pages * rustix::param::page_size();
    let mut memory = memmap2::MmapMut::map_anon(length).unwrap();
    memory.advise(memmap2::Advice::NoHugePage).ok();
    for at in (0..length).step_by(rustix::param::page_size()) {
        memory[at] = 1;
    }
    std::hint::black_box(&memory[0]);
}

#[test]
fn threads_that_were_there_and_threads_that_they_start_are_counted() {
    let Some(mut probe) = software() else { return };
    let (start, started) = mpsc::channel::<()>();
    let there = thread::spawn(move || {
        started.recv().unwrap();
        touch(1000);
        thread::spawn(|| touch(1000)).join().unwrap();
    });
    let target = Target {
        pids: vec![std::process::id()],
        cpus: Vec::new(),
    };

    probe.begin(&target);
    start.send(()).unwrap();
    there.join().unwrap();
    let readings = probe.end(1);

    assert!(
        value(&readings, "page-faults").unwrap() >= 2000.0,
        "{readings:?}"
    );
    assert!(
        value(&readings, "task-clock").unwrap() > 0.0,
        "{readings:?}"
    );
    assert!(readings.iter().all(|one| one.basis == Basis::Measured));
    assert!(probe.end(1).is_empty(), "nothing was begun");
}

#[test]
fn another_process_is_counted_and_one_that_is_gone_has_no_count() {
    let Some(mut probe) = software() else { return };
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let target = Target {
        pids: vec![child.id()],
        cpus: Vec::new(),
    };

    probe.begin(&target);
    drop(child.stdin.take());
    child.wait().unwrap();
    let ended_meanwhile = probe.end(1);
    probe.begin(&target);
    let never_there = probe.end(1);

    assert!(value(&ended_meanwhile, "task-clock").unwrap() > 0.0);
    assert_eq!(never_there, []);
}

#[test]
fn a_count_that_was_scaled_says_so() {
    let reading = EVENTS[0].offer.quantity().reads(400.0);

    let scaled = scaled(reading, 0.256);

    assert_eq!(scaled.basis, Basis::Estimated);
    assert!(
        scaled
            .source
            .ends_with(", counted 25 % of the time and scaled")
    );
}

#[test]
fn the_rate_is_as_good_as_the_worse_of_its_counts() {
    let total = |value, share| Some(Total { value, share });
    let both = [
        ("instructions", total(300.0, 1.0)),
        ("cycles", total(200.0, 0.5)),
    ];

    assert_eq!(rate(&both), total(1.5, 0.5));
    assert_eq!(rate(&both[..1]), None);
    assert_eq!(rate(&[both[0], ("cycles", total(0.0, 1.0))]), None);
}

#[test]
fn opening_gives_instructions_or_an_exact_sentence() {
    match PerfProbe::open(Tree::of_this_machine()) {
        Ok(probe) => assert!(!probe.quantities().is_empty()),
        Err(sentence) => assert!(
            sentence.contains(": ") || sentence.contains("; "),
            "{sentence}"
        ),
    }
}
