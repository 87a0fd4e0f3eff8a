//! From stacks as `perf script` writes them to a flame graph. Pure.

use std::io::Cursor;

use inferno::{
    collapse::{Collapse as _, perf},
    flamegraph,
};

/// A flame graph, and what it is made from.
#[derive(Debug)]
pub(super) struct Graph {
    /// A stack and its CPU time, ns, in each line.
    pub(super) folded: Vec<u8>,
    pub(super) svg: Vec<u8>,
}

/// The flame graph of `script`.
///
/// # Errors
/// That there is no sample in it, or what cannot be understood.
pub(super) fn flame_graph(script: &[u8], title: &str) -> Result<Graph, String> {
    let mut options = perf::Options::default();
    options.nthreads = 1;
    let mut folded = Vec::new();
    perf::Folder::from(options)
        .collapse(Cursor::new(script), &mut folded)
        .map_err(|error| format!("what `perf script` wrote cannot be understood: {error}"))?;
    if folded.is_empty() {
        return Err("`perf` took no sample".to_owned());
    }
    let mut options = flamegraph::Options::default();
    options.title = title.to_owned();
    // The clock of the CPU counts ns.
    options.factor = 1e-6;
    options.count_name = "ms of CPU time".to_owned();
    // The same stacks have the same colours in every picture.
    options.deterministic = true;
    let mut svg = Vec::new();
    flamegraph::from_reader(&mut options, Cursor::new(&folded), &mut svg)
        .map_err(|error| format!("no flame graph can be drawn: {error}"))?;
    Ok(Graph { folded, svg })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "worker 42 1.0: 1003009 cpu-clock: \n\
                          \t5581 spin<T>+0x10 (/x/libm.so)\n\t5592 main+0x8 (/x/benchhost)\n\n\
                          worker 42 1.1: 1003009 cpu-clock: \n\
                          \t5581 spin<T>+0x10 (/x/libm.so)\n\t5592 main+0x8 (/x/benchhost)\n\n";

    #[test]
    fn stacks_are_counted_and_drawn_and_names_cannot_break_out() {
        let graph = flame_graph(SCRIPT.as_bytes(), "a & <script>alert(1)</script>").unwrap();

        let folded = String::from_utf8(graph.folded).unwrap();
        let lines: Vec<&str> = folded.lines().collect();
        assert_eq!(lines.len(), 1, "{folded}");
        assert!(
            lines[0].starts_with("worker;main;spin") && lines[0].ends_with(" 2006018"),
            "{folded}"
        );
        let svg = String::from_utf8(graph.svg).unwrap();
        assert!(svg.contains("&lt;script&gt;alert(1)") && !svg.contains("<script>alert(1)"));
        assert!(svg.contains("spin") && svg.contains("ms of CPU time"));
    }

    #[test]
    fn without_a_sample_there_is_no_graph() {
        assert_eq!(flame_graph(b"", "t").unwrap_err(), "`perf` took no sample");
    }
}
