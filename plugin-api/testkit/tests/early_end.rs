//! A workload that has nothing more to do ends the testkit's run, and phases are told as the host tells them.

use benchhost_plugin_api::prelude::*;
use benchhost_testkit::bench;

/// Does three rounds, each in a phase.
struct Rounds<const FRESH: bool> {
    ctx: Ctx,
    done: u64,
}

impl<const FRESH: bool> Workload for Rounds<FRESH> {
    type Config = ();

    const PREPARES_EACH_ITERATION: bool = FRESH;

    fn create(_config: (), ctx: &Ctx) -> Result<Self, Error> {
        Ok(Self {
            ctx: ctx.clone(),
            done: 0,
        })
    }

    fn iterate(&mut self) -> Result<Digest, Error> {
        self.ctx.time("spin", || self.done += 1);
        if self.done == 3 {
            self.ctx.finish();
        }
        Ok(self.done.into())
    }

    fn verify(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn a_workload_that_finishes_does_no_more_than_it_wants() {
    let in_one = bench::<Rounds<false>>().iterations(10).run().unwrap();
    let fresh = bench::<Rounds<true>>().iterations(10).run().unwrap();
    let short = bench::<Rounds<false>>().iterations(2).run().unwrap();

    for report in [&in_one, &fresh] {
        assert_eq!(
            (report.iterations, report.digest, report.finished),
            (3, 3, true)
        );
    }
    assert_eq!((short.iterations, short.finished), (2, false));
}

#[test]
fn phases_are_told_after_each_sample() {
    let phases = |report: &benchhost_testkit::Report| -> Vec<f64> {
        let spin = report
            .metrics
            .iter()
            .filter(|(name, _)| name == "time.spin");
        spin.map(|(_, ns)| *ns).collect()
    };

    let in_one = phases(&bench::<Rounds<false>>().iterations(2).run().unwrap());
    let fresh = phases(&bench::<Rounds<true>>().iterations(2).run().unwrap());

    assert_eq!((in_one.len(), fresh.len()), (1, 2));
}
