//! `benchhost run`, `history import` and `history compact`, the program itself, killed at random moments.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
    time::Duration,
};

use benchhost::store::Store;
use benchhost_record::Run;
use benchhost_stats::SplitMix64;

/// What is killed, and the latest moment of the kill after its start; most are still at work then.
const VICTIMS: [(&str, f64); 3] = [("run", 300.0), ("import", 150.0), ("compact", 60.0)];

/// Cases of the suite: 20 ms each.
const CASES: u64 = 30;

/// Rows of the import.
const ROWS: u64 = 150_000;

/// Kills the program `words[1]` times; `words[0]` is a plugin with a workload `arithmetic` (tests/fixtures/kernels).
pub(crate) fn program(words: &[&str]) -> ExitCode {
    let Some(plugin) = words.first().and_then(|path| fs::canonicalize(path).ok()) else {
        println!("program: name a built libfixture_kernels.so to kill runs of it");
        return ExitCode::SUCCESS;
    };
    let number = |index: usize, default: u64| {
        words
            .get(index)
            .map_or(default, |word| word.parse().unwrap())
    };
    let (kills, seed) = (number(1, 200), number(2, 20_261_121));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    prepare(folder, &plugin);
    let mut random = SplitMix64::new(seed);
    let (mut problems, mut at_work, mut finished_cases) = (0, [0; 3], 0);
    for turn in 0..kills {
        let kind = (turn % 3) as usize;
        let (name, latest_ms) = VICTIMS[kind];
        let out = format!("out-{turn}");
        let mut child = start(folder, name, &out);
        thread::sleep(Duration::from_secs_f64(
            latest_ms * random.uniform() / 1000.0,
        ));
        at_work[kind] += u64::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
        let store = match Store::open(&folder.join("h.db")) {
            Ok(store) => store,
            Err(error) => {
                println!("turn {turn}, {name}: cannot open: {error}");
                problems += 1;
                continue;
            }
        };
        let integrity = store.integrity().unwrap();
        if !integrity.is_ok() {
            println!("turn {turn}, {name}: {:?}", integrity.problems);
            problems += 1;
        }
        if name == "run" {
            let (cases, missing) = missing(&store, &folder.join(out).join("run.json"));
            finished_cases += cases;
            problems += missing;
        }
    }
    println!(
        "program: {kills} kills, seed {seed}: still at work {} of runs, {} of imports, {} of compactions; {finished_cases} \
         cases were in the killed runs' run.json; problems: {problems}",
        at_work[0], at_work[1], at_work[2]
    );
    if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn prepare(folder: &Path, plugin: &Path) {
    let mut suite = format!(
        "name = 'killed'\n[defaults]\nmax-time = '20ms'\nwarm-up = 'none'\n[plugins]\nk = '{}'\n[[benchmark]]\nname = 'b'\n\
         plugin = 'k'\nworkload = 'arithmetic'\naxes = {{ slowdown = [",
        plugin.display()
    );
    (0..CASES).for_each(|i| write!(suite, "{i}, ").unwrap());
    suite.push_str("] }\n");
    fs::write(folder.join("suite.toml"), suite).unwrap();
    let mut rows = "series,time,value\n".to_owned();
    for row in 0..ROWS {
        writeln!(
            rows,
            "s{},{},{}",
            row % 100,
            1_700_000_000 + row,
            100 + row % 7
        )
        .unwrap();
    }
    fs::write(folder.join("rows.csv"), rows).unwrap();
}

fn start(folder: &Path, name: &str, out: &str) -> std::process::Child {
    let words: &[&str] = match name {
        "run" => &["run", "suite.toml", "--quiet", "--out", out],
        "import" => &["history", "import", "rows.csv"],
        _ => &["history", "compact", "--keep-last", "1000"],
    };
    Command::new(env!("CARGO_BIN_EXE_benchhost"))
        .args(words)
        .args(["--store", "h.db"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::from(File::create(folder.join("stderr")).unwrap()))
        .spawn()
        .unwrap()
}

/// How many cases the run had finished, and how many of them the history does not have.
fn missing(store: &Store, file: &Path) -> (u64, u64) {
    let Ok(text) = fs::read_to_string(file) else {
        return (0, 0);
    };
    let written: Run = serde_json::from_str(&text).unwrap();
    let stored = store.run(&written.id);
    let has = |id: &str| {
        stored
            .as_ref()
            .is_ok_and(|run| run.cases.iter().any(|case| case.case.id.as_str() == id))
    };
    let missing: Vec<&str> = written
        .cases
        .iter()
        .map(|case| case.case.id.as_str())
        .filter(|id| !has(id))
        .collect();
    if !missing.is_empty() {
        println!(
            "run {}: {} of {} cases are missing",
            written.id,
            missing.len(),
            written.cases.len()
        );
    }
    (written.cases.len() as u64, missing.len() as u64)
}
