//! Broken and hostile input: an error or a verdict, never a panic.

use benchhost_gate::{Bound, Expression, Rules, Subject, Value};
use benchhost_record::{Direction, MetricKind};
use benchhost_stats::SplitMix64;

use crate::support::{Words, judged, measured, named, time};

const KEYS: [&str; 19] = [
    "target",
    "max",
    "min",
    "budget",
    "tolerance",
    "percent",
    "significant",
    "history",
    "change",
    "when",
    "name",
    "case",
    "metric",
    "statistic",
    "against",
    "window",
    "guarded",
    "severity",
    "off",
];

const VALUES: [&str; 30] = [
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "5e-324",
    "nan",
    "-inf",
    "true",
    "false",
    "''",
    "'5%'",
    "'class'",
    "'<= 250ms'",
    "'>= 1e308 s'",
    "'1e308%'",
    "'-5%'",
    "'*'",
    "'[a'",
    "'{{{'",
    "'a/b?c=[d'",
    "[]",
    "['*', 'x']",
    "{}",
    "{ time = '5ms' }",
    "'median'",
    "'time > 5'",
    "1979-05-27",
    "'\u{0000a0}µ'",
];

/// Reads, and judges with what can be read.
fn try_out(text: &str) -> bool {
    let mut rules = Rules::defaults();
    if let Err(error) = rules.read_file(text, "fuzz.toml") {
        let said = error.to_string();
        assert!(said.starts_with("fuzz.toml:"), "{said}");
        return false;
    }
    let mut wild = measured(time(), 1e300)
        .baseline(-1e-300)
        .after(&[0.0, f64::NAN, 1e308, -1.0]);
    wild.again = Some(Value::plain(f64::NAN));
    let plain = named("", "", Direction::Neither, MetricKind::Count);
    let subjects = [
        wild,
        measured(plain, 0.0).after(&[0.0; 40]).of("", ""),
        measured(time(), 5.0),
    ];
    let found = judged(&subjects, &rules);
    assert_eq!(found.judged.len() + found.not_judged, 3);
    true
}

#[test]
fn seeded_random_tables_are_read_or_refused() {
    let mut read = 0;
    for seed in 0..6000 {
        let mut random = SplitMix64::new(seed);
        let mut text = "[[gate]]\n".to_owned();
        for _ in 0..=random.index(4) {
            let key = KEYS[random.index(KEYS.len())];
            text.push_str(&format!("{key} = {}\n", VALUES[random.index(VALUES.len())]));
        }
        read += usize::from(try_out(&text));
    }
    assert!(read > 100, "{read} of 6000 can be read");
}

#[test]
fn seeded_random_bytes_are_refused() {
    const LETTERS: &[u8] = b"[[gate]]\n=\"'{}()#.,<>%maxwhen 0519eE-+_\\u\t\r\0";
    for seed in 0..6000 {
        let mut random = SplitMix64::new(seed);
        let bytes: Vec<u8> = (0..random.index(120))
            .map(|_| match random.index(8) {
                0 => random.next_u64().to_le_bytes()[0],
                _ => LETTERS[random.index(LETTERS.len())],
            })
            .collect();
        let text = String::from_utf8_lossy(&bytes);
        try_out(&text);
        try_out(&format!("[[gate]]\nmax = '1 s'\n{text}"));
    }
}

#[test]
fn seeded_random_expressions_are_read_or_refused() {
    const WORDS: [&str; 28] = [
        "time", "baseline", "previous", "growth", "p", "abs", "(", ")", ",", "<", ">=", "==", "!=",
        "and", "or", "not", "+", "-", "*", "/", "1e308", "0", "5 ms", "1h", "70%", "µ", "\u{a0}",
        ".",
    ];
    let mut read = 0;
    for seed in 0..40_000 {
        let mut random = SplitMix64::new(seed);
        let words: Vec<&str> = (0..random.index(9))
            .map(|_| WORDS[random.index(WORDS.len())])
            .collect();
        let text = words.join(if random.index(2) == 0 { " " } else { "" });
        let _ = Bound::parse(&text);
        if let Err((_, column)) = Expression::parse(&text) {
            assert!(
                (1..=text.chars().count() + 1).contains(&column),
                "seed {seed}: {text}"
            );
            continue;
        }
        read += 1;
        let mut rules = Rules::none();
        let file = format!("[[gate]]\nmetric = '*'\nwhen = \"{text}\"");
        if let Err(refused) = rules.read_file(&file, "gates.toml") {
            // Beyond what can be read alone: what is known of names.
            let refused = refused.to_string();
            let is_of_units = refused.contains("compared") || refused.contains("looks back");
            assert!(is_of_units, "seed {seed}: {text}: {refused}");
            continue;
        }
        judged(
            &[measured(time(), 5.0).baseline(0.0).after(&[1.0, f64::NAN])],
            &rules,
        );
    }
    assert!(read > 50, "{read} of 40000 can be read");
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        for keys in ["case", "budget", "max", "x"] {
            let text = format!(
                "[[gate]]\n{keys} = {}1{}\n",
                open.repeat(50_000),
                close.repeat(50_000)
            );
            assert!(!try_out(&text), "{keys} {open}");
        }
    }
    let dotted = format!("[[gate]]\n{}a = 1", "a.".repeat(50_000));
    assert!(!try_out(&dotted));
    for symbol in ["(", "-", "not ", "abs(", "- ("] {
        assert!(Expression::parse(&symbol.repeat(100_000)).is_err());
        assert!(Expression::parse(&symbol.repeat(300)).is_err());
    }
    let widest = format!("time > 1{}", "+1".repeat(990));
    assert!(try_out(&format!("[[gate]]\nwhen = '{widest}'")));
}

#[test]
fn a_long_value_is_not_repeated_in_full() {
    let text = format!("[[gate]]\npercent = '{}'", "µ".repeat(100_000));

    let said = Rules::none()
        .read_file(&text, "gates.toml")
        .unwrap_err()
        .to_string();

    assert!(said.len() < 400, "{said}");
}

#[test]
fn subjects_without_anything_are_judged() {
    let empty = Subject {
        case: String::new(),
        benchmark: String::new(),
        ..measured(time(), 0.0)
    };
    let huge = measured(time(), f64::MAX)
        .after(&[f64::MIN_POSITIVE; 600])
        .baseline(f64::MAX);
    let target = Subject {
        target: Some("nonsense".to_owned()),
        ..measured(time(), 1.0)
    };

    let found = judged(&[empty, huge, target], &Rules::defaults());

    assert_eq!(found.judged.len(), 3);
    assert!(judged(&[], &Rules::defaults()).judged.is_empty());
}
