//! `benchhost history accept`: what an alert tells of is meant to be so.

use std::path::Path;

use benchhost_record::{Alert, AlertState};
use jiff::Timestamp;

use crate::{
    cli::AcceptArguments,
    command::{Failure, unmatched::Names},
    judge::{Acceptance, Accepted},
    store::{SeriesFilter, Store},
};

/// Accepts alerts: in the history, and in a file for git.
pub(super) fn accept(path: &Path, arguments: &AcceptArguments) -> Result<String, Failure> {
    if arguments.reason.trim().is_empty() {
        return Err(Failure::usage(
            "--reason is empty: say why the change is meant to be so",
        ));
    }
    let mut store = Store::open_existing(path)?;
    let alerts = chosen(&store, arguments)?;
    let file_error = |error: crate::judge::AcceptedError| Failure::usage(error.to_string());
    let mut accepted = Accepted::read(&arguments.file).map_err(file_error)?;
    let date = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let mut text = String::new();
    for alert in &alerts {
        accepted.accepted.push(Acceptance {
            case: alert.case.clone(),
            metric: alert.metric.clone(),
            machine: alert.machine.clone(),
            value: alert.value,
            reference: alert.reference,
            reason: arguments.reason.clone(),
            run: alert.last_run.clone(),
            date: date.clone(),
        });
        text += &format!("accepted: {} of {}\n", alert.metric, alert.case);
    }
    // The file first: what git does not know is not accepted.
    accepted.write(&arguments.file).map_err(file_error)?;
    let moved: Vec<Alert> = alerts
        .into_iter()
        .map(|alert| Alert {
            state: AlertState::Accepted,
            reason: Some(arguments.reason.clone()),
            ..alert
        })
        .collect();
    store.put_alerts(&moved)?;
    text += &format!("commit {} so that others know\n", arguments.file.display());
    Ok(text)
}

fn chosen(store: &Store, arguments: &AcceptArguments) -> Result<Vec<Alert>, Failure> {
    const LIST: &str = "`benchhost history list --alerts` shows them";
    let all = store.alerts(false)?;
    let Some(id) = arguments.alert else {
        let filter = SeriesFilter::new(&arguments.case, &[], None)?;
        let alive = all.into_iter().filter(|alert| alert.state.is_alive());
        let mut names = Names::default();
        let mut alerts: Vec<Alert> = alive.collect();
        alerts
            .iter()
            .for_each(|alert| names.add(&alert.case, &alert.metric));
        alerts.retain(|alert| filter.matches(&alert.case, &alert.metric, &alert.machine));
        return if alerts.is_empty() {
            Err(Failure::usage(format!(
                "no alert that is alive matches {}",
                names.unmatched(&arguments.case, &[])
            ))
            .hint(LIST))
        } else {
            Ok(alerts)
        };
    };
    match all.into_iter().find(|alert| alert.id == id) {
        Some(alert) if alert.state == AlertState::Accepted => {
            Err(Failure::usage(format!("alert {id} was accepted already")))
        }
        Some(alert) => Ok(vec![alert]),
        None => Err(Failure::usage(format!("there is no alert {id}")).hint(LIST)),
    }
}
