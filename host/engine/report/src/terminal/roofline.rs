//! How near each case came to the roofs of its machine.

use benchhost_record::{Bound, Roofline, Run};

use super::{
    layout::{Body, INDENT, Row, Table, wrapped},
    paint::{Paint, Style},
    quantity::{NOTHING, finite, tenths},
};
use crate::text::harmless;

/// What more than the machine can do means.
const ABOVE: &str = "above the roof: caches served the data, the numbers are narrower than those of the roof, or more work is declared than is done";

/// Below this share of a roof, something else is in the way: a disk, a network, a lock.
const LEAST_SHARE: f64 = 0.001;

/// The section, when roofs are known and work is declared.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> Option<String> {
    let rows: Vec<Row> = run
        .cases
        .iter()
        .filter_map(|result| {
            let roofline = result
                .roofline
                .as_ref()
                .filter(|one| one.share >= LEAST_SHARE)?;
            Some(Row {
                label: harmless(result.case.id.as_str()),
                body: Body::Numbers {
                    cells: cells(roofline),
                    remarks: remark(roofline),
                },
            })
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let table = Table {
        headers: ["achieved", "ceiling", "share", "FLOP/B"]
            .map(str::to_owned)
            .to_vec(),
        dispensability: vec![0, 2, 0, 3],
        remarks: "bound by".to_owned(),
        rows,
    };
    let title = paint.lines(&["roofline".to_owned()], Style::Bold);
    let mut text = format!("{title}{}", table.render(width, paint).0);
    let roofs = run.cases.iter().filter_map(|result| result.roofline);
    if roofs.into_iter().any(|roof| roof.is_above_roof()) {
        let room = width.map(|all| all.saturating_sub(INDENT));
        for line in wrapped(ABOVE, room, 0) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    Some(text)
}

fn cells(roofline: &Roofline) -> Vec<String> {
    let unit = roofline.unit.word();
    vec![
        finite(roofline.achieved, unit),
        finite(roofline.ceiling, unit),
        tenths(roofline.share),
        roofline
            .intensity
            .map_or_else(|| NOTHING.to_owned(), |intensity| finite(intensity, "1")),
    ]
}

fn remark(roofline: &Roofline) -> String {
    let bound = match roofline.bound {
        Bound::Compute => "compute",
        Bound::Memory => "memory",
    };
    let above = if roofline.is_above_roof() {
        ", above the roof"
    } else {
        ""
    };
    format!("{bound}{above}")
}
