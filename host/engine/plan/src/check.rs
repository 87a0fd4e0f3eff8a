//! Compares a plan with what the workloads say about themselves, once they are loaded.

use benchhost_record::ParamValue;

use crate::{
    against,
    error::Error,
    names,
    place::{Place, WayOut},
    plan::{Benchmark, Plan},
    read::quoted,
    render,
};

/// A workload and its parameters, as its plugin describes them.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownWorkload {
    /// Name of the plugin in the suite.
    pub plugin: String,
    /// Name of the workload.
    pub workload: String,
    /// Its parameters.
    pub params: Vec<KnownParam>,
}

/// A parameter of a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownParam {
    /// Key in the suite.
    pub name: String,
    /// Type of its values.
    pub kind: ParamKind,
    /// Smallest value accepted.
    pub min: Option<f64>,
    /// Largest value accepted.
    pub max: Option<f64>,
    /// The only values accepted, compared as text; empty for any.
    pub choices: Vec<String>,
}

/// Type of the values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Any number.
    Float,
    /// Text.
    Text,
    /// A list.
    List,
    /// Not known, so not checked: the parameter has no default to tell by.
    Any,
}

/// Checks workloads and parameters against `known`, and drops inherited parameters (see
/// [`Benchmark::inherited`]) where the workload does not have them.
///
/// Benchmarks of a plugin that `known` does not mention at all are left as they are: it could not be loaded, which
/// is another error than any of these.
///
/// # Errors
/// [`Error::UnknownWorkload`], [`Error::UnknownParam`] or [`Error::BadParam`], with the line that is to blame;
/// [`Error::SeveralAgainst`] where a dropped parameter was all that told the cases of another benchmark apart.
pub fn check_params(plan: &mut Plan, known: &[KnownWorkload]) -> Result<(), Error> {
    let file = plan.file.clone();
    for benchmark in &mut plan.benchmarks {
        if !known.iter().any(|w| w.plugin == benchmark.plugin) {
            continue;
        }
        let workload = workload(benchmark, known, &file)?;
        drop_inherited(benchmark, workload);
        if let Some(search) = &benchmark.search {
            // The ends stand for every value between them.
            for value in [search.from, search.to] {
                let tried = benchmark.case_at(&benchmark.cases[0], value);
                if let Some(value) = tried.params.get(&search.key) {
                    check_param(benchmark, workload, &search.key, value, &file)?;
                }
            }
        }
        let searched = benchmark.search.as_ref().map(|search| &search.key);
        for case in &benchmark.cases {
            let own = case
                .params
                .iter()
                .filter(|(name, _)| Some(*name) != searched);
            for (name, value) in own {
                check_param(benchmark, workload, name, value, &file)?;
            }
        }
    }
    against::check_loaded(&plan.benchmarks, &file)
}

fn workload<'a>(
    benchmark: &Benchmark,
    known: &'a [KnownWorkload],
    file: &str,
) -> Result<&'a KnownWorkload, Error> {
    let offered: Vec<&KnownWorkload> = known
        .iter()
        .filter(|w| w.plugin == benchmark.plugin)
        .collect();
    let found = offered.iter().find(|w| w.workload == benchmark.workload);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = offered.iter().map(|w| w.workload.as_str()).collect();
        Error::UnknownWorkload {
            at: Place::new(file, benchmark.line),
            plugin: benchmark.plugin.clone(),
            workload: benchmark.workload.clone(),
            way_out: WayOut::of(&benchmark.workload, &names),
        }
    })
}

fn drop_inherited(benchmark: &mut Benchmark, workload: &KnownWorkload) {
    for name in std::mem::take(&mut benchmark.inherited) {
        if workload.params.iter().any(|param| param.name == name) {
            continue;
        }
        for case in &mut benchmark.cases {
            case.params.remove(&name);
            case.id = crate::build::case_id(case, &benchmark.untracked);
        }
    }
}

fn check_param(
    benchmark: &Benchmark,
    workload: &KnownWorkload,
    name: &str,
    value: &ParamValue,
    file: &str,
) -> Result<(), Error> {
    let line = benchmark.param_lines.get(name).copied();
    let at = Place::new(file, line.unwrap_or(benchmark.line));
    let title = format!("{}/{}", workload.plugin, workload.workload);
    let Some(param) = workload.params.iter().find(|param| param.name == name) else {
        let names: Vec<&str> = workload.params.iter().map(|p| p.name.as_str()).collect();
        return Err(Error::UnknownParam {
            at,
            workload: title,
            param: name.to_owned(),
            way_out: WayOut::of(name, &names),
        });
    };
    expected(param, value).map_or(Ok(()), |expected| {
        Err(Error::BadParam {
            at,
            workload: title,
            param: name.to_owned(),
            found: render::value(value),
            expected: expected.into(),
        })
    })
}

/// What is expected instead of `value`; `None` when it is fine.
fn expected(param: &KnownParam, value: &ParamValue) -> Option<String> {
    let fits = matches!(
        (param.kind, value),
        (ParamKind::Any, _)
            | (ParamKind::Bool, ParamValue::Bool(_))
            | (ParamKind::Int | ParamKind::Float, ParamValue::Int(_))
            | (ParamKind::Float, ParamValue::Float(_))
            | (ParamKind::Text, ParamValue::Text(_))
            | (ParamKind::List, ParamValue::List(_))
    );
    if !fits {
        return Some(param.kind.described().to_owned());
    }
    if !param.choices.is_empty() && !param.choices.contains(&value.to_string()) {
        let choices: Vec<String> = param.choices.iter().map(|c| quoted(c)).collect();
        let likely = names::suggestion(&value.to_string(), &param.choices, quoted);
        return Some(format!("one of {}{likely}", choices.join(", ")));
    }
    let number = match value {
        ParamValue::Int(n) => *n as f64,
        ParamValue::Float(x) => *x,
        ParamValue::Bool(_) | ParamValue::Text(_) | ParamValue::List(_) => return None,
    };
    let inside =
        param.min.is_none_or(|min| number >= min) && param.max.is_none_or(|max| number <= max);
    if inside {
        return None;
    }
    Some(match (param.min, param.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => return None,
    })
}

impl ParamKind {
    fn described(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Any => "anything",
        }
    }
}
