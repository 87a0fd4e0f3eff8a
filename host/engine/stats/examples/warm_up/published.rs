//! The published rules that end a warm-up while it runs, to compare with.
//!
//! Laaber, Würsten, Gall & Leitner (2020), "Dynamically reconfiguring software microbenchmarks", ESEC/FSE: after each
//! iteration a number is made of everything seen so far, and the warm-up ends when the last few of these numbers agree.
//! As in the authors' fork of JMH 1.21: CV and RCIW end when the latest differs from each of the others by less than
//! .01 and .03, KLD when each likeness 2^-KL(a,b)·2^-KL(b,a) of everything before and after an iteration is above .99.
//! Not done here: their outlier filter (10 interquartile ranges) and their random draw of 1000 values; the
//! interval of the mean is the normal one instead of a bootstrap, at their 99 %. They apply the rules to iterations of
//! many invocations with a window of 5 and at least 5 iterations, which here is 10 blocks an iteration; each is tried
//! with one block an iteration and a window of 10 too.
//!
//! Georges, Buytaert & Eeckhout (2007), "Statistically rigorous Java performance evaluation", OOPSLA: the coefficient
//! of variation of the last k values is below .02, for k = 4 and k = 10.

/// How many blocks make an iteration, and how many numbers must agree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) blocks: usize,
    pub(crate) window: usize,
}

pub(crate) const FORMS: [Form; 2] = [
    Form {
        blocks: 1,
        window: 10,
    },
    Form {
        blocks: 10,
        window: 5,
    },
];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    Cv(Form),
    Rciw(Form),
    Kld(Form),
    Last(usize),
}

impl Rule {
    pub(crate) fn all() -> Vec<Self> {
        let of = |rule: fn(Form) -> Self| FORMS.into_iter().map(rule);
        let laaber = of(Self::Cv).chain(of(Self::Rciw)).chain(of(Self::Kld));
        laaber.chain([Self::Last(4), Self::Last(10)]).collect()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Cv(form) => format!("CV {}x{}", form.blocks, form.window),
            Self::Rciw(form) => format!("RCIW {}x{}", form.blocks, form.window),
            Self::Kld(form) => format!("KLD {}x{}", form.blocks, form.window),
            Self::Last(k) => format!("CoV last {k}"),
        }
    }

    /// Blocks after which the warm-up ends, `floor` at least; none when it does not end within `values`.
    pub(crate) fn end(self, values: &[f64], floor: usize) -> Option<usize> {
        match self {
            Self::Cv(form) => agreement(values, form, floor, 0.01, |moments| {
                moments.sd() / moments.mean
            }),
            Self::Rciw(form) => agreement(values, form, floor, 0.03, |moments| {
                2.0 * 2.5758 * moments.sd() / moments.count.sqrt() / moments.mean
            }),
            Self::Kld(form) => likeness_end(values, form, floor),
            Self::Last(k) => {
                let mut ends = (k..=values.len()).filter(|end| *end >= floor);
                ends.find(|end| is_quiet(&values[end - k..*end]))
            }
        }
    }
}

fn is_quiet(window: &[f64]) -> bool {
    let mut moments = Moments::default();
    window.iter().for_each(|x| moments.push(*x));
    moments.sd() < 0.02 * moments.mean
}

/// Ends when the last `window` numbers differ from the latest by less than `threshold`.
fn agreement(
    values: &[f64],
    form: Form,
    floor: usize,
    threshold: f64,
    number: impl Fn(&Moments) -> f64,
) -> Option<usize> {
    let mut moments = Moments::default();
    let mut numbers = Vec::new();
    for (i, iteration) in values.chunks_exact(form.blocks).enumerate() {
        iteration.iter().for_each(|x| moments.push(*x));
        numbers.push(number(&moments));
        let last = &numbers[numbers.len().saturating_sub(form.window)..];
        let latest = last[last.len() - 1];
        // One value alone has no spread.
        let full = last.len() == form.window && (form.blocks > 1 || i >= form.window);
        let end = (i + 1) * form.blocks;
        if end >= floor && full && last.iter().all(|x| (x - latest).abs() < threshold) {
            return Some(end);
        }
    }
    None
}

/// Mean and spread of all values so far (Welford 1962).
#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn push(&mut self, x: f64) {
        self.count += 1.0;
        let distance = x - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (x - self.mean);
    }

    fn sd(&self) -> f64 {
        (self.squares / (self.count - 1.0)).sqrt()
    }
}

/// Ends when `window` likenesses of neighbouring states in a row are above .99.
fn likeness_end(values: &[f64], form: Form, floor: usize) -> Option<usize> {
    let mut sorted: Vec<f64> = Vec::new();
    let mut in_a_row = 0;
    for (i, iteration) in values.chunks_exact(form.blocks).enumerate() {
        let before = sorted.clone();
        for x in iteration {
            sorted.insert(sorted.partition_point(|y| y < x), *x);
        }
        let alike = before.len() > 1 && likeness(&before, &sorted) > 0.99;
        in_a_row = if alike { in_a_row + 1 } else { 0 };
        let end = (i + 1) * form.blocks;
        if end >= floor && in_a_row >= form.window {
            return Some(end);
        }
    }
    None
}

/// Points at which densities are compared; the authors take 1000.
const POINTS: usize = 100;

/// 2^-KL(before, after)·2^-KL(after, before) over the range of both without outliers; both sorted.
fn likeness(before: &[f64], after: &[f64]) -> f64 {
    let ranges = [range(before), range(after)];
    let low = ranges[0].0.min(ranges[1].0).max(0.0);
    let high = ranges[0].1.max(ranges[1].1);
    if low == high {
        return 1.0;
    }
    let step = (high - low) / (POINTS - 1) as f64;
    let (p, q) = (density(before, low, step), density(after, low, step));
    let divergence = |p: &[f64], q: &[f64]| -> f64 {
        let both = p.iter().zip(q).filter(|(p, q)| **p > 0.0 && **q > 0.0);
        both.map(|(p, q)| p * (p / q).ln() * step).sum()
    };
    (-divergence(&p, &q) - divergence(&q, &p)).exp2()
}

fn quartiles(sorted: &[f64]) -> (f64, f64) {
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    (at(0.25), at(0.75))
}

fn range(sorted: &[f64]) -> (f64, f64) {
    let (lower, upper) = quartiles(sorted);
    let reach = 1.5 * (upper - lower);
    (lower - reach, upper + reach)
}

/// Gaussian kernel density with Silverman's width (1986, "Density estimation", eq. 3.31) at `POINTS` points.
fn density(sorted: &[f64], low: f64, step: f64) -> Vec<f64> {
    let mut moments = Moments::default();
    sorted.iter().for_each(|x| moments.push(*x));
    let (lower, upper) = quartiles(sorted);
    let spread = moments.sd().min((upper - lower) / 1.34).max(step);
    let width = 0.9 * spread * moments.count.powf(-0.2);
    let scale = 1.0 / (moments.count * width * std::f64::consts::TAU.sqrt());
    (0..POINTS)
        .map(|i| {
            let at = low + step * i as f64;
            let near = sorted.partition_point(|x| *x < at - 5.0 * width)
                ..sorted.partition_point(|x| *x <= at + 5.0 * width);
            let kernels = sorted[near]
                .iter()
                .map(|x| (-0.5 * ((x - at) / width).powi(2)).exp());
            scale * kernels.sum::<f64>()
        })
        .collect()
}
