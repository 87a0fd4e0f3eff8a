//! Names of the rows of a block: what tells its cases apart, without what they share.

use benchhost_record::{CaseId, CaseResult};

use crate::text::harmless;

/// What stands over a block and what stands before each of its rows.
pub(crate) struct Labels {
    pub(crate) heading: String,
    pub(crate) rows: Vec<String>,
}

/// Labels of the cases of one block; there is at least one.
pub(crate) fn labels(cases: &[&CaseResult]) -> Labels {
    let ids: Vec<&CaseId> = cases.iter().map(|result| &result.case.id).collect();
    let (shared, rows) = apart(&ids);
    let case = &cases[0].case;
    let mut heading = format!("{}/{}", case.plugin, case.workload);
    if !shared.is_empty() {
        heading = format!("{heading} · {shared}");
    }
    Labels {
        heading: harmless(&heading),
        rows,
    }
}

/// What all of these cases share, and what each of them has for itself; there is at least one.
pub(crate) fn apart(ids: &[&CaseId]) -> (String, Vec<String>) {
    let queries: Vec<Vec<&str>> = ids
        .iter()
        .map(|id| id.query().split('&').collect())
        .collect();
    // A case alone shares everything with itself; its row then keeps its name.
    let is_shared = |pair: &&str| ids.len() > 1 && queries.iter().all(|query| query.contains(pair));
    let shared: Vec<&str> = queries[0]
        .iter()
        .copied()
        .filter(|pair| is_shared(pair))
        .collect();
    let rows = queries
        .iter()
        .map(|query| {
            let own: Vec<&str> = query
                .iter()
                .copied()
                .filter(|pair| !is_shared(pair))
                .collect();
            harmless(&own.join(" "))
        })
        .collect();
    (harmless(&shared.join(" ")), rows)
}
