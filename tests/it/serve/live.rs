//! The history as it is now: what others write is seen without a restart, and what did not change is not made again.

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use super::*;

#[test]
fn a_run_that_is_being_written_shows_up() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);
    let before = server.get("/metrics").text;
    let mut run = made_run(20, &[("steady", 1000.0), ("other", 5000.0)]);
    run.state = benchhost_record::RunState::Running;
    run.finished = None;
    let mut writer = Store::open_existing(&sandbox.path().join(HISTORY)).unwrap();

    writer.begin_run(&run).unwrap();
    let begun = server.get("/metrics").text;
    writer.put_case(&run.id, &run.cases[0]).unwrap();
    let one_case = server.get("/metrics").text;
    let shown = server.json("/api/v1/runs?limit=1");

    assert!(!before.contains(&run.id));
    assert!(begun.contains(&run.id) && begun.contains("benchhost_run_cases_finished 0"));
    assert!(
        one_case.contains("benchhost_run_cases_finished 1"),
        "{one_case}"
    );
    assert!(one_case.contains("benchhost_run_state{state=\"running\"} 1"));
    assert_eq!(shown["runs"][0]["id"].as_str().unwrap(), run.id);
    assert_eq!(
        (&shown["runs"][0]["state"], &shown["runs"][0]["cases"]),
        (&"running".into(), &1.into())
    );
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    let sandbox = quiet();
    // A file that changed a moment ago is not trusted to be what it was.
    let history = File::options()
        .append(true)
        .open(sandbox.path().join(HISTORY));
    let before = SystemTime::now() - Duration::from_secs(60);
    history.unwrap().set_modified(before).unwrap();
    let server = Server::start(&sandbox);

    let first = server.get("/");
    let tag = first.header("etag");
    let again = server.get_with("/", &[("if-none-match", tag)]);
    let weak = format!("\"other\", W/{tag}");
    let weak = server.get_with("/", &[("if-none-match", &weak)]);
    let other = server.get_with("/", &[("if-none-match", "\"other\"")]);

    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), "text/html; charset=utf-8");
    assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
    assert_eq!(weak.status, 304);
    assert_eq!(other.status, 200);
}

#[test]
fn the_dashboard_changes_with_the_history_and_its_library_does_not() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);
    let first = server.get("/");
    let later = made_run(20, &[("steady", 1000.0), ("other", 5000.0)]);

    store(&sandbox.path().join(HISTORY), std::slice::from_ref(&later));
    let second = server.get("/");
    let library = server.get("/assets/plotly.js");
    let tag = library.header("etag");
    let again = server.get_with("/assets/plotly.js", &[("if-none-match", tag)]);

    assert_ne!(first.header("etag"), second.header("etag"));
    assert!(!first.text.contains(&later.id) && second.text.contains(&later.id));
    let page = scraper::Html::parse_document(&second.text);
    let outside = scraper::Selector::parse("script[src], link, img, iframe").unwrap();
    let sources: Vec<_> = page
        .select(&outside)
        .filter_map(|element| element.attr("src"))
        .collect();
    assert_eq!(sources, ["/assets/plotly.js"]);
    assert!(second.text.len() < 500_000, "{}", second.text.len());
    assert_eq!(
        library.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(library.text.contains("plotly.js v"));
    assert_eq!(again.status, 304);
    for path in ["/report.md", "/report.csv", "/report.json", "/junit.xml"] {
        let form = server.get(path);
        assert_eq!(form.status, 200, "{path}");
        assert!(form.text.contains("steady"), "{path}: {}", form.text);
    }
}

#[test]
fn a_history_without_runs_is_served_too() {
    let sandbox = Sandbox::new();
    Store::open(&sandbox.path().join(HISTORY)).unwrap();
    let server = Server::start(&sandbox);

    let metrics = server.get("/metrics");
    let page = server.get_with("/", &[("accept", "text/html")]);

    assert_eq!(server.json("/health")["last_run_age_s"], Value::Null);
    assert_eq!(server.json("/api/v1/runs")["runs"], serde_json::json!([]));
    assert_eq!(metrics.status, 200);
    assert!(
        metrics.text.contains("benchhost_build_info"),
        "{}",
        metrics.text
    );
    assert_eq!(page.status, 200);
}

#[test]
fn an_idle_server_is_in_nobodys_way_when_a_backup_is_restored() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);
    let backup = sandbox.run(&["history", "backup", "b.db"]);
    assert_eq!(backup.code, Some(0), "{backup:?}");
    let later = made_run(20, &[("steady", 1000.0)]);
    store(&sandbox.path().join(HISTORY), std::slice::from_ref(&later));
    assert!(server.get("/metrics").text.contains(&later.id));

    let restored = sandbox.run(&["history", "restore", "b.db", "--yes"]);

    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(!server.get("/metrics").text.contains(&later.id));
    assert_eq!(
        server.json("/api/v1/runs")["runs"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn a_page_of_cases_that_no_run_has_is_not_there() {
    let sandbox = quiet();
    let server = Server::start(&sandbox);

    let answer = server.get("/?case=nope&metric=ti*");

    assert_eq!(answer.status, 404, "{}", answer.text);
    assert_eq!(
        answer.error(),
        "nothing of the run matches case=nope&metric=ti*"
    );
    assert_eq!(server.get("/?case=p%2Fsteady").status, 200);
}
