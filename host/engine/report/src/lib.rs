//! report
#![allow(missing_docs)]
pub mod terminal {
    pub fn render(run: &benchhost_record::Run, _w: Option<u16>, _c: bool) -> String {
        let mut s = String::new();
        for c in &run.cases {
            s += &format!(
                "{} {} {}\n",
                c.case.id,
                c.outcome.word(),
                c.outcome.sentence()
            );
            for m in &c.measurements {
                if let Some(x) = &m.summary {
                    s += &format!(
                        "   {} = {} ±{:.2}% n={}\n",
                        m.metric.name,
                        benchhost_record::format_quantity(x.median, &m.metric.unit),
                        100.0 * x.interval.relative_half_width(x.median),
                        x.n
                    );
                }
            }
            for f in &c.flags {
                s += &format!("   ! {} {}\n", f.kind.word(), f.message);
            }
        }
        s
    }
}
