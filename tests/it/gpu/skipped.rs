//! Cases that want a GPU where there is none: skipped with a sentence, and everything else runs.

use benchhost_record::{Outcome, Run};

use crate::support::{FakeNvml, Output, Sandbox, case, finish, gpu, plugin, read_run};

/// A run of noop on three devices with the library `fake`.
fn run(fake: &FakeNvml, visible: Option<&str>) -> (Output, Run) {
    let sandbox = Sandbox::new();
    let suite = format!(
        "name = 'devices'\n[defaults]\nmax-time = '10ms'\nwarm-up = 'none'\nrepetitions = 1\n[plugins]\n\
         noop = '{}'\n[[benchmark]]\nname = 'nothing'\nplugin = 'noop'\nworkload = 'noop'\n\
         axes = {{ device = ['cpu', 'cuda', 'cuda:1'] }}\n",
        plugin("noop").display()
    );
    sandbox.write("suite.toml", suite);
    let mut command = sandbox.command(&["run", "suite.toml", "--out", "out"]);
    command.env("BENCHHOST_NVML", fake.library());
    command.env_remove("CUDA_VISIBLE_DEVICES");
    if let Some(visible) = visible {
        command.env("CUDA_VISIBLE_DEVICES", visible);
    }
    let output = finish(&mut command);
    let path = sandbox.path().join("out/run.json");
    assert!(path.exists(), "no result: {output:?}");
    (output, read_run(&path))
}

fn skipped(reason: &str) -> Outcome {
    Outcome::Skipped {
        reason: reason.to_owned(),
    }
}

#[test]
fn without_a_gpu_cuda_cases_are_skipped_with_one_sentence_and_the_rest_runs() {
    let fake = FakeNvml::saying("init error 9\n");

    let (output, run) = run(&fake, None);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(case(&run, "noop?threads=1").outcome, Outcome::Ok);
    assert_eq!(
        case(&run, "device=cuda&threads=1").outcome,
        skipped(
            "no CUDA device 0 on this machine (the NVIDIA driver is installed but not loaded in the kernel); use \
             device = \"cpu\""
        )
    );
    assert!(
        output.stdout.contains("no CUDA device 0 on this machine"),
        "{output:?}"
    );
    assert!(run.environment.gpus.is_empty());
}

#[test]
fn a_gpu_that_is_there_is_used_and_the_second_is_skipped() {
    let fake = FakeNvml::saying(&format!("driver 580.159.03\n{}", gpu(&[])));

    let (output, run) = run(&fake, None);

    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(case(&run, "device=cuda&threads=1").outcome, Outcome::Ok);
    assert_eq!(
        case(&run, "device=cuda:1&threads=1").outcome,
        skipped(
            "no CUDA device 1 on this machine (the NVIDIA driver lists one GPU, number 0); use device = \"cpu\""
        )
    );
    assert_eq!(run.environment.gpus[0].name, "NVIDIA H200");
}

#[test]
fn a_hidden_gpu_is_not_there() {
    let two = format!("{}{}", gpu(&[]), gpu(&[("uuid", "GPU-1111")]));
    let fake = FakeNvml::saying(&two);

    let (_, run) = run(&fake, Some(""));

    assert_eq!(
        case(&run, "device=cuda&threads=1").outcome,
        skipped(
            "no CUDA device 0 on this machine (CUDA_VISIBLE_DEVICES is \"\" and leaves 0 GPUs); use device = \"cpu\""
        )
    );
}
