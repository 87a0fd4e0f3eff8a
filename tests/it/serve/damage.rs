//! Histories that can no longer be read: a sentence and 503, never the end of the server.

use std::{fs, io::Seek as _, io::SeekFrom, io::Write as _};

use super::*;

const PATHS: [&str; 6] = [
    "/health",
    "/metrics",
    "/",
    "/api/v1/runs",
    "/api/v1/series",
    "/api/v1/verdicts",
];

fn all_say(server: &Server, part: &str) {
    for path in PATHS {
        let answer = server.get(path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.text);
        assert!(answer.error().contains(part), "{path}: {}", answer.text);
        assert_ne!(answer.header("retry-after"), "", "{path}");
    }
}

#[test]
fn a_history_that_is_taken_away_is_missed_and_one_that_comes_back_is_served() {
    let sandbox = quiet();
    let path = sandbox.path().join(HISTORY);
    let aside = sandbox.path().join("aside.db");
    let server = Server::start(&sandbox);
    assert_eq!(server.get("/metrics").status, 200);

    fs::rename(&path, &aside).unwrap();
    all_say(&server, "there is no history at");
    fs::create_dir(&path).unwrap();
    all_say(&server, "cannot open the history");
    fs::remove_dir(&path).unwrap();
    fs::write(
        &path,
        "this is no SQLite file, and long enough to be looked at by it\n",
    )
    .unwrap();
    all_say(&server, "is damaged");
    fs::remove_file(&path).unwrap();
    fs::rename(&aside, &path).unwrap();

    for path in PATHS {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

#[test]
fn pages_of_garbage_end_a_request_and_not_the_server() {
    let sandbox = quiet();
    let path = sandbox.path().join(HISTORY);
    let server = Server::start(&sandbox);
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    // Everything but the header and the schema.
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(length - 4096).unwrap()])
        .unwrap();
    drop(file);

    for path in PATHS {
        let answer = server.get(path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.text);
        assert!(
            answer.error().contains("is damaged"),
            "{path}: {}",
            answer.text
        );
    }
    assert_eq!(server.get("/nowhere").status, 404);
}

#[test]
fn strangers_are_not_told_where_the_history_lies() {
    let sandbox = quiet();
    let token = "a-token-of-24-characters";
    let server = Server::with(&sandbox, &[], Some(token));
    fs::remove_file(sandbox.path().join(HISTORY)).unwrap();

    let stranger = server.get("/health");
    let bearer = format!("Bearer {token}");
    let known = server.get_with("/health", &[("authorization", &bearer)]);

    assert_eq!(
        (stranger.status.as_u16(), known.status.as_u16()),
        (503, 503)
    );
    assert_eq!(stranger.error(), "the history cannot be read");
    assert!(known.error().contains("history.db"), "{}", known.text);
}
