//! The user's own clients of package registries, with the user's own settings: mirrors, proxies, certificates.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use benchhost_report::harmless;

use super::{
    DataError, Observer, Package, checked,
    process::{Ended, run},
};
use crate::data::Client;

/// What the clients say when there is no such package, by client.
const NOT_FOUND: [&str; 9] = [
    "No matching distribution found",
    "Could not find a version that satisfies",
    "E404",
    "ETARGET",
    "Unable to locate package",
    "was not found",
    "Can't find a source to download",
    "No packages found",
    "404  Not Found",
];

/// What they say when nobody answers. Looked for first: pip finds no version where it reaches nobody.
const NO_NETWORK: [&str; 19] = [
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Max retries exceeded",
    "ProxyError",
    "Temporary failure",
    "Could not resolve",
    "Could not connect",
    "Connection failed",
    "Connection refused",
    "Connection timed out",
    "Network is unreachable",
    "No route to host",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
];

/// What they say when the disk is full.
const FULL: [&str; 3] = [
    "No space left on device",
    "ENOSPC",
    "You don't have enough free space",
];

/// The package file that `download` put into `staging` in an earlier fetch, when it is the right one.
pub(super) fn brought(package: &Package, staging: &Path) -> Result<Option<PathBuf>, DataError> {
    let Some(archive) = archive_in(staging, package.client) else {
        return Ok(None);
    };
    if is_the_one(package, &archive).is_ok() {
        return Ok(Some(archive));
    }
    // apt goes on from what it finds, the others begin anew.
    if package.client != Client::Apt {
        fs::remove_file(&archive).map_err(|error| DataError::file("remove", &archive, error))?;
    }
    Ok(None)
}

/// Whether the file at `archive` is the package that is pinned, as far as that is known.
pub(super) fn is_the_one(package: &Package, archive: &Path) -> Result<(), DataError> {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    match &package.archive.sha256 {
        Some(expected) => checked(archive, &name, expected),
        None => Ok(()),
    }
}

/// Lets the client download `package` into `staging`; the path of what came.
pub(super) fn download(
    package: &Package,
    staging: &Path,
    observer: &mut dyn Observer,
) -> Result<PathBuf, DataError> {
    let (program, mut command) = command(package, staging, observer)?;
    // English, whatever the user speaks: what it says is looked at.
    command.current_dir(staging).env("LC_ALL", "C");
    let mut ticks = |_: &[u8], observer: &mut dyn Observer| {
        observer.ticks();
        Ok(())
    };
    let ended = run(&mut command, program, &mut ticks, observer)?;
    if !ended.status.success() {
        return Err(failure(program, package, &ended, staging));
    }
    archive_in(staging, package.client).ok_or_else(|| DataError::ClientFailed {
        program,
        what: what(package),
        status: "it ended well".to_owned(),
        said: "but brought no package".to_owned(),
    })
}

/// What is run for `package`, and its name in sentences.
fn command(
    package: &Package,
    staging: &Path,
    observer: &mut dyn Observer,
) -> Result<(&'static str, Command), DataError> {
    let Package {
        package: name,
        version,
        ..
    } = package;
    Ok(match package.client {
        Client::Pip => {
            let mut command = pip(observer)?;
            // Wheels only: a source package would be run to learn its metadata. The version of Python does not matter to
            // who only wants a file.
            command
                .args(["download", "--no-deps", "--only-binary", ":all:", "--dest"])
                .arg(staging)
                .args(["--ignore-requires-python", "--disable-pip-version-check"])
                .args(["--no-input", "--retries", "2", "--progress-bar", "off"])
                .arg(format!("{name}=={version}"));
            ("pip", command)
        }
        Client::Npm => {
            let program = on_path("npm").ok_or(DataError::NoClient {
                program: "npm",
                remedy: "install npm (it comes with Node.js)",
            })?;
            let mut command = Command::new(program);
            command
                .args(["pack", "--ignore-scripts", "--fetch-retries=1"])
                .arg("--pack-destination")
                .arg(staging)
                .arg(format!("{name}@{version}"));
            ("npm", command)
        }
        Client::Apt => {
            let program = on_path("apt-get").ok_or(DataError::NoClient {
                program: "apt-get",
                remedy: "this package is for Debian and its relatives",
            })?;
            let mut command = Command::new(program);
            command
                .args(["--quiet", "download"])
                .arg(format!("{name}={version}"));
            ("apt-get", command)
        }
    })
}

/// pip as a module of Python, else the program.
fn pip(observer: &mut dyn Observer) -> Result<Command, DataError> {
    if let Some(python) = on_path("python3") {
        let mut asked = Command::new(&python);
        asked.args(["-m", "pip", "--version"]);
        let has_pip = match run(&mut asked, "pip", &mut |_, _| Ok(()), observer) {
            Ok(ended) => ended.status.success(),
            Err(DataError::Interrupted) => return Err(DataError::Interrupted),
            Err(_) => false,
        };
        if has_pip {
            let mut command = Command::new(python);
            command.args(["-m", "pip"]);
            return Ok(command);
        }
    }
    let program = on_path("pip").or_else(|| on_path("pip3"));
    program.map(Command::new).ok_or(DataError::NoClient {
        program: "pip",
        remedy: "install pip (neither `python3 -m pip` nor `pip` is there)",
    })
}

/// The program called `name` in the folders of `PATH`.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let is_program = |path: &PathBuf| {
        let meta = path.metadata();
        meta.is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(is_program)
}

/// The file in `staging` that has the ending of the client's packages.
fn archive_in(staging: &Path, client: Client) -> Option<PathBuf> {
    let endings: &[&str] = match client {
        Client::Pip => &["whl", "zip"],
        Client::Npm => &["tgz"],
        Client::Apt => &["deb"],
    };
    let files = fs::read_dir(staging).ok()?;
    let mut files = files.filter_map(|found| Some(found.ok()?.path()));
    files.find(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        path.is_file() && ending.is_some_and(|ending| endings.contains(&ending))
    })
}

fn what(package: &Package) -> String {
    format!("{} {}", package.package, package.version)
}

/// What the end of a client means.
fn failure(program: &'static str, package: &Package, ended: &Ended, staging: &Path) -> DataError {
    let says = |words: &[&str]| words.iter().any(|word| ended.said.contains(word));
    let said = gist(&ended.said);
    let what = what(package);
    if says(&FULL) {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        return DataError::file("write into", staging, full);
    }
    if says(&NO_NETWORK) {
        return DataError::NoNetwork {
            program,
            what,
            said,
        };
    }
    if says(&NOT_FOUND) {
        let remedy = match package.client {
            Client::Apt => "`apt-get update` (as root) renews the list of packages",
            Client::Pip | Client::Npm => "",
        };
        return DataError::NotFound {
            program,
            what,
            said,
            remedy,
        };
    }
    DataError::ClientFailed {
        program,
        what,
        status: ended.how(),
        said,
    }
}

/// The line that says what was wrong, without what a terminal would obey: npm says it first, after its codes, the others say it last.
pub(super) fn gist(said: &str) -> String {
    // What a client draws over, a percentage for example, ends with a carriage return.
    let lines: Vec<String> = said.split(['\n', '\r']).map(harmless).collect();
    let lines = || {
        lines
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
    };
    let of_npm = |line: &&str| {
        let words = line
            .strip_prefix("npm error")
            .or(line.strip_prefix("npm ERR!"));
        let codes = ["code", "errno", "syscall"];
        words.is_some_and(|words| !codes.iter().any(|code| words.trim().starts_with(code)))
    };
    let is_error = |line: &&str| {
        let starts = ["ERROR", "E:", "curl:"];
        starts.iter().any(|start| line.starts_with(start))
    };
    let line = lines()
        .find(of_npm)
        .or_else(|| lines().rfind(is_error))
        .or_else(|| lines().next_back());
    line.unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gist_is_the_line_that_says_what_was_wrong() {
        let npm = "npm error code E404\nnpm error 404 Not Found: nothing@1\nnpm error A complete log of this run is in: x\n";
        let pip = "Collecting x\nERROR: Could not find\nERROR: No matching distribution\n[notice] a new release\n";

        assert_eq!(gist(npm), "npm error 404 Not Found: nothing@1");
        assert_eq!(gist(pip), "ERROR: No matching distribution");
        assert_eq!(gist("a\n\n b \n"), "b");
        assert_eq!(gist(""), "it said nothing");
    }

    #[test]
    fn the_gist_does_not_drive_the_terminal() {
        let pip = "\u{1b}[2J\u{1b}[31mERROR: no\u{7} such thing\u{1b}[0m\n";

        assert_eq!(gist(pip), "ERROR: no such thing");
        assert_eq!(gist(" 10%\r 20%\rE: broken\r\n"), "E: broken");
        assert_eq!(gist("\u{1b}[2J\n"), "it said nothing");
    }
}
