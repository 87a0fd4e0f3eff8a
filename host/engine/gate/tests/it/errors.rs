//! Every sentence that rules can be refused with, with file and line.

use benchhost_gate::{Bound, Error, Expression, Rules};

/// What is said of a `gates.toml` whose [[gate]] begins in line 3.
fn said(keys: &str) -> String {
    let text = format!("# rules\n\n[[gate]]\n{keys}\n");
    let error = Rules::none()
        .read_file(&text, "gates.toml")
        .expect_err(&text);
    error.to_string()
}

#[test]
fn values_of_the_wrong_type_unit_or_range() {
    for (keys, expected) in [
        (
            "target = 5",
            r#"`target` is 5, expected a bound, like "<= 250ms""#,
        ),
        (
            "target = '250ms'",
            r#"`target` is "250ms", expected a bound, like "<= 250ms""#,
        ),
        (
            "max = 'much'",
            r#"`max` is "much", expected a quantity with its unit, like "250 ms""#,
        ),
        (
            "max = '<= 5'",
            r#"`max` is "<= 5", expected a quantity with its unit, like "250 ms""#,
        ),
        (
            "max = inf",
            r#"`max` is inf, expected a quantity with its unit, like "250 ms""#,
        ),
        (
            "min = true",
            r#"`min` is true, expected a quantity with its unit, like "50 samples/s""#,
        ),
        (
            "budget = 5",
            r#"`budget` is 5, expected a table of quantities by metric, like { time = "250 ms" }"#,
        ),
        (
            "budget = {}",
            r#"`budget` is {}, expected a table of quantities by metric, like { time = "250 ms" }"#,
        ),
        (
            "budget = { time = [] }",
            r#"`budget.time` is [], expected a quantity with its unit, like "250 ms""#,
        ),
        (
            "tolerance = -1",
            r#"`tolerance` is -1, expected a number in the metric's unit, a share like "3%", or "class""#,
        ),
        (
            "tolerance = '3 ms'",
            r#"`tolerance` is "3 ms", expected a number in the metric's unit, a share like "3%", or "class""#,
        ),
        (
            "percent = -5",
            r#"`percent` is -5, expected a share, like "5%", or "class""#,
        ),
        (
            "percent = 0",
            r#"`percent` is 0, expected a share, like "5%", or "class""#,
        ),
        (
            "percent = nan",
            r#"`percent` is nan, expected a share, like "5%", or "class""#,
        ),
        (
            "percent = '5'",
            r#"`percent` is "5", expected a share, like "5%", or "class""#,
        ),
        ("percent = 1e400", r#"not valid TOML"#),
        (
            "significant = '0%'",
            r#"`significant` is "0%", expected true, or the smallest difference that matters, like "2%""#,
        ),
        (
            "significant = 5",
            "`significant` is 5, expected true or false",
        ),
        (
            "history = 'yes'",
            r#"`history` is "yes", expected true or false"#,
        ),
        ("change = 1", "`change` is 1, expected true or false"),
        (
            "when = 5",
            r#"`when` is 5, expected an expression in quotes, like "time > baseline * 1.3""#,
        ),
        (
            "percent = 5\nagainst = 'last'",
            r#"`against` is "last", expected "previous", "baseline" or "median""#,
        ),
        (
            "percent = 5\nagainst = 3",
            r#"`against` is 3, expected "previous", "baseline" or "median""#,
        ),
        (
            "percent = 5\nagainst = 'median'\nwindow = 0",
            "`window` is 0, expected a number of values, at least 1",
        ),
        (
            "history = true\nwindow = 7",
            "`window` is 7, expected a number of values, at least 8",
        ),
        (
            "history = true\nwindow = -9223372036854775808",
            "`window` is -9223372036854775808, expected a number of values, at least 8",
        ),
        (
            "percent = 5\nguarded = 'yes'",
            r#"`guarded` is "yes", expected true or false"#,
        ),
        (
            "max = 5\nseverity = 'fatal'",
            r#"`severity` is "fatal", expected "info", "warning" or "critical""#,
        ),
        (
            "max = 5\nseverity = 5",
            r#"`severity` is 5, expected "info", "warning" or "critical""#,
        ),
        ("off = 1", "`off` is 1, expected true or false"),
        ("max = 5\nname = ''", r#"`name` is "", expected a name"#),
        (
            "max = 5\nstatistic = 95",
            r#"`statistic` is 95, expected "median", "mean", "min", "max" or a quantile like "p95""#,
        ),
        (
            "max = 5\ncase = ''",
            r#"`case` is "" (empty), expected a glob like "training*", or a list of them"#,
        ),
        (
            "max = 5\ncase = []",
            r#"`case` is [], expected a glob like "training*", or a list of them"#,
        ),
        (
            "max = 5\nmetric = ['a', 5]",
            r#"`metric` is ["a", 5], expected a glob like "training*", or a list of them"#,
        ),
        (
            "max = 5\ncase = 'a['",
            r#"`case` is "a[" (unclosed character class; missing ']'), expected a glob like "training*", or a list of them"#,
        ),
        (
            "max = 5\nmetric = ['a', '']",
            r#"`metric` is "" (empty), expected a glob like "training*", or a list of them"#,
        ),
        (
            "budget = { '' = 5 }",
            r#"`metric` is "" (empty), expected a glob like "training*", or a list of them"#,
        ),
    ] {
        let found = said(keys);
        let place = if expected == "not valid TOML" {
            "gates.toml:4"
        } else {
            "gates.toml:3"
        };
        assert!(
            found.starts_with(&format!("{place}: {expected}")),
            "{keys}: {found}"
        );
        assert!(
            expected == "not valid TOML" || found.ends_with(expected),
            "{keys}: {found}"
        );
    }
}

#[test]
fn keys_that_mean_nothing_where_they_stand() {
    for (keys, expected) in [
        (
            "percent = 5\nstatistic = 'p95'",
            r#"`statistic` is "p95", and it means something only beside `target`, `max`, `min` or `budget` and nothing else: take it out"#,
        ),
        (
            "max = 5\nagainst = 'baseline'",
            r#"`against` is "baseline", and it means something only beside `percent`: take it out"#,
        ),
        (
            "change = true\nguarded = true",
            "`guarded` is true, and it means something only beside `percent`: take it out",
        ),
        (
            "change = true\nwindow = 0",
            r#"`window` is 0, and it means something only beside `history` or `against = "median"`: take it out"#,
        ),
        (
            "percent = 5\nwindow = 5",
            r#"`window` is 5, and it means something only beside `history` or `against = "median"`: take it out"#,
        ),
        (
            "budget = { time = 5 }\nmetric = 'time'",
            r#"`metric` is "time", and it means something only where there is no `budget`, which names metrics itself: take it out"#,
        ),
    ] {
        assert_eq!(said(keys), format!("gates.toml:3: {expected}"), "{keys}");
    }
}

#[test]
fn unknown_keys_are_answered_with_what_was_meant() {
    for (keys, expected) in [
        (
            "percnt = 5",
            "unknown key `percnt` in [[gate]] (did you mean `percent`?)",
        ),
        (
            "tolerence = 5",
            "unknown key `tolerence` in [[gate]] (did you mean `tolerance`?)",
        ),
        (
            "cases = 'x'\nmax = 5",
            "unknown key `cases` in [[gate]] (did you mean `case`?)",
        ),
        ("qqq = 5", "unknown key `qqq` in [[gate]]"),
        (
            "case = 'x'",
            "this [[gate]] says which cases, not what is asked of them; give it one of `target`, `max`, `min`, `budget`, `tolerance`, `percent`, `significant`, `history`, `change`, `when`",
        ),
        (
            "off = false",
            "this [[gate]] says which cases, not what is asked of them; give it one of `target`, `max`, `min`, `budget`, `tolerance`, `percent`, `significant`, `history`, `change`, `when`",
        ),
    ] {
        assert_eq!(said(keys), format!("gates.toml:3: {expected}"), "{keys}");
    }
}

#[test]
fn files_that_are_no_rules() {
    let said = |text: &str| {
        Rules::none()
            .read_file(text, "gates.toml")
            .unwrap_err()
            .to_string()
    };

    assert_eq!(
        said("\n\ngates = 5"),
        "gates.toml:3: unknown key `gates`: a file of rules holds [[gate]] tables and nothing else"
    );
    assert_eq!(
        said("\ngate = 5"),
        "gates.toml:2: `gate` is 5, expected tables like [[gate]]"
    );
    assert_eq!(
        said("gate = [1]"),
        "gates.toml:1: `gate` is [1], expected tables like [[gate]]"
    );
    assert!(said("\n[gate]\nmax = 5").starts_with("gates.toml:2: `gate` is "));
    assert!(said("[[gate]]\nmax = = 5").starts_with("gates.toml:2: not valid TOML: "));
    assert!(said("[[gate]]\nmax = 5\nmax = 6").starts_with("gates.toml:3: not valid TOML: "));
    assert!(said("x = 'µµµµ\n").starts_with("gates.toml:1: not valid TOML: "));
    assert!(Rules::none().read_file("", "gates.toml").is_ok());
    assert!(Rules::none().read_file("gate = []", "gates.toml").is_ok());
}

#[test]
fn lines_are_those_of_the_headings_wherever_else_they_seem_to_be() {
    let text = "# [[gate]]\n[[gate]]\nname = \"\"\"\n[[gate]]\n[[gate]]\"\"\"\nmax = 1\n\n  [[ gate ]] # two\nmax = 2\n[[gate]]\nmax = 'x'";
    let error = Rules::none().read_file(text, "gates.toml").unwrap_err();
    assert!(error.to_string().starts_with("gates.toml:10: "), "{error}");

    let mut rules = Rules::none();
    rules.read_file(&text.replace("'x'", "3"), "g").unwrap();
    let places: Vec<&str> = rules
        .written()
        .iter()
        .map(|rule| rule.place.as_str())
        .collect();
    assert_eq!(places, ["g:2", "g:8", "g:10"]);
    let mut inline = Rules::none();
    inline
        .read_file("gate = [\n { max = 1 },\n { max = 2 },\n]", "g")
        .unwrap();
    let places: Vec<&str> = inline
        .written()
        .iter()
        .map(|rule| rule.place.as_str())
        .collect();
    assert_eq!(places, ["g:2", "g:3"]);
}

#[test]
fn tables_of_a_suite_are_refused_with_their_place() {
    let table = "percent = -1".parse().unwrap();

    let error = Rules::none()
        .read_table(&table, "suite.toml:12")
        .unwrap_err();

    assert!(matches!(&error, Error::Unexpected { place, .. } if place == "suite.toml:12"));
}

#[test]
fn expressions_say_what_is_wrong_and_where() {
    for (text, expected) in [
        ("", "a value is expected at character 1 of ``"),
        (
            "time",
            "a comparison is expected, like `time > baseline * 1.3`, at character 1 of `time`",
        ),
        (
            "1 < 2 < 3",
            "a comparison is expected, like `time > baseline * 1.3`, at character 1 of `1 < 2 < 3`",
        ),
        ("time >", "a value is expected at character 7 of `time >`"),
        (
            "time > > 1",
            "a value is expected at character 8 of `time > > 1`",
        ),
        (
            "time > 3 parsecs",
            "`parsecs` is no unit of time, size or energy at character 10 of `time > 3 parsecs`",
        ),
        (
            "time > 1.2.3",
            "this is no number at character 8 of `time > 1.2.3`",
        ),
        (
            "time > (1 + 2",
            "a `)` is missing at character 14 of `time > (1 + 2`",
        ),
        (
            "time > 1 2",
            "an operator is expected at character 10 of `time > 1 2`",
        ),
        (
            "größe > 1 2",
            "an operator is expected at character 11 of `größe > 1 2`",
        ),
        (
            "grow(x, 1h) > 1",
            "`grow` is none of the functions growth, abs, min, max, p at character 6 of `grow(x, 1h) > 1`",
        ),
        (
            "p(time) > 1",
            "p() takes 2 arguments, found 1 at character 8 of `p(time) > 1`",
        ),
        (
            "abs() > 1",
            "a value is expected at character 5 of `abs() > 1`",
        ),
        (
            "p(time, 95 > 1",
            "a `)` is missing at character 15 of `p(time, 95 > 1`",
        ),
        (
            "growth(5, 1h) > 1",
            "the first argument of growth() is the name of a metric at character 14 of `growth(5, 1h) > 1`",
        ),
    ] {
        assert_eq!(
            said(&format!("when = '{text}'")),
            format!("gates.toml:3: `when`: {expected}")
        );
    }
    let deep = format!("{}1 > 0", "(".repeat(1000));
    assert_eq!(
        Expression::parse(&deep).unwrap_err(),
        ("nested too deeply".to_owned(), 65)
    );
    let long = format!("time > 1{}", " + 1".repeat(100_000));
    assert_eq!(
        Expression::parse(&long).unwrap_err(),
        ("more than 2000 letters".to_owned(), 2001)
    );
    assert!(
        Bound::parse("5").is_none() && Bound::parse("<= ").is_none() && Bound::parse("").is_none()
    );
}

#[test]
fn a_time_is_never_compared_with_a_size() {
    for (keys, expected) in [
        (
            "metric = 'time'\nwhen = 'value > 10 MB'",
            "gates.toml:3: `when`: a time cannot be compared with a size: `value` is in ns and `10 MB` in B; write a time, like `10ms`, \
             or ask for another metric, at character 9 of `value > 10 MB`",
        ),
        (
            "when = 'growth(peak-memory, 1h) > 5 s'",
            "gates.toml:3: `when`: a size cannot be compared with a time: `growth(peak-memory, 1h)` is in B and `5 s` in ns; write a size, \
             like `10MB`, or ask for another metric, at character 27 of `growth(peak-memory, 1h) > 5 s`",
        ),
        (
            "when = '50% < latency - 1ms'",
            "gates.toml:3: `when`: a number or share cannot be compared with a time: `50%` is in 1 and `latency - 1ms` in ns; write a time, \
             like `10ms`, or ask for another metric, at character 1 of `50% < latency - 1ms`",
        ),
    ] {
        assert_eq!(said(keys), expected);
    }
    for fine in [
        "metric = ['time', 'latency']\nwhen = 'value > baseline * 1.3 + 2ms and value / baseline > 130%'",
        "metric = 'time'\nwhen = 'time > 1000000 or (time - previous) / previous > 0.5'",
        "metric = ['time', 'peak-memory']\nwhen = 'value > 10MB'",
        "metric = 'carbon'\nwhen = 'value > 10MB'",
        "when = 'p(latency, 99) > max(5ms, 2 * median)'",
    ] {
        let text = format!("[[gate]]\n{fine}\n");
        assert_eq!(
            Rules::none().read_file(&text, "gates.toml"),
            Ok(()),
            "{fine}"
        );
    }
}
