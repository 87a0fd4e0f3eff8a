//! `benchhost schema`: JSON Schemas, draft 2020-12, of what benchhost reads and writes.
//!
//! Schemas of what is written come from the types that are written; those of suites and rules from the tables of keys of
//! their readers.

use anyhow::Context as _;
use benchhost_record::Run;
use benchhost_report::json;
use clap::ValueEnum as _;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::{Failure, plugin::DescribedPlugin};
use crate::{
    baseline::Baseline,
    cli::{SchemaArguments, SchemaForm},
    exit, terminal,
};

/// Prints a schema, or which there are.
///
/// # Errors
/// [`Failure`] when it cannot be printed.
pub fn execute(arguments: &SchemaArguments) -> Result<u8, Failure> {
    let text = match arguments.form {
        Some(form) => {
            let schema = schema(form);
            let text = serde_json::to_string_pretty(&schema).context("cannot write the schema")?;
            format!("{text}\n")
        }
        None => list(),
    };
    terminal::show(&text).context("cannot print")?;
    Ok(exit::FINE)
}

fn list() -> String {
    let mut text = String::new();
    for form in SchemaForm::value_variants() {
        let value = form.to_possible_value();
        let value = value.as_ref();
        let name = value.map_or("", clap::builder::PossibleValue::get_name);
        let help = value.and_then(clap::builder::PossibleValue::get_help);
        let help = help.map_or_else(String::new, ToString::to_string);
        text.push_str(&format!("{name:<10}{help}\n"));
    }
    text
}

/// The schema of what is written as a `T`.
fn written<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().into()
}

/// The schema of a form.
fn schema(form: SchemaForm) -> Value {
    match form {
        SchemaForm::Suite => benchhost_plan::schema(benchhost_gate::schema()),
        SchemaForm::Gates => benchhost_gate::file_schema(),
        SchemaForm::Baseline => {
            let read = SchemaSettings::draft2020_12().for_deserialize();
            read.into_generator()
                .into_root_schema_for::<Baseline>()
                .into()
        }
        SchemaForm::Run => written::<Run>(),
        SchemaForm::Plugin => written::<DescribedPlugin>(),
        SchemaForm::Report => json::report_schema().into(),
        SchemaForm::Check => json::judgements_schema().into(),
        SchemaForm::Compare => json::comparisons_schema().into(),
        SchemaForm::Changes => json::changes_schema().into(),
    }
}
