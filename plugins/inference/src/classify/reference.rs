//! A small net of the same kind with random weights, and its logits in f64: for tests.
//!
//! The whole net in f64 takes seconds, so `verify` compares probabilities that PyTorch computed once instead.

use benchhost_support::random::{Random, fill_normal, fill_uniform};

use super::layout::{EPSILON, Layout, normalisation, same};
use crate::{plain, tensors::Tensors};

/// Inputs, expanded channels, window and outputs of each block.
const BLOCKS: [(usize, usize, usize, usize); 5] = [
    (10, 10, 3, 6),
    (6, 23, 3, 7),
    (7, 40, 5, 7),
    (7, 17, 5, 20),
    (20, 33, 3, 20),
];

/// Weights for `BLOCKS`, 13 channels in the head and 11 classes.
pub(super) fn random(rng: &mut Random) -> Tensors {
    let mut tensors = Tensors::default();
    let mut conv = |conv: &str, norm: &str, shape: [usize; 4]| {
        let mut weights = vec![0.0; shape.iter().product()];
        fill_normal(rng, &mut weights);
        let fan_in = (shape[1] * shape[2] * shape[3]) as f32;
        weights.iter_mut().for_each(|w| *w *= 1.5 / fan_in.sqrt());
        tensors.insert(&format!("{conv}.weight"), &shape, weights);
        for (part, base) in [
            ("weight", 1.0),
            ("bias", 0.5),
            ("running_mean", 0.0),
            ("running_var", 1.0),
        ] {
            let mut values = vec![0.0; shape[0]];
            fill_uniform(rng, 0.4, &mut values);
            values.iter_mut().for_each(|x| *x += base);
            tensors.insert(&format!("{norm}.{part}"), &[shape[0]], values);
        }
    };
    conv("_conv_stem", "_bn0", [10, 3, 3, 3]);
    for (index, (inputs, inner, size, outputs)) in BLOCKS.into_iter().enumerate() {
        let name = |part: &str| format!("_blocks.{index}.{part}");
        if inner != inputs {
            conv(&name("_expand_conv"), &name("_bn0"), [inner, inputs, 1, 1]);
        }
        conv(
            &name("_depthwise_conv"),
            &name("_bn1"),
            [inner, 1, size, size],
        );
        conv(
            &name("_project_conv"),
            &name("_bn2"),
            [outputs, inner, 1, 1],
        );
    }
    conv("_conv_head", "_bn1", [13, 20, 1, 1]);
    let mut values = vec![0.0; 11 * 13 + 11];
    fill_normal(rng, &mut values);
    tensors.insert("_fc.bias", &[11], values.split_off(11 * 13));
    tensors.insert("_fc.weight", &[11, 13], values);
    tensors
}

/// Repeats the expanded channels of all blocks `times` times.
pub(super) fn widen(tensors: &mut Tensors, times: usize) {
    for (index, (inputs, inner, size, outputs)) in BLOCKS.into_iter().enumerate() {
        let name = |part: &str| format!("_blocks.{index}.{part}");
        let wide = inner * times;
        if inner == inputs {
            continue;
        }
        let repeated =
            |name: &str, shape: &[usize]| tensors.get(name, shape).unwrap().repeat(times);
        let mut changed = vec![
            (
                name("_expand_conv.weight"),
                vec![wide, inputs, 1, 1],
                repeated(&name("_expand_conv.weight"), &[inner, inputs, 1, 1]),
            ),
            (
                name("_depthwise_conv.weight"),
                vec![wide, 1, size, size],
                repeated(&name("_depthwise_conv.weight"), &[inner, 1, size, size]),
            ),
        ];
        for norm in ["_bn0", "_bn1"] {
            for part in ["weight", "bias", "running_mean", "running_var"] {
                let name = name(&format!("{norm}.{part}"));
                let values = repeated(&name, &[inner]);
                changed.push((name, vec![wide], values));
            }
        }
        let weights = tensors
            .get(&name("_project_conv.weight"), &[outputs, inner, 1, 1])
            .unwrap();
        let weights = weights.chunks(inner).flat_map(|row| row.repeat(times));
        let weights = weights.map(|w| w / times as f32).collect();
        changed.push((
            name("_project_conv.weight"),
            vec![outputs, wide, 1, 1],
            weights,
        ));
        for (name, shape, values) in changed {
            tensors.insert(&name, &shape, values);
        }
    }
}

/// The logits of one image, `[side, side, 3]`.
pub(super) fn logits(layout: &Layout, tensors: &Tensors, image: &[f32]) -> Vec<f64> {
    let x: Vec<f64> = image.iter().map(|x| f64::from(*x)).collect();
    let (mut x, mut side) = conv(
        layout,
        tensors,
        ("_conv_stem", "_bn0"),
        (&x, layout.side, 2),
    );
    relu6(&mut x);
    for (index, step) in layout.steps.iter().enumerate() {
        let name = |part: &str| format!("_blocks.{index}.{part}");
        let mut y = (x.clone(), side);
        if tensors.has(&name("_expand_conv.weight")) {
            y = conv(
                layout,
                tensors,
                (&name("_expand_conv"), &name("_bn0")),
                (&y.0, side, 1),
            );
            relu6(&mut y.0);
        }
        y = conv(
            layout,
            tensors,
            (&name("_depthwise_conv"), &name("_bn1")),
            (&y.0, side, *step),
        );
        relu6(&mut y.0);
        y = conv(
            layout,
            tensors,
            (&name("_project_conv"), &name("_bn2")),
            (&y.0, y.1, 1),
        );
        if y.0.len() == x.len() {
            plain::add(&mut y.0, &x);
        }
        (x, side) = y;
    }
    let (mut x, _) = conv(layout, tensors, ("_conv_head", "_bn1"), (&x, side, 1));
    relu6(&mut x);
    let channels = x.len() / side / side;
    let mut mean = vec![0.0; channels];
    x.chunks(channels)
        .for_each(|pixel| plain::add(&mut mean, pixel));
    mean.iter_mut().for_each(|x| *x /= (side * side) as f64);
    let weights = tensors.shape("_fc.weight").unwrap();
    let bias = tensors.get("_fc.bias", &weights[..1]).unwrap();
    plain::linear(&mean, tensors.get("_fc.weight", weights).unwrap(), bias)
}

fn conv(
    layout: &Layout,
    tensors: &Tensors,
    (conv, norm): (&str, &str),
    (x, side, step): (&[f64], usize, usize),
) -> (Vec<f64>, usize) {
    let shape = layout.shape_of(tensors, conv).unwrap();
    let weights = tensors.get(&format!("{conv}.weight"), &shape).unwrap();
    let (outputs, before, _) = same(side, shape[2], step);
    let channels = x.len() / side / side;
    let place = (shape[2], step, before);
    let mut y = plain::convolution(x, (side, side, channels), (weights, shape[0]), place);
    let norm = normalisation(tensors, norm, shape[0]).unwrap();
    plain::batch_norm(&mut y, norm, f64::from(EPSILON));
    (y, outputs)
}

fn relu6(x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x = x.clamp(0.0, 6.0));
}
