//! `benchhost schema`: what it prints is a schema, and what the program reads and writes conforms to it.

use jsonschema::Validator;
use serde_json::Value;

use super::{HISTORY, read, sick, with};
use crate::support::{Sandbox, plugin, root};

const FORMS: [&str; 9] = [
    "suite", "gates", "baseline", "run", "report", "check", "compare", "changes", "plugin",
];

fn schema(form: &str) -> Value {
    let output = Sandbox::new().run(&["schema", form]);
    assert_eq!(output.code, Some(0), "{output:?}");
    serde_json::from_str(&output.stdout).unwrap()
}

fn validator(form: &str) -> Validator {
    jsonschema::draft202012::new(&schema(form)).unwrap()
}

fn assert_conforms(form: &str, document: &Value) {
    let validator = validator(form);
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{form}: {errors:#?}");
}

fn of_toml(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn each_is_a_schema_of_the_draft_it_names_and_all_are_listed() {
    let listed = Sandbox::new().run(&["schema"]);
    let names: Vec<&str> = listed
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names, FORMS);

    for form in FORMS {
        let schema = schema(form);
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{form}"
        );
        jsonschema::draft202012::meta::validate(&schema).unwrap();
    }
    let unknown = Sandbox::new().run(&["schema", "nonsense"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}

#[test]
fn a_real_run_and_its_report_conform() {
    let sandbox = Sandbox::new();
    let library = plugin("fixture-misbehave");
    let suite = format!(
        r#"
name = "s"
[defaults]
max-time = "20ms"
probes = "all"
[plugins]
m = {:?}
[[benchmark]]
name = "healthy"
plugin = "m"
workload = "trouble"
axes = {{ after = [1, 2, 3, 4], threads = [1, 2] }}
targets = {{ time = "<= 1 ns" }}
[[benchmark]]
name = "other"
plugin = "m"
workload = "trouble"
params = {{ sleep = "7" }}
axes = {{ after = [1, 2, 3, 4], threads = [1, 2] }}
against = "healthy"
[[benchmark]]
name = "sick"
plugin = "m"
workload = "trouble"
axes = {{ what = ["unsupported", "panic", "wrong", "null-write", "error"], after = [9] }}
[[gate]]
percent = 5
"#,
        library.to_str().unwrap()
    );
    let (_, _) = sandbox.suite(&suite);

    let run: Value = serde_json::from_str(&read(&sandbox, "out/run.json")).unwrap();
    assert_eq!(run["contrasts"][0]["pairs"].as_array().unwrap().len(), 8);
    assert_conforms("run", &run);
    let output = sandbox.run(&["report", "--format", "json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_conforms(
        "report",
        &serde_json::from_str(&read(&sandbox, "reports/report.json")).unwrap(),
    );
    let check = sandbox.run(&["check", "--format", "json"]);
    assert_conforms("check", &serde_json::from_str(&check.stdout).unwrap());
    assert_conforms("suite", &of_toml(&suite));
    let compared = sandbox.run(&["compare", "out", "out", "--format", "json"]);
    assert_conforms("compare", &serde_json::from_str(&compared.stdout).unwrap());
}

#[test]
fn a_sick_run_its_verdicts_and_changes_conform() {
    let runs = sick("boom");
    let sandbox = with(&runs);

    let output = sandbox.run(&["report", "--format", "json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_conforms(
        "report",
        &serde_json::from_str(&read(&sandbox, "reports/report.json")).unwrap(),
    );
    assert_conforms("run", &serde_json::to_value(runs.last().unwrap()).unwrap());
    let check = sandbox.run(&["check", "--format", "json"]);
    assert_conforms("check", &serde_json::from_str(&check.stdout).unwrap());
    let changes = sandbox.run(&["history", "changes", "--format", "json"]);
    assert_conforms("changes", &serde_json::from_str(&changes.stdout).unwrap());
    assert!(sandbox.path().join(HISTORY).exists());
}

#[test]
fn a_baseline_that_was_saved_conforms_and_may_be_edited() {
    let sandbox = with(&sick("boom")[..12]);
    let saved = sandbox.run(&["baseline", "save"]);
    assert_eq!(saved.code, Some(0), "{saved:?}");

    let mut baseline = of_toml(&read(&sandbox, "baselines/main.toml"));
    assert_conforms("baseline", &baseline);

    let validator = validator("baseline");
    let metric = &mut baseline["case"]["p/steady?threads=1"]["metrics"]["time"];
    for (tolerance, is_valid) in [
        (serde_json::json!("5%"), true),
        (serde_json::json!(3), true),
        (serde_json::json!("lots"), false),
        (serde_json::json!(-1), false),
    ] {
        metric["tolerance"] = tolerance.clone();
        let mut edited = serde_json::json!({ "schema": 1, "case": {} });
        edited["case"]["x"]["metrics"]["time"] = metric.clone();
        assert_eq!(validator.is_valid(&edited), is_valid, "{tolerance}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "schema": 1, "machin": "x" })));
}

#[test]
fn a_history_without_a_run_conforms_too() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "h.csv",
        "series,time,value,unit\na,1,2,ms\na,2,NaN,ms\na,3,4,ms\n",
    );
    let imported = sandbox.run(&["history", "import", "h.csv"]);
    assert_eq!(imported.code, Some(0), "{imported:?}");

    let output = sandbox.run(&["report", "--format", "json"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    let report: Value = serde_json::from_str(&read(&sandbox, "reports/report.json")).unwrap();
    assert_conforms("report", &report);
    assert!(report["run"].is_null() && !report["series"].as_array().unwrap().is_empty());
}

#[test]
fn a_plugin_that_was_tried_conforms() {
    for library in ["noop", "fixture-misbehave", "fixture-liar"] {
        let path = plugin(library).display().to_string();
        let arguments = ["plugin", "check", &path, "--try", "--format", "json"];
        let output = Sandbox::new().run(&arguments);
        assert_conforms("plugin", &serde_json::from_str(&output.stdout).unwrap());
    }
}

#[test]
fn a_line_for_editors_at_the_top_of_a_suite_changes_nothing() {
    let sandbox = Sandbox::new();
    let suite = format!(
        "name = 's'\n[plugins]\np = '{}'\n[[benchmark]]\nname = 'b'\nplugin = 'p'\nworkload = 'noop'\n",
        plugin("noop").display()
    );
    let with_line = format!("#:schema ./suite.schema.json\n{suite}");
    sandbox.write("suite.toml", &with_line);

    let output = sandbox.run(&["run", "suite.toml", "--dry-run"]);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_conforms("suite", &of_toml(&with_line));
}

#[test]
fn suites_of_the_repository_with_their_gates_are_valid_and_mistakes_are_not() {
    let validator = validator("suite");
    for entry in std::fs::read_dir(root().join("configs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            assert_conforms("suite", &of_toml(&std::fs::read_to_string(path).unwrap()));
        }
    }
    let head =
        "name = 's'\n[plugins]\np = 'x'\n[[benchmark]]\nname = 'b'\nplugin = 'p'\nworkload = 'w'\n";
    assert!(validator.is_valid(&of_toml(head)));
    for mistake in [
        "max-time = 2",
        "treads = 1",
        "[[gate]]\nmaxx = 1",
        "[[gate]]\nname = 'idle'",
    ] {
        assert!(
            !validator.is_valid(&of_toml(&format!("{head}{mistake}"))),
            "{mistake}"
        );
    }
}
