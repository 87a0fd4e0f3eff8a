//! Files of users: what they may say, and what is told when they cannot be read.

use benchhost_advice::{Rules, idle, recommend};
use benchhost_record::MetricKind;

use crate::fixture::{With as _, World};

fn refused(text: &str) -> String {
    Rules::builtin()
        .read_file(text, "recommend.toml")
        .expect_err("it cannot be read")
        .to_string()
}

#[test]
fn a_rule_of_the_user_speaks_beside_ours() {
    let mut world = World::new();
    world
        .case()
        .metric("queue-depth", "requests", MetricKind::Count, 12.0);
    let mut rules = Rules::builtin();
    rules
        .read_file(
            "[[recommend]]\nname = 'deep'\nmetric = 'queue-*'\ncase = 'p/*'\nwhen = 'value > 10 and threads < 2'\n\
             text = '{value} wait on {threads} of {workload}: {nonsense}.'\nrank = 0\n",
            "recommend.toml",
        )
        .expect("it is right");

    let advice = recommend(&rules, &world.facts());

    assert_eq!(advice.len(), 1);
    let one = &advice[0];
    assert_eq!(
        (one.rule.as_str(), one.rank, one.metric.as_str()),
        ("deep", 0, "queue-depth")
    );
    assert_eq!(one.number, "12 requests");
    assert_eq!(one.condition, "value > 10 and threads < 2");
    assert_eq!(one.text, "12 requests wait on 1 thread of p/w: –.");
    assert_eq!(
        rules.all().last().expect("it was added").place,
        "recommend.toml:1"
    );
}

#[test]
fn a_rule_by_the_same_name_replaces_ours_and_enabled_switches_off() {
    let mut world = World::new();
    world.earlier_runs = 3;
    world.before_started = "2026-10-01T00:00:00Z".to_owned();
    let mut rules = Rules::builtin();
    let before = rules.all().len();
    let words = |rules: &Rules| -> Vec<String> {
        let advice = recommend(rules, &world.facts());
        advice
            .into_iter()
            .map(|one| format!("{} {}", one.rule, one.number))
            .collect()
    };
    assert_eq!(
        words(&rules),
        ["short-history 3 earlier runs", "seldom-run 51.2 d"]
    );

    rules
        .read_file(
            "[[recommend]]\nname = 'seldom-run'\nenabled = false\n\
             [[recommend]]\nname = 'short-history'\nscope = 'run'\nwhen = 'runs < 3'\ntext = 't'\n",
            "recommend.toml",
        )
        .expect("it is right");

    assert_eq!(words(&rules), Vec::<String>::new());
    assert_eq!(rules.all().len(), before);
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_a_way_out() {
    let rule = "[[recommend]]\nname = 'x'\ntext = 't'\n";
    for (text, message) in [
        ("a = [", "recommend.toml:1: not valid TOML: "),
        (
            "\n[[gate]]\nname = 'x'",
            "recommend.toml:2: unknown key `gate`: a file of recommendations holds [[recommend]] tables and nothing else",
        ),
        (
            &format!("{rule}wen = 'time > 1ms'"),
            "recommend.toml:4: unknown key `wen` in [[recommend]] (did you mean `when`?)",
        ),
        (
            "recommend = 3",
            "recommend.toml:1: `recommend` is 3, expected tables like [[recommend]]",
        ),
        (
            "\n[[recommend]]\ntext = 't'",
            "recommend.toml:2: `name` is missing: ",
        ),
        (
            "[[recommend]]\nname = 'x'\nflag = 'debug-build'",
            "recommend.toml:1: `text` is missing: it says what to do",
        ),
        (
            rule,
            "recommend.toml:1: `when`, `flag`, `outcome` or `verdict` is missing: ",
        ),
        (
            &format!("{rule}when = 'time > 3 parsecs'"),
            "recommend.toml:4: `when`: `parsecs` is no unit of time, size or energy at character 10 of `time > 3 parsecs`",
        ),
        (
            &format!("{rule}when = 3"),
            "recommend.toml:4: `when` is 3, expected text",
        ),
        (
            &format!("{rule}flag = 'debug'"),
            "recommend.toml:4: `flag` is \"debug\", expected one of debug-build, ",
        ),
        (
            &format!("{rule}flag = []"),
            "recommend.toml:4: `flag` is [], expected one of ",
        ),
        (
            &format!("{rule}scope = 'case'\nrank = -1"),
            "recommend.toml:5: `rank` is -1, expected a whole number from 0",
        ),
        (
            &format!("{rule}metric = '['\nwhen = '1 > 0'"),
            "recommend.toml:4: `metric` is \"[\" (",
        ),
        (
            &format!("{rule}enabled = 'no'"),
            "recommend.toml:4: `enabled` is \"no\", expected true or false",
        ),
        (
            "[[recommend]]\nname = 'x'\nwhen = 'time > 1ms'\ntext = 'a {value'",
            "recommend.toml:4: `text` is \"a {value\", expected names in braces that are closed, like {value}",
        ),
        (
            &format!("{rule}scope = 'run'\nwhen = 'cases > 0 and baseline == 0'"),
            "recommend.toml:5: `baseline` is not known of a run (did you mean `baselines`?)",
        ),
        (
            &format!("{rule}scope = 'curve'\nwhen = 'sigma > 0'\nshows = 'efficency'"),
            "recommend.toml:6: `efficency` is not known of a curve (did you mean `efficiency`?)",
        ),
        (
            "[[recommend]]\nname = 'debug-build'\nenabled = false\n[[recommend]]\nname = 'debug-build'\nenabled = false",
            "recommend.toml:4: `name` is `debug-build`, as at recommend.toml:1; each rule of a file needs a name of its own",
        ),
        (
            "[[recommend]]\nname = 'debug-biuld'\nenabled = false",
            "recommend.toml:1: there is no rule `debug-biuld` to switch off (did you mean `debug-build`?)",
        ),
    ] {
        let found = refused(text);
        assert!(found.starts_with(message), "{text}\n{found}\n{message}");
    }
}

#[test]
fn a_name_that_nothing_has_is_told() {
    let mut world = World::new();
    world
        .case()
        .metric("queue-depth", "requests", MetricKind::Count, 12.0);
    let mut rules = Rules::builtin();
    assert_eq!(idle(&rules, &world.facts()), Vec::<String>::new());
    rules
        .read_file(
            "[[recommend]]\nname = 'a'\nwhen = 'queue-deptj > 1'\ntext = 't'\n\
             [[recommend]]\nname = 'b'\nmetric = 'time'\nwhen = 'worse > 1 and time > 1s'\ntext = 't'\n",
            "r.toml",
        )
        .expect("it is right");

    assert_eq!(
        idle(&rules, &world.facts()),
        [
            "the recommendation at r.toml:1 says nothing: no case of this run has `queue-deptj` (did you mean `queue-depth`?)"
        ]
    );
}

#[test]
fn a_time_is_never_compared_with_a_size() {
    let rule = |keys: &str| format!("[[recommend]]\nname = 'mine'\ntext = 't'\n{keys}\n");
    for (keys, expected) in [
        (
            "metric = 'time'\nwhen = 'value > 10 MB'",
            "recommend.toml:5: `when`: a time cannot be compared with a size: `value` is in ns and `10 MB` in B; write a time, like `10ms`, \
             or ask for another metric, at character 9 of `value > 10 MB`",
        ),
        (
            "kind = ['memory']\nwhen = 'value > 5ms'",
            "recommend.toml:5: `when`: a size cannot be compared with a time: `value` is in B and `5ms` in ns; write a size, like `10MB`, \
             or ask for another metric, at character 9 of `value > 5ms`",
        ),
        (
            "scope = 'run'\nwhen = 'runs > 1 and pause > 7MB'",
            "recommend.toml:5: `when`: a time cannot be compared with a size: `pause` is in ns and `7MB` in B; write a time, like `10ms`, \
             or ask for another metric, at character 22 of `runs > 1 and pause > 7MB`",
        ),
    ] {
        assert_eq!(refused(&rule(keys)), expected);
    }

    // What is known of a name once it was measured: nothing fires, and it is told.
    let mut world = World::new();
    world
        .case()
        .metric("queue", "MiB", MetricKind::Memory, 12.0)
        .metric("queue-time", "ms", MetricKind::Time, 12.0);
    let mut rules = Rules::builtin();
    rules
        .read_file(
            &format!(
                "{}{}{}",
                rule("when = 'queue > 1ms'"),
                rule("metric = 'queue*'\nwhen = 'value > 1ms'").replace("mine", "half"),
                rule("when = 'value > 1ms'").replace("mine", "no-metric"),
            ),
            "r.toml",
        )
        .expect("it can be read");
    let advice = recommend(&rules, &world.facts());
    let said: Vec<(&str, &str)> = advice
        .iter()
        .map(|one| (one.rule.as_str(), one.number.as_str()))
        .collect();
    assert_eq!(said, [("half", "12 ms")]);
    assert_eq!(
        idle(&rules, &world.facts()),
        [
            "the recommendation at r.toml:1 says nothing: a size cannot be compared with a time: `queue` is in B and `1ms` in ns; \
             write a size, like `10MB`, or ask for another metric",
            "the recommendation at r.toml:10 says nothing: `value` is that of a metric, and the rule names none: \
             give it `metric = \"time\"`, or a `kind`",
        ]
    );
}

#[test]
fn thousands_of_rules_keep_their_lines_and_their_last_word() {
    let rule = |index: usize, bound: usize| {
        format!(
            "[[recommend]]\nname = 'r{index}'\nmetric = 'time'\nwhen = 'value > {bound}ms'\ntext = 't'\n"
        )
    };
    let text: String = (0..3000).map(|index| rule(index, index)).collect();
    let mut rules = Rules::default();

    for file in ["first.toml", "second.toml"] {
        rules.read_file(&text, file).expect("it is right");
    }

    assert_eq!(rules.all().len(), 3000);
    assert_eq!(rules.all()[2999].place, "second.toml:14996");
    let mut world = World::new();
    world.case().measurements[0]
        .summary
        .as_mut()
        .expect("it was measured")
        .median = 10e6;
    assert_eq!(recommend(&rules, &world.facts()).len(), 10);
}

#[test]
fn a_file_that_is_refused_changes_nothing() {
    let mut rules = Rules::builtin();
    let all = rules.all().len();
    let text =
        "[[recommend]]\nname = 'a'\nwhen = 'time > 1s'\ntext = 't'\n[[recommend]]\nnme = 'b'\n";

    assert!(rules.read_file(text, "r").is_err());

    assert_eq!(rules.all().len(), all);
}
