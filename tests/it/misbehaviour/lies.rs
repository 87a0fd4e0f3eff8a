//! Plugins that say what cannot be true: each lie is named by its rule, and voids the case.

use crate::support::{Sandbox, case, plugin};

use super::{assert_outcome, misbehave};

#[test]
fn batches_that_cannot_be_true_are_named_by_their_rule() {
    let sandbox = Sandbox::new();
    let lies = [
        ("fewer", "(iterations-done)"),
        ("more", "(iterations-done)"),
        ("none", "(iterations-done)"),
        ("device-time", "(device-time)"),
        ("facts", "(facts)"),
        ("work", "(work)"),
    ];
    let mut suite = format!(
        "name = 'lies'\n[defaults]\nmax-time = '50ms'\n[plugins]\nliar = '{}'\n",
        plugin("fixture-liar").display()
    );
    for (workload, _) in lies {
        suite += &format!(
            "[[benchmark]]\nname = '{workload}'\nplugin = 'liar'\nworkload = '{workload}'\n"
        );
    }

    let (output, run) = sandbox.suite(&suite);

    assert_eq!(output.code, Some(1), "{output:?}");
    for (workload, rule) in lies {
        assert_outcome(&run, &format!("liar/{workload}?"), "wrong", &[rule]);
    }
}

#[test]
fn more_threads_than_asked_void_the_case_whether_they_live_long_or_short() {
    let sandbox = Sandbox::new();

    // Long enough for the host to look several times.
    let (_, run) = misbehave(
        &sandbox,
        "{ what = ['more-threads', 'spinning-pool', 'work'] }",
        "max-time = '800ms'\nprecision = '0.0001%'\nsamples = { min = 5, max = 10000 }",
    );

    assert_outcome(
        &run,
        "what=more-threads",
        "wrong",
        &["(threads)", "1 threads were asked for"],
    );
    assert_outcome(
        &run,
        "what=spinning-pool",
        "wrong",
        &["(threads)", "1 threads were asked for"],
    );
    assert!(
        case(&run, "what=work").outcome.is_ok(),
        "an honest workload beside them"
    );
}
