//! `load` of the encoder and the classifier, alone in its process: other tests would change its memory.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::bench;
use inference::Load;

#[test]
fn loaded_models_answer_as_they_should_and_take_the_memory_of_their_weights() {
    for (model, file_bytes) in [
        ("minilm-l6-v2", 90_868_376.0),
        ("efficientnet-lite0", 18_798_800.0),
    ] {
        for implementation in ["fused", "candle"] {
            let params = format!("model = '{model}'\nimplementation = '{implementation}'");
            let report = match bench::<Load>().params(&params).run() {
                Err(failure) if failure.code == status::UNSUPPORTED => {
                    println!("skipped: {}", failure.message);
                    continue;
                }
                report => report.unwrap_or_else(|failure| panic!("{params}: {failure}")),
            };

            assert_eq!(report.work.bytes, file_bytes, "{params}");
            let resident = report.metric("resident").unwrap();
            // Later ones find the memory that the first one has left to the allocator.
            let is_first = (model, implementation) == ("minilm-l6-v2", "fused");
            assert!(!is_first || resident > 0.8 * file_bytes, "{resident}");
        }
    }
}
