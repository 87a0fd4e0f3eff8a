//! The classifier on a small net with random weights, and what is wrong about its answers.

use benchhost_plugin_api::ErrorKind;
use benchhost_support::random::stream;

use super::{photos::PHOTOS, *};
use crate::plain;

/// Every kind of block: without expansion, with and without a skip, windows of 3 and 5, steps of 1 and 2; a side
/// that is no multiple of anything.
fn layout() -> Layout {
    Layout {
        side: 45,
        steps: vec![1, 2, 1, 2, 1],
    }
}

fn net(tensors: &Tensors) -> Classifier {
    Classifier::new(
        Implementation::Fused,
        (layout(), tensors),
        (&Device::Cpu, 2),
    )
    .unwrap()
}

#[test]
fn both_implementations_agree_with_f64() {
    let tensors = reference::random(&mut stream(5, "init"));
    let image: Vec<f32> = (0..3 * 45 * 45)
        .map(|i| (i * 7 % 29) as f32 / 14.0 - 1.0)
        .collect();
    let plain = reference::logits(&layout(), &tensors, &image);
    let mut images = image.clone();
    images.extend(image.iter().map(|x| -x));
    let mut logits = vec![0.0; 2 * plain.len()];

    for implementation in [Implementation::Fused, Implementation::Candle] {
        let place = (&Device::Cpu, 2);
        let mut classifier = Classifier::new(implementation, (layout(), &tensors), place).unwrap();
        // Twice: what is left in memory must not matter.
        for _ in 0..2 {
            classifier.classify(&images, 45, &mut logits).unwrap();

            let (first, second) = logits.split_at(plain.len());
            let difference = plain::difference(first, &plain);
            assert!(difference < 1e-5, "{implementation:?}: {difference}");
            assert_ne!(first, second);
        }
    }
}

#[test]
fn low_strips_agree_with_f64_too() {
    // 45 lines in one strip here; Lite0's first blocks need many. Wide lines make strips low.
    let mut tensors = reference::random(&mut stream(6, "init"));
    reference::widen(&mut tensors, 40);
    let image: Vec<f32> = (0..3 * 45 * 45)
        .map(|i| (i * 5 % 31) as f32 / 15.0 - 1.0)
        .collect();
    let plain = reference::logits(&layout(), &tensors, &image);
    let mut logits = vec![0.0; plain.len()];

    net(&tensors).classify(&image, 45, &mut logits).unwrap();

    let difference = plain::difference(&logits, &plain);
    assert!(difference < 1e-5, "{difference}");
}

fn known(probability: f32) -> State {
    // Two classes beyond all of ImageNet's would do; the photos need class 967.
    let mut logits = vec![0.0; 3 * 1000];
    for (photo, logits) in PHOTOS.iter().zip(logits.chunks_exact_mut(1000)) {
        // p = eˣ/(eˣ + 999).
        let p = photo.probability * f64::from(probability);
        logits[photo.class] = (999.0 * p / (1.0 - p)).ln() as f32;
    }
    let tensors = reference::random(&mut stream(5, "init"));
    State {
        classifier: net(&tensors),
        flop: 0.0,
        parameters: 0,
        side: 45,
        images: Vec::new(),
        photos: PHOTOS.to_vec(),
        logits,
        is_pinned: true,
        others_proved: false,
    }
}

#[test]
fn known_classes_and_probabilities_are_right() {
    known(1.0).check().unwrap();
}

#[test]
fn another_probability_or_class_or_photo_is_wrong() {
    let unsure = known(0.9).check().unwrap_err();
    assert_eq!(unsure.kind(), ErrorKind::Wrong);
    assert!(
        unsure
            .to_string()
            .contains("\"Egyptian cat\" with probability"),
        "{unsure}"
    );

    let mut other = known(1.0);
    other.logits[1000 + 3] = 100.0;
    assert_eq!(
        other.check().unwrap_err().to_string(),
        "photo coffee is of class 3, expected 967 (espresso)"
    );

    let mut exchanged = known(1.0);
    exchanged.photos.swap(0, 1);
    assert_eq!(exchanged.check().unwrap_err().kind(), ErrorKind::Wrong);

    let mut nothing = known(1.0);
    nothing.logits[285] = f32::NAN;
    assert_eq!(nothing.check().unwrap_err().kind(), ErrorKind::Wrong);
}

#[test]
fn one_wrong_layer_of_the_real_net_is_wrong() {
    let Ok(source) = EFFICIENT_NET.locate("") else {
        eprintln!("efficientnet_lite0.safetensors is not in BENCHHOST_DATA: nothing is tested");
        return;
    };
    let (tensors, layout) = (Tensors::load(&source.path).unwrap(), Layout::lite0());
    let place = (&Device::Cpu, 1);
    let classifier =
        Classifier::new(Implementation::Fused, (layout.clone(), &tensors), place).unwrap();
    let mut state = State::new(classifier, (&layout, &tensors), 1)
        .unwrap()
        .with_known_answers(source.is_pinned().unwrap());
    state.iterate().unwrap();
    state.check().unwrap();
    state.check_others().unwrap();
    let Classifier::Fused { net, .. } = &mut state.classifier else {
        panic!("fused")
    };
    net.disturb();

    state.iterate().unwrap();

    assert_eq!(state.check().unwrap_err().kind(), ErrorKind::Wrong);
}
