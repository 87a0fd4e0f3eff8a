//! Lists: every row once, whatever is written meanwhile.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_walk_through_all_series_meets_each_once_while_others_write() {
    let sandbox = Sandbox::new();
    let first: Vec<ImportPoint> = (0..500)
        .map(|i| point(&format!("p/w?i={i:04}"), 0, 1.0))
        .collect();
    import(&sandbox, first);
    let server = Server::start(&sandbox);
    let mut step = 0;

    let (rows, pages) = server.walk("/api/v1/series?limit=60", "series", || {
        step += 1;
        // Some that sort before all others by name, and new points of known ones.
        import(
            &sandbox,
            vec![
                point(&format!("a/new?i={step}"), 0, 1.0),
                point("p/w?i=0001", step, 2.0),
            ],
        );
    });

    let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    let cases: BTreeSet<&str> = rows
        .iter()
        .map(|row| row["case"].as_str().unwrap())
        .collect();
    assert_eq!(cases.len(), rows.len(), "a series twice");
    assert!(ids.is_sorted() && pages > 8);
    assert!((0..500).all(|i| cases.contains(format!("p/w?i={i:04}").as_str())));
}

#[test]
fn a_walk_through_points_goes_on_where_it_was_in_both_directions() {
    let sandbox = Sandbox::new();
    // Several at one time.
    let points = (0..120).map(|i| point("p/w", i / 3, f64::from(i as i32)));
    import(&sandbox, points.collect());
    let server = Server::start(&sandbox);
    let mut minute = 100;

    let (up, _) = server.walk("/api/v1/series/1/points?limit=50", "points", || {
        minute += 1;
        import(&sandbox, vec![point("p/w", minute, 1000.0)]);
    });
    let (down, pages) = server.walk(
        "/api/v1/series/1/points?limit=50&order=newest",
        "points",
        || (),
    );

    let values = |rows: &[Value]| -> Vec<f64> {
        rows.iter()
            .map(|row| row["value"].as_f64().unwrap())
            .collect()
    };
    let expected: Vec<f64> = (0..120).map(f64::from).collect();
    assert_eq!(values(&up)[..120], expected);
    assert_eq!(pages, 3);
    let mut back = values(&down);
    back.reverse();
    assert_eq!(back, values(&up));
}

#[test]
fn globs_choose_series_and_a_failed_case_is_a_gap() {
    let sandbox = Sandbox::new();
    let points = vec![
        point("p/sort?n=1", 0, 5.0),
        point("p/sort?n=1", 1, f64::NAN),
        point("p/scan?n=1", 0, 7.0),
    ];
    import(&sandbox, points);
    let server = Server::start(&sandbox);

    let found = server.json("/api/v1/series?case=p%2Fso*&metric=t*&machine=m");
    let none = server.json("/api/v1/series?case=p%2Fso*&machine=other");
    let points = server.json("/api/v1/series/1/points");

    let series = &found["series"];
    assert_eq!(
        (series.as_array().unwrap().len(), &series[0]["case"]),
        (1, &"p/sort?n=1".into())
    );
    assert_eq!(series[0]["metric"]["unit"], "ns");
    assert_eq!(
        (&none["series"], &none["next"]),
        (&serde_json::json!([]), &Value::Null)
    );
    assert_eq!(points["points"][1]["value"], Value::Null);
    assert_eq!(points["points"][0]["value"], 5.0);
    assert_eq!(points["points"][0]["time"], "2026-05-28T20:26:40Z");
}

#[test]
fn runs_come_newest_first_and_one_of_them_with_its_cases_in_pages() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);

    let (runs, pages) = server.walk("/api/v1/runs?limit=3", "runs", || ());
    let last = server.json("/api/v1/runs/last");
    let (cases, case_pages) = server.walk("/api/v1/runs/last/cases?limit=1", "cases", || ());
    let with_samples = server.json("/api/v1/runs/last/cases?samples=yes");

    let ids: Vec<&str> = runs.iter().map(|run| run["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), pages), (4, 2));
    assert!(ids.is_sorted_by(|a, b| a > b));
    assert_eq!(last["run"]["id"], ids[0]);
    assert_eq!(last["outcomes"], serde_json::json!({ "ok": 2 }));
    assert_eq!((cases.len(), case_pages), (2, 2));
    let samples = |case: &Value| {
        let values = &case["measurements"][0]["samples"]["value"];
        values.as_array().unwrap().len()
    };
    assert_eq!(samples(&cases[0]), 0);
    assert_eq!(samples(&with_samples["cases"][0]), 60);
}

#[test]
fn pages_of_a_run_that_is_not_the_last_any_more_are_not_mixed_with_those_of_another() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);
    let first = server.json("/api/v1/runs/last/cases?limit=1");
    let verdicts = server.json("/api/v1/verdicts?limit=1");
    store(
        &sandbox.path().join(HISTORY),
        &[made_run(30, &[("steady", 1000.0), ("other", 5000.0)])],
    );

    for (list, page) in [("runs/last/cases", first), ("verdicts", verdicts)] {
        let next = page["next"].as_str().unwrap();
        let answer = server.get(&format!("/api/v1/{list}?limit=1&cursor={next}"));
        assert_eq!(answer.status, 410, "{}", answer.text);
    }
}

#[test]
fn changes_and_verdicts_are_those_of_the_commands() {
    let mut runs: Vec<Run> = (0..24)
        .map(|i| {
            made_run(
                i,
                &[
                    ("steady", if i < 12 { 1000.0 } else { 1300.0 }),
                    ("other", 50.0),
                ],
            )
        })
        .collect();
    runs.push(made_run(24, &[("steady", 2000.0), ("other", 50.0)]));
    let sandbox = with(&runs);
    let checked = sandbox.run(&["check", "--format", "json", "--dry-run"]);
    let checked: Value = serde_json::from_str(&checked.stdout).unwrap();
    let server = Server::start(&sandbox);

    let (verdicts, pages) = server.walk("/api/v1/verdicts?limit=1", "verdicts", || ());
    let page = server.json("/api/v1/verdicts");
    let (changes, _) = server.walk("/api/v1/changes?limit=1", "changes", || ());

    assert_eq!((verdicts.len(), pages), (2, 2));
    assert_eq!(page["verdicts"], checked["verdicts"]);
    assert_eq!(
        (&page["exit_code"], &page["counts"]),
        (&checked["exit_code"], &checked["counts"])
    );
    assert_eq!(verdicts[0]["verdict"], "regressed");
    assert_eq!(changes[0]["series"]["case"], "p/steady?threads=1");
    assert_eq!(changes[0]["changes"][0]["index"], 12);
    assert_eq!(
        changes[0]["changes"][0]["run"].as_str().unwrap(),
        runs[12].id
    );
    assert!(
        changes
            .iter()
            .all(|one| one["series"]["case"] != "p/other?threads=1")
    );
}

#[test]
fn alerts_that_are_alive_are_listed_and_the_others_on_demand() {
    let runs: Vec<Run> = (0..12)
        .map(|i| made_run(i, &[("steady", 1000.0)]))
        .chain([made_run(12, &[("steady", 2000.0)])])
        .collect();
    let sandbox = with(&runs);
    sandbox.run(&["check"]);
    let server = Server::start(&sandbox);

    let alive = server.json("/api/v1/alerts");

    assert_eq!(alive["alerts"][0]["case"], "p/steady?threads=1");
    assert_eq!(alive["alerts"][0]["state"], "opened");
    for _ in 0..2 {
        let next = 13 + sandbox_runs(&server);
        store(
            &sandbox.path().join(HISTORY),
            &[made_run(next, &[("steady", 1000.0)])],
        );
        sandbox.run(&["check"]);
    }
    assert_eq!(
        server.json("/api/v1/alerts")["alerts"],
        serde_json::json!([])
    );
    let all = server.json("/api/v1/alerts?state=all&case=p%2Fsteady");
    assert_eq!(all["alerts"][0]["state"], "resolved");
}

/// Runs of the history.
fn sandbox_runs(server: &Server) -> u64 {
    let runs = server.json("/api/v1/runs");
    runs["runs"].as_array().unwrap().len() as u64
}

#[test]
fn hostile_names_come_back_as_they_are_and_as_data() {
    let sandbox = Sandbox::new();
    let long = "x".repeat(300);
    import(
        &sandbox,
        vec![
            point(HOSTILE, 0, 1.0),
            point(&long, 0, 1.0),
            point("", 0, 1.0),
        ],
    );
    store(
        &sandbox.path().join(HISTORY),
        &[made_run(0, &[(HOSTILE, 1000.0)])],
    );
    let server = Server::start(&sandbox);

    let series = server.json("/api/v1/series");
    let verdicts = server.json("/api/v1/verdicts");

    let cases: Vec<&str> = series["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["case"].as_str().unwrap())
        .collect();
    assert_eq!(cases[..3], [HOSTILE, &long, ""]);
    assert_eq!(
        verdicts["verdicts"][0]["case"],
        format!("p/{HOSTILE}?threads=1")
    );
    let answer = server.get("/api/v1/series");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}
