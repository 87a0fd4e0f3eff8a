//! How near each case came to the roofs of its machine.

use benchhost_record::{Bound, Roofline, Run, format_quantity};

use super::{
    layout::{Body, Row, Table},
    paint::{Paint, Style},
    quantity::NOTHING,
};
use crate::text::harmless;

/// The section, when roofs are known and work is declared.
pub(super) fn section(run: &Run, width: Option<usize>, paint: Paint) -> Option<String> {
    let rows: Vec<Row> = run
        .cases
        .iter()
        .filter_map(|result| {
            let roofline = result.roofline.as_ref()?;
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
    Some(format!("{title}{}", table.render(width, paint).0))
}

fn cells(roofline: &Roofline) -> Vec<String> {
    let unit = roofline.unit.word();
    vec![
        format_quantity(roofline.achieved, unit),
        format_quantity(roofline.ceiling, unit),
        format!("{:.1} %", 100.0 * roofline.share),
        roofline.intensity.map_or_else(
            || NOTHING.to_owned(),
            |intensity| format_quantity(intensity, "1"),
        ),
    ]
}

fn remark(roofline: &Roofline) -> String {
    let bound = match roofline.bound {
        Bound::Compute => "compute",
        Bound::Memory => "memory",
    };
    if roofline.is_above_roof() {
        format!("{bound}, above the roof: caches help, or too much work is declared")
    } else {
        bound.to_owned()
    }
}
