//! Files that are damaged, foreign, newer, made at once, or may not be written.

use std::fs;

use super::*;

#[test]
fn a_damaged_history_is_refused_and_gives_way_to_a_backup() {
    let (folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    store
        .import((0..20_000).map(|time| imported("i", time, 1.0)))
        .unwrap();
    let backup = folder.path().join("backup.db");
    store.backup(&backup).unwrap();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let noise: Vec<u8> = whole
        .iter()
        .enumerate()
        .map(|(i, byte)| byte ^ (i * 131 % 251) as u8 ^ 1)
        .collect();

    for (what, bytes) in [
        ("noise", &noise[..]),
        ("truncated", &whole[..whole.len() / 2]),
    ] {
        fs::write(&path, bytes).unwrap();
        let refused = Store::open(&path).unwrap_err();
        assert!(
            matches!(refused, StoreError::Damaged { .. }),
            "{what}: {refused:?}"
        );
        let hint = refused.hint().unwrap();
        assert!(hint.contains("history restore"), "{hint}");
        assert!(fs::read(&path).unwrap() == bytes, "{what}: touched");
        Store::restore(&path, &backup).unwrap();
        assert!(Store::open(&path).unwrap().integrity().unwrap().is_ok());
    }
}

#[test]
fn newer_formats_and_files_of_others_are_refused_untouched() {
    let (folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 9).unwrap();
    drop(other);
    let foreign = folder.path().join("foreign.db");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(other);
    let before = fs::read(&foreign).unwrap();

    let newer = Store::open(&path).unwrap_err().to_string();
    let refused = Store::open(&foreign).unwrap_err();
    let missing = Store::open_existing(&folder.path().join("none.db")).unwrap_err();

    assert!(
        newer.contains("its format is 9, this version knows up to 1"),
        "{newer}"
    );
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
    assert_eq!(fs::read(&foreign).unwrap(), before);
    assert!(matches!(missing, StoreError::Missing { .. }), "{missing}");
}

#[test]
fn many_that_open_and_write_one_new_history_all_succeed() {
    let (_folder, path) = folder();

    std::thread::scope(|scope| {
        for thread in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let mut store = Store::open(path).unwrap();
                for turn in 0..5 {
                    let mut one = run(&format!("{thread}-{turn}"), "2026-11-21T04:00:00Z");
                    put(&mut store, &mut one, vec![result("x", 1.0)]);
                }
            });
        }
    });

    let store = Store::open(&path).unwrap();
    assert_eq!(store.runs(None).unwrap().len(), 40);
    assert_eq!(
        store.series(&SeriesFilter::default()).unwrap()[0].points,
        40
    );
    assert!(store.integrity().unwrap().is_ok());
    let ignore = path.with_file_name(".gitignore");
    assert_eq!(
        fs::read_to_string(ignore).unwrap(),
        "history.db*\npeaks.json\n"
    );
}

#[test]
fn none_of_many_that_make_one_new_history_takes_it_for_a_foreign_one() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..50 {
        let path = folder.path().join(format!("{round}.db"));
        let together = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    together.wait();
                    Store::open(&path).unwrap();
                });
            }
        });
    }
}

#[test]
fn equal_points_of_one_import_are_all_kept_and_known_the_next_time() {
    let (folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    let same = |count: usize| (0..count).map(|_| imported("same", 5, 1.0));

    let first = store.import(same(3)).unwrap();
    let again = store.import(same(3)).unwrap();
    let more = store.import(same(4)).unwrap();
    let fewer = store.import(same(1)).unwrap();
    let other = store.import([imported("same", 5, -0.0), imported("same", 5, 0.0)]);
    // Equal ones on both sides of the boundary between two transactions.
    let apart = || {
        let between = (0..60_000).map(|time| imported("between", time, 1.0));
        [imported("apart", 1, 1.0)]
            .into_iter()
            .chain(between)
            .chain([imported("apart", 1, 1.0)])
    };
    let mut elsewhere = Store::open(&folder.path().join("other.db")).unwrap();
    let batches = elsewhere.import(apart()).unwrap();
    let batches_again = elsewhere.import(apart()).unwrap();

    assert_eq!((first.added, first.known), (3, 0));
    assert_eq!((again.added, again.known), (0, 3));
    assert_eq!((more.added, more.known), (1, 3));
    assert_eq!((fewer.added, fewer.known), (0, 1));
    assert_eq!(other.unwrap().added, 2);
    assert_eq!((batches.added, batches.known), (60_002, 0));
    assert_eq!((batches_again.added, batches_again.known), (0, 60_002));
    assert!(store.integrity().unwrap().is_ok());
}

#[test]
fn compacting_a_damaged_history_is_refused_with_the_way_out() {
    let (_folder, path) = folder();
    let mut store = Store::open(&path).unwrap();
    store
        .import((0..20_000).map(|time| imported("i", time, 1.0)))
        .unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    // The last pages are of points: the beginning, with format and tables, stays whole.
    let at = bytes.len() - 3 * 4096;
    bytes[at..].fill(0xA5);
    fs::write(&path, &bytes).unwrap();

    let mut store = Store::open_existing(&path).unwrap();
    let keep_all = Retention {
        points: Keep::All,
        drop_samples_after: None,
    };
    for dry_run in [true, false] {
        let refused = store.compact(&keep_all, dry_run).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
        assert!(refused.hint().unwrap().contains("history restore"));
    }
    drop(store);
    assert!(fs::read(&path).unwrap() == bytes, "touched");
}

#[test]
fn a_history_where_nothing_may_be_written_is_read_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    // What is special in URIs.
    let path = folder.path().join("a b?c#d%41é/history.db");
    let mut store = Store::open(&path).unwrap();
    store.import([imported("i", 1, 1.0)]).unwrap();
    drop(store);
    // As on a read-only file system, SQLite cannot make the index of its log.
    std::os::unix::fs::symlink("nowhere", path.with_file_name("history.db-shm")).unwrap();

    let mut store = Store::open_existing(&path).unwrap();
    let series = store.series(&SeriesFilter::default()).unwrap();
    let points = store.points(series[0].id, None).unwrap();
    store.backup(&folder.path().join("copy.db")).unwrap();
    let refused = [
        store.import([imported("i", 2, 1.0)]).unwrap_err(),
        Store::open(&path).unwrap_err(),
    ];
    let log = path.with_file_name("history.db-wal");
    fs::write(&log, "what only the log has").unwrap();
    let unfinished = Store::open_existing(&path);

    assert_eq!(points.len(), 1);
    for refused in refused {
        assert!(
            matches!(refused, StoreError::ReadOnly { .. }),
            "{refused:?}"
        );
        assert!(refused.to_string().contains("history.db"), "{refused}");
    }
    // Never a part of the history without a word.
    unfinished.unwrap_err();
}
