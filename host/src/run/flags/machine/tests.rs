//! What a machine's noise is worth saying, and what is not said.

use benchhost_record::Outcome;

use super::*;
use crate::run::repetition::Order;

/// Noise of a second in which nothing happened.
const QUIET: MachineNoise = MachineNoise {
    elapsed_ns: 1_000_000_000,
    steal_share: Some(0.0),
    other_share: Some(0.0),
    waited_ns: Some(0),
    throttle_events: Some(0),
    quota_stopped_ns: Some(0),
};

fn messages(noise: MachineNoise, cpus: &[u32]) -> Vec<(FlagKind, String)> {
    let flags = machine_flags(&noise, cpus).into_iter();
    flags.map(|flag| (flag.kind, flag.message)).collect()
}

#[test]
fn a_quiet_machine_and_one_that_cannot_be_read_have_no_flags() {
    let little = MachineNoise {
        steal_share: Some(0.009),
        other_share: Some(0.049),
        waited_ns: Some(49_000_000),
        quota_stopped_ns: Some(QUOTA_NS),
        ..QUIET
    };

    assert_eq!(messages(QUIET, &[1]), []);
    assert_eq!(messages(little, &[1]), []);
    assert_eq!(messages(MachineNoise::default(), &[1]), []);
}

#[test]
fn what_others_took_is_said_with_its_cpus_in_one_flag() {
    let noise = MachineNoise {
        steal_share: Some(0.0612),
        other_share: Some(0.43),
        ..QUIET
    };

    let message = "other programs and interrupts used 43 % of CPUs 0-1, 5 during the measurement; \
                   the hypervisor took away 6.1 % of CPUs 0-1, 5 (steal)";
    assert_eq!(
        messages(noise, &[5, 0, 1]),
        [(FlagKind::OtherLoad, message.to_owned())]
    );
}

#[test]
fn a_share_that_is_only_a_few_ticks_is_not_said() {
    let short = MachineNoise {
        elapsed_ns: 300_000_000,
        other_share: Some(0.15),
        ..QUIET
    };

    assert_eq!(messages(short, &[1]), []);
    assert_eq!(messages(short, &[0, 1]).len(), 1);
}

#[test]
fn waiting_is_said_where_the_share_of_others_is_not() {
    let short = MachineNoise {
        elapsed_ns: 40_000_000,
        steal_share: None,
        other_share: None,
        waited_ns: Some(18_000_000),
        ..QUIET
    };
    let long = MachineNoise {
        other_share: Some(0.5),
        waited_ns: Some(500_000_000),
        ..QUIET
    };

    let message = "the worker was ready to run for 18 ms of 40 ms but CPU 1 ran something else";
    assert_eq!(
        messages(short, &[1]),
        [(FlagKind::OtherLoad, message.to_owned())]
    );
    assert!(messages(long, &[1])[0].1.starts_with("other programs"));
    assert_eq!(messages(long, &[1]).len(), 1);
}

#[test]
fn waiting_for_the_quota_is_not_blamed_on_others() {
    let stopped = MachineNoise {
        waited_ns: Some(638_000_000),
        quota_stopped_ns: Some(643_000_000),
        ..QUIET
    };

    let flags = messages(stopped, &[1]);

    assert_eq!(flags.len(), 1);
    assert_eq!(flags[0].0, FlagKind::Throttled);
}

#[test]
fn heat_and_quotas_are_told_apart() {
    let hot = MachineNoise {
        throttle_events: Some(7),
        ..QUIET
    };
    let stopped = MachineNoise {
        quota_stopped_ns: Some(12_000_000),
        ..QUIET
    };

    let hot = messages(hot, &[0]);
    let stopped = messages(stopped, &[0]);

    assert_eq!(hot[0].0, FlagKind::Throttled);
    assert_eq!(hot[0].1, "the CPU was slowed 7 times because of heat");
    assert_eq!(
        stopped[0].1,
        "the control group's CPU quota stopped its processes for 12 ms in all"
    );
}

/// A repetition that saw this.
fn taken(noise: MachineNoise) -> Taken {
    let order = Order {
        index: 0,
        position: 0,
    };
    let mut one = Taken::skipped(order, String::new());
    one.repetition.outcome = Outcome::Ok;
    one.repetition.machine = Some(noise);
    one
}

#[test]
fn a_case_tells_of_its_worst_repetition_and_of_how_many_were_hit() {
    let taken = |other_share| {
        taken(MachineNoise {
            other_share: Some(other_share),
            ..QUIET
        })
    };

    let flags = of_case(&[taken(0.2), taken(0.5), taken(0.01)], &[1], 1);

    assert_eq!(flags.len(), 1);
    assert_eq!(
        flags[0].message,
        "other programs and interrupts used 50 % of CPU 1 during the measurement (in 2 of 3 repetitions; this \
         is the worst)"
    );
    assert!(of_case(&[taken(0.0)], &[1], 1).is_empty());
    assert!(of_case(&[], &[1], 1).is_empty());
}

#[test]
fn threads_of_one_case_may_wait_for_each_other() {
    let waiting = taken(MachineNoise {
        elapsed_ns: 1_000_000_000,
        waited_ns: Some(900_000_000),
        ..QUIET
    });
    let one = [waiting];

    assert_eq!(of_case(&one, &[0, 1], 1).len(), 1);
    assert!(of_case(&one, &[0, 1], 2).is_empty());
}
