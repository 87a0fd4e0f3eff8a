//! What is to be seen, as data: panels with bars, lines and spreads. Knows neither pixels nor backends.

use plotters::style::RGBColor;

/// One picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    /// Name of its file without ending.
    pub(crate) name: String,
    pub(crate) title: String,
    /// What run and machine it is about.
    pub(crate) subtitle: String,
    pub(crate) panels: Vec<Panel>,
    /// Panels side by side.
    pub(crate) columns: usize,
    /// What the reader must know: meaning of marks, what is left out and why.
    pub(crate) notes: Vec<String>,
}

/// A part of a picture with axes of its own. All values of one have the same unit.
#[derive(Debug, Clone)]
pub(crate) enum Panel {
    Bars(Bars),
    Lines(Box<Lines>),
    Spread(Spread),
}

/// Bars below each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) unit: String,
    pub(crate) bars: Vec<Bar>,
    pub(crate) legend: Vec<(String, RGBColor)>,
}

/// A value, its parts, or why there is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bar {
    pub(crate) label: String,
    /// Parts with their colours, from the left; one for a whole.
    pub(crate) parts: Vec<(f64, RGBColor)>,
    pub(crate) interval: Option<(f64, f64)>,
    /// What stands beside it: the value, or why there is none.
    pub(crate) text: String,
    /// Whether there is none because the case failed.
    pub(crate) has_failed: bool,
}

impl Bar {
    /// The value.
    pub(crate) fn whole(&self) -> f64 {
        self.parts.iter().map(|(value, _)| value).sum()
    }
}

/// Curves over an axis.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) x: AxisOf,
    pub(crate) y: AxisOf,
    pub(crate) curves: Vec<Curve>,
    /// A range of y that is expected, with what it is called.
    pub(crate) band: Option<(f64, f64, String)>,
    /// Places on x.
    pub(crate) marks: Vec<Mark>,
    /// Places on x where there should be a value and is none.
    pub(crate) failed: Vec<f64>,
    /// What is written at both ends of x instead of numbers.
    pub(crate) ends: Option<(String, String)>,
    /// Under the panel.
    pub(crate) remark: String,
}

/// What an axis counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct AxisOf {
    pub(crate) name: String,
    pub(crate) unit: String,
    /// Whether tenfold is a step of equal length however near the values lie.
    pub(crate) is_log: bool,
    /// Whether 0 belongs to it.
    pub(crate) from_zero: bool,
    /// Where its labels stand; empty for round numbers.
    pub(crate) at: Vec<f64>,
}

/// Points and lines of one colour.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) colour: RGBColor,
    pub(crate) style: Style,
    pub(crate) points: Vec<(f64, f64)>,
    /// Interval of each point; empty for none.
    pub(crate) intervals: Vec<Option<(f64, f64)>>,
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Points,
    PointsAndLine,
    Line,
    Dashed,
}

/// A place on x.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) at: f64,
    pub(crate) name: String,
    pub(crate) colour: RGBColor,
}

/// Samples of several cases, each against its own middle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spread {
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) rows: Vec<Samples>,
}

/// Samples of a case, as parts of their median: 0 is the median, 0.1 is a tenth above it.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    pub(crate) label: String,
    pub(crate) text: String,
    /// In order.
    pub(crate) values: Vec<f64>,
}
