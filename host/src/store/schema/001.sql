-- Format 1. Times are ms since 1970 in UTC; documents are zstd-compressed JSON.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    started_ms   INTEGER NOT NULL,
    finished_ms  INTEGER,
    state        TEXT NOT NULL,
    host_version TEXT NOT NULL,
    suite        TEXT,
    revision     TEXT,
    branch       TEXT,
    dirty        INTEGER NOT NULL,
    machine      TEXT NOT NULL,
    planned      INTEGER NOT NULL,
    document     BLOB NOT NULL -- the run without its cases
) STRICT;
CREATE INDEX run_by_time ON run (started_ms, id);

CREATE TABLE result (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name     TEXT NOT NULL, -- of the case
    place    INTEGER,       -- in the order of the plan, known when the run ends
    outcome  TEXT NOT NULL,
    failed   INTEGER NOT NULL,
    document BLOB NOT NULL, -- the case without its samples
    samples  BLOB,          -- apart, so that they can be dropped alone
    UNIQUE (run, name)
) STRICT;

CREATE TABLE series (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL, -- of the case
    metric    TEXT NOT NULL,
    unit      TEXT NOT NULL,
    direction TEXT NOT NULL,
    kind      TEXT NOT NULL,
    machine   TEXT NOT NULL, -- empty when unknown
    -- Kept up to date by every transaction that touches its points.
    points    INTEGER NOT NULL DEFAULT 0,
    first_ms  INTEGER,
    last_ms   INTEGER,
    UNIQUE (name, metric, machine, unit, direction, kind)
) STRICT;

CREATE TABLE revision (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The points of a series lie together, in the order of time: reading one is a single range scan.
CREATE TABLE point (
    series   INTEGER NOT NULL,
    time_ms  INTEGER NOT NULL,
    seq      INTEGER NOT NULL, -- tells points of the same time apart
    run      INTEGER,          -- absent for what was imported
    revision INTEGER,
    value    REAL,             -- absent when the case failed
    low      REAL,
    high     REAL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (series, time_ms, seq)
) STRICT, WITHOUT ROWID;

-- Samples of imported points; those of runs are in `result`.
CREATE TABLE point_samples (
    series  INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    samples BLOB NOT NULL,
    PRIMARY KEY (series, time_ms, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL, -- of the case
    metric     TEXT NOT NULL,
    machine    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    severity   TEXT NOT NULL,
    state      TEXT NOT NULL,
    rule       TEXT NOT NULL,
    opened_run TEXT NOT NULL,
    opened     TEXT NOT NULL,
    last_run   TEXT NOT NULL,
    updated    TEXT NOT NULL,
    runs       INTEGER NOT NULL,
    value      REAL, -- absent when not a number
    reference  REAL,
    sentence   TEXT NOT NULL,
    reason     TEXT
) STRICT;
CREATE UNIQUE INDEX one_alert_is_alive ON alert (name, metric, machine)
    WHERE state IN ('opened', 'confirmed');
