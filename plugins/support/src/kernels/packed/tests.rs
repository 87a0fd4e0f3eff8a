use proptest::prelude::*;

use super::*;

fn values(count: usize, step: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * step) % 17) as f32 / 8.0 - 1.0)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn every_size_is_the_plain_product(
        (rows, inputs, outputs) in (1usize..30, 1usize..40, 1usize..150),
        (gap, add) in (0usize..3, any::<bool>()),
    ) {
        let (x, w) = (values(rows * (inputs + gap), 5), values(inputs * outputs, 7));
        let bias = values(outputs, 3);
        let stride = outputs + gap;
        let mut out = vec![3.0; rows * stride];
        let finish = Finish { clamp: (-2.0, 4.0), add };

        let packed = Packed::new(&w, &bias);
        packed.product(Rows::new(&x, rows, inputs + gap), Out::new(&mut out, stride), finish);

        for r in 0..rows {
            for o in 0..outputs {
                let sum: f64 = (0..inputs)
                    .map(|i| f64::from(x[r * (inputs + gap) + i]) * f64::from(w[o * inputs + i]))
                    .sum();
                let old = if add { 3.0 } else { 0.0 };
                let expected = (sum + f64::from(bias[o]) + old).clamp(-2.0, 4.0);
                let found = f64::from(out[r * stride + o]);
                prop_assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
            }
            prop_assert!(out[r * stride + outputs..(r + 1) * stride].iter().all(|gap| *gap == 3.0));
        }
    }

    #[test]
    fn both_orders_of_weights_pack_to_the_same_product(
        (inputs, outputs) in (1usize..20, 1usize..100),
    ) {
        let x = values(inputs, 5);
        let w = values(inputs * outputs, 7);
        let transposed: Vec<f32> =
            (0..inputs * outputs).map(|at| w[(at % outputs) * inputs + at / outputs]).collect();
        let product = |packed: &Packed| {
            let mut out = vec![0.0; outputs];
            packed.product(Rows::new(&x, 1, inputs), Out::new(&mut out, outputs), Finish::PLAIN);
            out
        };
        // Old content of the memory must not shine through the padding.
        let mut packed = Packed::new(&vec![f32::NAN; 200], &[f32::NAN; 2]);

        packed.pack(&transposed, (inputs, outputs), (outputs, 1));

        prop_assert_eq!(product(&packed), product(&Packed::new(&w, &vec![0.0; outputs])));
    }
}

#[test]
fn a_window_is_a_convolution() {
    // 5 × 5 pixels of 2 channels, windows of 3 × 3 with step 2: the second row of outputs.
    let (image, weights) = (values(5 * 5 * 2, 5), values(3 * 3 * 3 * 2, 7));
    let packed = Packed::new(&weights, &[0.0; 3]);
    let mut out = [0.0; 2 * 3];

    let windows = Rows::window(&image[2 * 5 * 2..], 2, (5, 2), (3, 2));
    packed.product(windows, Out::new(&mut out, 3), Finish::PLAIN);

    for (x, o) in [(0, 0), (1, 2)] {
        let mut expected = 0.0;
        for (ky, kx, c) in (0..18).map(|i| (i / 6, i / 2 % 3, i % 2)) {
            let weight = weights[((o * 3 + ky) * 3 + kx) * 2 + c];
            expected += weight * image[((2 + ky) * 5 + 2 * x + kx) * 2 + c];
        }
        assert!((out[x * 3 + o] - expected).abs() < 1e-4);
    }
}

#[test]
fn gaps_after_lines_stay_as_they_are() {
    let packed = Packed::new(&[2.0], &[0.0]);
    let mut out = [9.0; 8];

    let lines = Out::new(&mut out, 1).with_gaps(2, 1);
    packed.product(
        Rows::new(&[1.0, 2.0, 3.0, 4.0, 5.0], 5, 1),
        lines,
        Finish::PLAIN,
    );

    assert_eq!(out, [2.0, 4.0, 9.0, 6.0, 8.0, 9.0, 10.0, 9.0]);
}

#[test]
fn a_nan_is_not_hidden_by_a_clamp() {
    let packed = Packed::new(&[f32::NAN], &[0.0]);
    let mut out = [0.0];

    packed.product(
        Rows::new(&[1.0], 1, 1),
        Out::new(&mut out, 1),
        Finish::RELU6,
    );

    assert!(out[0].is_nan());
}

#[test]
fn more_inputs_than_a_chunk_has_room_for_are_multiplied_all_the_same() {
    let inputs = 70_000;
    let packed = Packed::new(&vec![0.5; inputs], &[1.0]);
    let (x, mut out) = (vec![2.0; 2 * inputs], [0.0; 2]);

    packed.product(
        Rows::new(&x, 2, inputs),
        Out::new(&mut out, 1),
        Finish::PLAIN,
    );

    assert_eq!(out, [70_001.0; 2]);
}
