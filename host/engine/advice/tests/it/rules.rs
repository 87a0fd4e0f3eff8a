//! Every rule that comes with benchhost speaks where it should, with its number, and is silent just below.

mod cases;
mod curves;
mod flags;
mod runs;

use std::collections::BTreeSet;

use benchhost_advice::Rules;

use crate::fixture::World;

/// A rule, what makes it speak, what nearly does.
pub(crate) type Row = (&'static str, fn(&mut World), fn(&mut World));

fn rows() -> Vec<Row> {
    let parts: [&[Row]; 4] = [cases::ROWS, flags::ROWS, curves::ROWS, runs::ROWS];
    parts.concat()
}

#[test]
fn of_a_run_without_fault_nothing_is_said() {
    let mut world = World::new();
    world.past(&[1e6; 10], true);

    assert_eq!(world.advice(), Vec::new());
}

#[test]
fn every_rule_has_its_row() {
    let rules = Rules::builtin();
    let names: BTreeSet<&str> = rules.all().iter().map(|rule| rule.name.as_str()).collect();
    let tested: BTreeSet<&str> = rows().iter().map(|(name, ..)| *name).collect();

    assert_eq!(names, tested);
    assert_eq!(names.len(), rules.all().len(), "a name twice");
}

#[test]
fn every_rule_speaks_beyond_its_bound_and_not_just_below() {
    for (name, above, below) in rows() {
        let said = |spoil: fn(&mut World)| {
            let mut world = World::new();
            spoil(&mut world);
            world.advice().into_iter().find(|one| one.rule == name)
        };

        let spoken = said(above).unwrap_or_else(|| panic!("{name} does not speak"));
        assert!(
            spoken
                .number
                .starts_with(|c: char| c.is_ascii_digit() || c == '-'),
            "{name}: {spoken:?}"
        );
        assert!(!spoken.condition.is_empty(), "{name}: {spoken:?}");
        assert!(
            !spoken.text.contains(['{', '}', '\u{0}', '–']),
            "{name}: a name is not known: {}",
            spoken.text
        );
        assert_eq!(said(below), None, "{name} speaks below its bound");
    }
}

#[test]
fn ranks_differ_so_that_the_order_is_meant() {
    let rules = Rules::builtin();
    let mut ranks: Vec<u32> = rules.all().iter().map(|rule| rule.rank).collect();
    assert!(ranks.is_sorted(), "the file is in the order of importance");
    ranks.dedup();
    assert_eq!(ranks.len(), rules.all().len());
}
