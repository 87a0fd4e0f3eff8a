//! `benchhost data list`.

use benchhost_record::Bytes;
use serde_json::json;

use crate::{
    cli::HistoryFormat,
    command::table::table,
    data::{Catalogue, Folders, look},
};

/// What can be fetched, and what of it is here.
pub(super) fn list(catalogue: &Catalogue, folders: &Folders, format: HistoryFormat) -> String {
    match format {
        HistoryFormat::Table => rows(catalogue, folders),
        HistoryFormat::Json => format!("{:#}\n", document(catalogue, folders)),
    }
}

fn rows(catalogue: &Catalogue, folders: &Folders) -> String {
    let mut cells = vec![["name", "state", "bytes", "licence", "what", "from"].map(str::to_owned)];
    cells.extend(catalogue.entries.iter().map(|entry| {
        [
            entry.name.clone(),
            look(entry, folders).0.word().to_owned(),
            Bytes(entry.bytes()).to_string(),
            entry.licence.clone(),
            entry.what.clone(),
            entry.origin(),
        ]
    }));
    table(&cells)
}

fn document(catalogue: &Catalogue, folders: &Folders) -> serde_json::Value {
    let entries: Vec<_> = catalogue
        .entries
        .iter()
        .map(|entry| {
            let (state, files) = look(entry, folders);
            let files: Vec<_> = entry
                .files
                .iter()
                .zip(files)
                .map(|(wanted, found)| {
                    json!({
                        "file": entry.path_of(wanted),
                        "bytes": wanted.bytes,
                        "sha256": wanted.sha256.as_str(),
                        "path": found.path,
                        "fault": found.fault,
                    })
                })
                .collect();
            json!({
                "name": entry.name,
                "what": entry.what,
                "licence": entry.licence,
                "bytes": entry.bytes(),
                "state": state.word(),
                "from": entry.origin(),
                "files": files,
            })
        })
        .collect();
    let folders: Vec<_> = folders.all().collect();
    json!({ "folders": folders, "entries": entries })
}
