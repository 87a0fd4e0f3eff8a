//! `disk` as its user sees it, and what is left of it when the process is killed.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use benchhost_plugin_api::{Ctx, Digest, Error, Workload, abi::status};
use benchhost_testkit::bench;
use system::{Disk, DiskConfig};

/// The folder in which the child of the last test works.
const FOLDER: &str = "BENCHHOST_TEST_DISK_FOLDER";

fn files_in(folder: &Path) -> usize {
    fs::read_dir(folder)
        .expect("the folder of the test is there")
        .count()
}

#[test]
fn each_operation_is_proved_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (operation, items) in [
        ("sequential-write", 16.0),
        ("sequential-read", 16.0),
        ("random-write", 16.0),
        ("random-read", 16.0),
        ("fsync", 1.0),
    ] {
        for place in [String::new(), folder.path().display().to_string()] {
            for cache in ["cold", "warm"] {
                let params = format!(
                    "operation = '{operation}'\nblock = 4096\nfile-size = 65536\ncache = '{cache}'\nfolder = '{place}'"
                );
                let report = bench::<Disk>().params(&params).iterations(3).run();

                let report = report.unwrap_or_else(|failure| panic!("{params}: {failure}"));
                assert_eq!(
                    (report.work.items, report.work.bytes),
                    (items, 4096.0 * items),
                    "{operation}"
                );
            }
        }
    }
    assert_eq!(files_in(folder.path()), 0);
}

#[test]
fn what_cannot_work_is_refused_with_a_sentence() {
    for (params, code, sentence) in [
        (
            "block = 8",
            status::CONFIG,
            "block is 8, expected 16 to 1073741824 bytes",
        ),
        (
            "block = 4096\nfile-size = 5000",
            status::CONFIG,
            "file-size is 5000, expected a multiple of block, which is 4096",
        ),
        (
            "block = 4096\nfile-size = 1024",
            status::CONFIG,
            "file-size is 1024, expected 4096 to 1099511627776 bytes",
        ),
        (
            "folder = 'no/such/folder'",
            status::FAILED,
            "cannot make a file in no/such/folder: No such file or directory (os error 2); set folder to one that \
             can be written to",
        ),
    ] {
        let failure = bench::<Disk>().params(params).run().unwrap_err();

        assert_eq!((failure.code, failure.message.as_str()), (code, sentence));
    }
}

/// A disk that says when it is in the middle of its work, and never ends.
struct Telling(Disk);

impl Workload for Telling {
    type Config = DiskConfig;

    const PREPARES_EACH_ITERATION: bool = true;

    fn create(config: DiskConfig, ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self(Disk::create(config, ctx)?))
    }

    fn setup(&mut self) -> Result<(), Error> {
        self.0.setup()
    }

    fn prepare(&mut self) -> Result<(), Error> {
        self.0.prepare()
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        let digest = self.0.iterate()?;
        // Past the test harness, which keeps what `println!` says.
        writeln!(std::io::stdout(), "\nworking")?;
        Ok(digest)
    }

    fn verify(&mut self) -> Result<(), Error> {
        self.0.verify()
    }
}

#[test]
fn nothing_is_left_in_the_folder_when_the_process_is_killed_in_mid_run() {
    if let Ok(folder) = env::var(FOLDER) {
        let params = format!("folder = '{folder}'\nblock = 4096\nfile-size = 65536");
        let endless = bench::<Telling>().params(params).iterations(u64::MAX);
        endless.run().unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "nothing_is_left_in_the_folder_when_the_process_is_killed_in_mid_run",
        ])
        .env(FOLDER, folder.path())
        // Where the child's own bench keeps the folder that it will not live to remove.
        .env("TMPDIR", scratch.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();

    let is_working = said.any(|line| line.unwrap() == "working");
    child.kill().unwrap();
    let status = child.wait().unwrap();

    assert!(is_working, "the child ended by itself: {status}");
    assert_eq!(files_in(folder.path()), 0);
}
