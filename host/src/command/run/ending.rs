//! What a run ends with: its table, judged by its past where that is known, and what could be done.
//!
//! A look, no gate: no alert moves, and the exit code is that of the measuring. Whatever is wrong with rules, baseline or
//! history is a remark.

use benchhost_gate::Verdict;
use benchhost_record::Run;
use benchhost_report::terminal::{Shown, render_run};

use super::super::{
    Failure, check,
    gather::{self, By, Opinion},
};
use crate::{cli::RunArguments, run::Kept, store, store::Store, terminal};

/// What is made of the run; nothing, after a remark, when that cannot be said.
pub(super) fn opinion(arguments: &RunArguments, run: &Run, kept: &Kept) -> Opinion {
    let path = store::located(arguments.store.as_deref());
    let history = match kept.history() {
        Some((path, None)) => Some(path),
        _ => None,
    };
    let found = || -> Result<Opinion, Failure> {
        let store = history.map(Store::open_existing).transpose()?;
        let baseline = check::baseline(None, run, false)?;
        gather::opinion(
            run,
            &By {
                path: &path,
                store: store.as_ref(),
                baseline: baseline.as_ref(),
                gates: None,
                recommend: arguments.advice.recommend.as_deref(),
                across_machines: false,
            },
        )
    };
    let opinion = found().unwrap_or_else(|failure| {
        terminal::remark(&format!("note: the run is not judged: {}", failure.message));
        Opinion::default()
    });
    for sentence in opinion.unreadable.iter().chain(&opinion.idle) {
        terminal::remark(&format!("note: {sentence}"));
    }
    opinion
}

/// The table and what follows it.
pub(super) fn text(run: &Run, opinion: &Opinion, verbose: bool) -> String {
    let speaks = |verdict| !matches!(verdict, Verdict::Failed | Verdict::InsufficientData);
    let mut judged = opinion.judged.judged.iter();
    let is_judged = judged.any(|one| speaks(one.verdict));
    render_run(&Shown {
        run,
        judged: (is_judged || verbose).then_some(&opinion.judged),
        recommendations: &opinion.recommendations,
        verbose,
        width: terminal::width(),
        colour: terminal::colour(),
        ascii: terminal::ascii(),
    })
}
