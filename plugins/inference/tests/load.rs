//! `load` as its user sees it.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use inference::Load;

#[test]
fn the_loaded_model_knows_the_capital_of_france() {
    for cache in ["warm", "cold"] {
        match bench::<Load>().params(format!("cache = '{cache}'")).run() {
            Ok(report) => {
                assert!(report.metric("resident").unwrap() > 5e7);
                assert_eq!(report.work.bytes, 98_362_432.0);
            }
            Err(failure) if failure.code == status::UNSUPPORTED => {
                println!("skipped: {}", failure.message);
            }
            Err(failure) => panic!("{failure}"),
        }
    }
}
