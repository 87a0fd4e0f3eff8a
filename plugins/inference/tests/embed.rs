//! `embed` as its user sees it. What needs all-MiniLM-L6-v2 says so where it is absent.

use benchhost_plugin_api::abi::status;
use benchhost_testkit::{Bench, bench};
use inference::Embed;

fn embed(params: &str) -> Bench<Embed> {
    bench::<Embed>().params(params)
}

#[test]
fn both_implementations_embed_with_the_known_cosines() {
    for implementation in ["fused", "candle"] {
        let params = format!("implementation = '{implementation}'\nbatch = 2\nlength = 5");
        let report = match embed(&params).threads(2).iterations(2).run() {
            Err(failure) if failure.code == status::UNSUPPORTED => {
                eprintln!("nothing is tested: {}", failure.message);
                return;
            }
            report => report.unwrap_or_else(|failure| panic!("{params}: {failure}")),
        };

        assert_eq!(
            (report.work.items, report.work.item.as_str()),
            (2.0, "sentences")
        );
        // 4·384² + 2·384·1536 weights in each of six layers, and attention among five tokens.
        let token = 2.0 * (4.0 * 384.0 * 384.0 + 2.0 * 384.0 * 1536.0) + 4.0 * 5.0 * 384.0;
        assert_eq!(report.work.flop, 2.0 * 6.0 * 5.0 * token);
        assert_eq!(report.metric("parameters"), Some(22_713_216.0));
    }
}

#[test]
fn every_bad_parameter_has_its_sentence() {
    for (params, sentence) in [
        ("batch = 0", "batch is 0, expected 1 to 1024"),
        ("length = 2", "length is 2, expected 3 to 512"),
        ("length = 513", "length is 513, expected 3 to 512"),
        ("model = '/nowhere/model'", "/nowhere/model is not a file"),
    ] {
        let failure = embed(params).run().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (status::CONFIG, sentence)
        );
    }
    let other = embed("implementation = 'magic'").run().unwrap_err();
    assert!(other.message.contains("magic"), "{other}");
}
