//! What a rule did to a series, and the tables of it.

use benchhost_stats::quantile;

use crate::shapes::{CAP, Series, Shape};

/// Blocks that a measurement would take, whose mean is compared with the final level.
const READ: usize = 100;

/// Wasted blocks that weigh as much as a bias of 1 %.
pub(crate) const PRICES: [f64; 4] = [25.0, 50.0, 100.0, 200.0];

/// One rule on one series. `late`, `off` and `bias` mean nothing where nothing settles.
pub(crate) struct Outcome {
    late: f64,
    off: f64,
    bias: f64,
    claims: bool,
}

impl Outcome {
    /// The warm-up of `series` ended after `end` blocks, or was given up.
    pub(crate) fn new(series: &Series, end: Option<usize>, claims: bool) -> Self {
        let at = end.unwrap_or(CAP);
        let read = &series.levels[at..at + READ];
        let level = read.iter().sum::<f64>() / READ as f64;
        let distance = at as f64 - series.settled_at.unwrap_or(at) as f64;
        Self {
            late: distance.max(0.0),
            off: distance.abs(),
            bias: (level / 100.0 - 1.0).abs() * 100.0,
            claims,
        }
    }
}

/// One rule over all shapes.
pub(crate) struct Total {
    pub(crate) name: String,
    groups: f64,
    off: f64,
    costs: [f64; PRICES.len()],
    with_none: usize,
    false_claims: usize,
    flat_claims: f64,
}

impl Total {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            groups: 0.0,
            off: 0.0,
            costs: [0.0; PRICES.len()],
            with_none: 0,
            false_claims: 0,
            flat_claims: 1.0,
        }
    }

    pub(crate) fn add(&mut self, shape: Shape, outcomes: &[Outcome]) {
        if !shape.settles() {
            self.with_none += outcomes.len();
            self.false_claims += outcomes.iter().filter(|o| o.claims).count();
            return;
        }
        if shape == Shape::Flat {
            self.flat_claims = self.flat_claims.min(claims(outcomes));
        }
        self.groups += 1.0;
        self.off += mean(outcomes, |o| o.off);
        for (cost, price) in self.costs.iter_mut().zip(PRICES) {
            *cost += mean(outcomes, |o| o.bias + o.late / price);
        }
    }

    /// Whether no cost and no distance is above that of `other`.
    pub(crate) fn is_no_worse_than(&self, other: &Self) -> bool {
        let dearer = self.costs.iter().zip(other.costs).any(|(a, b)| *a > b);
        !dearer && self.off <= other.off
    }

    pub(crate) fn claims_where_there_is_none(&self) -> usize {
        self.false_claims
    }

    /// Share of the flat series that are called steady, in the worse of the noises.
    pub(crate) fn flat_claims(&self) -> f64 {
        self.flat_claims
    }

    pub(crate) fn print(&self) {
        let cost = |cost: &f64| format!(" {:>8.2}", cost / self.groups);
        let costs: String = self.costs.iter().map(cost).collect();
        let off = self.off / self.groups;
        let claims = format!("{} of {}", self.false_claims, self.with_none);
        println!("  {:<20}{costs} {off:>8.1}   {claims}", self.name);
    }
}

pub(crate) fn print_total_head() {
    println!(
        "\nmean over the shapes that settle; a cost of 1 is 1 % of bias or so many wasted blocks:"
    );
    let cost = |price: f64| format!(" {price:>8.0}");
    let costs: String = PRICES.into_iter().map(cost).collect();
    println!(
        "  {:<20}{costs} {:>8}   claims where there is none",
        "rule", "off"
    );
}

pub(crate) fn print_head(shape: Shape, noise: f64) {
    println!("\n{}, noise {:.0} %", shape.words(), 100.0 * noise);
    println!(
        "  {:<20} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "rule", "late", "p90", "bias %", "p90 %", "off", "claims %"
    );
}

pub(crate) fn print_line(name: &str, shape: Shape, outcomes: &[Outcome]) {
    let claims = 100.0 * claims(outcomes);
    if !shape.settles() {
        println!("  {name:<20} {claims:>51.1}");
        return;
    }
    let at = |of: fn(&Outcome) -> f64, p| {
        let xs: Vec<f64> = outcomes.iter().map(of).collect();
        quantile(&xs, p).unwrap_or(f64::NAN)
    };
    let (late, late_p90) = (at(|o| o.late, 0.5), at(|o| o.late, 0.9));
    let (bias, bias_p90) = (at(|o| o.bias, 0.5), at(|o| o.bias, 0.9));
    let off = mean(outcomes, |o| o.off);
    println!(
        "  {name:<20} {late:>7.0} {late_p90:>7.0} {bias:>8.2} {bias_p90:>8.2} {off:>8.0} {claims:>8.1}"
    );
}

fn claims(outcomes: &[Outcome]) -> f64 {
    mean(outcomes, |o| f64::from(u8::from(o.claims)))
}

fn mean(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(of).sum::<f64>() / outcomes.len() as f64
}
