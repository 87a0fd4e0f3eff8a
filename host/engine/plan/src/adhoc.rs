//! A plan without a suite: every workload of some plugins with its own defaults.

use std::collections::BTreeMap;

use benchhost_record::{Case, CaseId};

use crate::{
    error::Error,
    filter::filter,
    layer::{layer, typed},
    place::{Place, WayOut},
    plan::{Benchmark, Overrides, Plan, PluginSource},
};

/// A plugin and what it offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Name of the plugin.
    pub plugin: String,
    /// Where it was found, as it was given.
    pub reference: String,
    /// Its workloads, in its order.
    pub workloads: Vec<String>,
}

/// Makes a plan with one benchmark of one case for each workload on offer, as `benchhost run --plugin P` does.
///
/// A benchmark is called like its workload, or `plugin/workload` where two plugins share the name. The plugins of
/// `overrides` are not looked at: they are the offers.
///
/// # Errors
/// [`Error::UnknownTier`] for any tier, since only suites have some; [`Error::DuplicatePlugin`] for two of one name; [`Error::BadFilter`] and
/// [`Error::NothingMatches`] as for a suite; [`Error::NoBenchmarks`] without any workload.
pub fn adhoc(offers: &[Offer], overrides: &Overrides) -> Result<Plan, Error> {
    let here = Place::new("command line", 0);
    if let Some(tier) = &overrides.tier {
        return Err(Error::UnknownTier {
            at: here,
            tier: tier.clone(),
            way_out: WayOut::list::<&str>(&[]),
        });
    }
    for (i, offer) in offers.iter().enumerate() {
        if offers[..i].iter().any(|other| other.plugin == offer.plugin) {
            return Err(Error::DuplicatePlugin {
                at: here,
                plugin: offer.plugin.clone(),
            });
        }
    }
    let seed = overrides.seed.unwrap_or(crate::defaults::SEED);
    let all: Vec<(&Offer, &String)> = offers
        .iter()
        .flat_map(|offer| {
            offer
                .workloads
                .iter()
                .map(move |workload| (offer, workload))
        })
        .collect();
    if all.is_empty() {
        return Err(Error::NoBenchmarks { at: here });
    }
    let shared = |workload: &String| all.iter().filter(|(_, other)| *other == workload).count() > 1;
    let benchmarks = all
        .iter()
        .map(|(offer, workload)| {
            let name = if shared(workload) {
                format!("{}/{workload}", offer.plugin)
            } else {
                (*workload).clone()
            };
            benchmark(name, offer, workload, overrides, seed)
        })
        .collect();
    let benchmarks = filter(benchmarks, &overrides.filter, here.clone())?;
    let mut plugins: Vec<PluginSource> = offers
        .iter()
        .filter(|offer| benchmarks.iter().any(|b| b.plugin == offer.plugin))
        .map(source)
        .collect();
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Plan {
        file: here.file.into(),
        name: "ad-hoc".to_owned(),
        question: None,
        tier: None,
        seed,
        plugins,
        benchmarks,
        gates: Vec::new(),
    })
}

fn source(offer: &Offer) -> PluginSource {
    PluginSource {
        name: offer.plugin.clone(),
        reference: offer.reference.clone(),
        line: None,
    }
}

fn benchmark(
    name: String,
    offer: &Offer,
    workload: &str,
    overrides: &Overrides,
    seed: u64,
) -> Benchmark {
    let (settings, placement) = layer(&[&typed(overrides)]);
    let params = overrides.params.clone();
    let id = CaseId::new(
        &offer.plugin,
        workload,
        &params,
        placement.threads,
        &placement.device,
    );
    let case = Case {
        id,
        benchmark: name.clone(),
        plugin: offer.plugin.clone(),
        workload: workload.to_owned(),
        params,
        threads: placement.threads,
        device: placement.device,
        instances: None,
        offered_load: None,
        seed,
    };
    Benchmark {
        name,
        plugin: offer.plugin.clone(),
        workload: workload.to_owned(),
        line: 0,
        settings,
        targets: BTreeMap::new(),
        cases: vec![case],
        tiers: Vec::new(),
        untracked: Vec::new(),
        param_lines: BTreeMap::new(),
        inherited: Vec::new(),
        against: None,
        grows: None,
        search: None,
    }
}
