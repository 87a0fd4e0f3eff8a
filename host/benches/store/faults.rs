//! Many writers at once, and writers, imports and compactions that are killed at random moments.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::Path,
    process::{Child, ExitCode},
    thread,
    time::{Duration, Instant},
};

use benchhost::store::{SeriesFilter, Store};

use crate::work::{KEPT, command, metric};

const WRITERS: usize = 16;

/// Latest moment of a kill after the start of a writer, an import, a compaction; most are still at work then.
const LATEST_MS: [u64; 3] = [250, 150, 400];

pub(crate) fn faults(words: &[&str]) -> ExitCode {
    let mut numbers = words.iter().map(|word| word.parse::<u64>().unwrap());
    let seconds = numbers.next().unwrap_or(30);
    let kills = numbers.next().unwrap_or(200);
    let seed = numbers.next().unwrap_or(20_261_121);
    let problems = together(seconds) + killed(kills, seed);
    println!("problems: {problems}");
    if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What children said to be stored.
#[derive(Default)]
struct Said {
    /// Case ids by run.
    cases: BTreeMap<String, Vec<String>>,
    /// Points by imported series.
    points: BTreeMap<String, u64>,
    compactions: u64,
}

impl Said {
    /// Takes over the lines of one child; a last line that is cut off was not said.
    fn read(&mut self, text: &str) {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["case", run, case] => {
                    self.cases
                        .entry((*run).to_owned())
                        .or_default()
                        .push((*case).to_owned());
                }
                ["points", name, count] => {
                    self.points
                        .insert((*name).to_owned(), count.parse().unwrap());
                }
                ["compacted", _] => self.compactions += 1,
                _ => {}
            }
        }
    }

    fn case_count(&self) -> usize {
        self.cases.values().map(Vec::len).sum()
    }

    /// How much of it is missing in `store`.
    fn missing(&self, store: &Store) -> u64 {
        let mut missing = 0;
        for (run, cases) in &self.cases {
            let stored = store.run(run);
            let has = |case: &String| {
                stored
                    .as_ref()
                    .is_ok_and(|run| run.cases.iter().any(|one| one.case.id.as_str() == case))
            };
            missing += cases.iter().filter(|case| !has(case)).count() as u64;
        }
        for (name, count) in &self.points {
            let series = store.series_of(name, &metric(), "machine").unwrap();
            let there = series.map_or(0, |series| series.points);
            // A compaction in between leaves no fewer than this.
            missing += count.min(&(KEPT as u64)).saturating_sub(there);
        }
        missing
    }
}

/// Writers at once; none may fail and everything must be there.
fn together(seconds: u64) -> u64 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let history = folder.path().join("h.db");
    let millis = (seconds * 1000).to_string();
    let started = Instant::now();
    let children: Vec<Child> = (0..WRITERS)
        .map(|i| {
            command(&["write", path(&history), &format!("w{i}"), &millis])
                .spawn()
                .unwrap()
        })
        .collect();
    // Each is listened to at once: a full pipe would stop it.
    let readers: Vec<_> = children
        .into_iter()
        .map(|child| thread::spawn(|| child.wait_with_output().unwrap()))
        .collect();
    let (mut said, mut errors, mut fewest) = (Said::default(), 0, usize::MAX);
    for reader in readers {
        let output = reader.join().unwrap();
        let before = said.case_count();
        said.read(&String::from_utf8(output.stdout).unwrap());
        fewest = fewest.min(said.case_count() - before);
        if !output.status.success() {
            errors += 1;
            println!(
                "a writer failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    let elapsed = started.elapsed().as_secs_f64();
    let store = Store::open_existing(&history).unwrap();
    let missing = said.missing(&store);
    let series = store.series(&SeriesFilter::default()).unwrap();
    let points: u64 = series.iter().map(|series| series.points).sum();
    let wrong = u64::from(points != 3 * said.case_count() as u64);
    let whole = store.integrity().unwrap();
    println!(
        "together: {WRITERS} processes for {seconds} s: {} cases in {} runs ({:.0} cases/s; fewest by one process {fewest}), \
         {points} points; errors {errors}, missing {missing}, integrity {}",
        said.case_count(),
        said.cases.len(),
        said.case_count() as f64 / elapsed,
        if whole.is_ok() { "ok" } else { "BROKEN" },
    );
    errors + missing + wrong + whole.problems.len() as u64
}

/// One process after the other, each killed at a random moment; whatever it said must be there afterwards.
fn killed(kills: u64, seed: u64) -> u64 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let history = folder.path().join("h.db");
    let (mut all, mut problems, mut ended) = (Said::default(), 0, 0);
    let mut random = seed | 1;
    for round in 0..kills {
        // xorshift64 of Marsaglia (2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let name = format!("k{round}");
        let work = (random % 3) as usize;
        let words = match work {
            0 => vec!["write", path(&history), &name, "10000"],
            1 => vec!["add", path(&history), &name],
            _ => vec!["compact", path(&history)],
        };
        let mut child = command(&words).spawn().unwrap();
        thread::sleep(Duration::from_micros(
            (random >> 20) % (LATEST_MS[work] * 1000),
        ));
        ended += u64::from(child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        let (mut text, mut complaints) = (String::new(), String::new());
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut complaints)
            .unwrap();
        let mut said = Said::default();
        said.read(&text);
        all.read(&text);
        problems += u64::from(!complaints.is_empty());
        problems += look(&history, &said, round, &complaints);
    }
    let store = Store::open(&history).unwrap();
    let missing = all.missing(&store);
    println!(
        "killed: {kills} times at random moments up to {LATEST_MS:?} ms (writers, imports, compactions), seed {seed} ({ended} had ended before): {} cases in {} \
         runs, {} imports and {} whole compactions were reported; problems {problems}, missing at the end {missing}",
        all.case_count(),
        all.cases.len(),
        all.points.len(),
        all.compactions,
    );
    problems + missing
}

/// Problems of the history after a kill.
fn look(history: &Path, said: &Said, round: u64, complaints: &str) -> u64 {
    let store = match Store::open(history) {
        Ok(store) => store,
        Err(error) => {
            println!("round {round}: {error}");
            return 1;
        }
    };
    let whole = store.integrity().unwrap();
    let found = said.missing(&store) + whole.problems.len() as u64;
    if found > 0 || !complaints.is_empty() {
        println!(
            "round {round}: {found} problems: {:?} {complaints}",
            whole.problems
        );
    }
    found
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
