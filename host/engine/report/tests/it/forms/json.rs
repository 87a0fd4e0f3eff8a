//! JSON: valid, honest about what is not known, and without samples.

use benchhost_report::json::report;
use serde_json::Value;

use super::made;

fn read(text: &str) -> Value {
    assert_eq!(text.matches('\n').count(), 1, "one line");
    serde_json::from_str(text).unwrap()
}

#[test]
fn what_is_not_known_is_null() {
    let document = read(&report(&made::ordinary()));
    let verdict = |word: &str| {
        let mut all = document["verdicts"].as_array().unwrap().iter();
        all.find(|one| one["verdict"] == word).unwrap()
    };

    assert!(verdict("failed")["value"].is_null() && verdict("failed")["effect"].is_null());
    assert_eq!(
        verdict("regressed")["interval"],
        serde_json::json!([null, 0.5])
    );
    let series = &document["series"][0];
    assert_eq!(
        series["points"]["value"],
        serde_json::json!([1e6, null, 2e6])
    );
    assert!(series["points"]["high"][0].is_null());
    assert!(series["changes"][0]["noise_before"].is_null());
    assert!(document["alerts"][0]["value"].is_null());
}

#[test]
fn outcomes_are_counted_apart_and_samples_are_left_to_the_run() {
    let document = read(&report(&made::ordinary()));
    let run = &document["run"];

    assert_eq!(document["schema"], 1);
    assert_eq!(document["status"], "failed");
    assert_eq!(run["state"], "interrupted");
    let counts = serde_json::json!({"ok": 3, "wrong": 1, "failed": 1, "skipped": 1, "missing": 3});
    assert_eq!(run["counts"], counts);
    let first = &run["cases"][0];
    assert_eq!(
        first["measurements"][0]["summary"]["quantiles"]["p95"],
        1.2e6
    );
    assert!(first["measurements"][0].get("samples").is_none());
    assert_eq!(first["targets"][0]["is_met"], false);
}

#[test]
fn hostile_names_read_back_as_they_were() {
    let names = made::hostile();
    let document = read(&report(&made::of(&names)));

    for (name, one) in names
        .iter()
        .zip(document["recommendations"].as_array().unwrap())
    {
        assert_eq!(one["text"].as_str(), Some(name.as_str()));
    }
}
