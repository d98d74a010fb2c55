//! Tests of the engine that need a GPU, or a software driver such as lavapipe.
//!
//! A machine without an adapter fails them, unless `LIMNOS_NO_GPU=1`: then they show as ignored. `LIMNOS_DEVICE`
//! chooses an adapter by part of its name. To add tests: a module with `pub const TESTS: &[Test]`, listed in `main`.

mod activation;
mod arithmetic;
mod faults;
mod harness;
mod kernel_cases;
mod kernels;
mod learning;
mod learning_cases;
mod networks;
mod rate;
mod rate_cases;
mod rate_kernels;
mod reference;
mod regimes;

use libtest_mimic::{Arguments, Trial};

/// A test: its name and what it runs; a panic is a failure.
type Test = (&'static str, fn());

fn main() {
    let modules: &[(&str, &[Test])] = &[
        ("activation", activation::TESTS),
        ("arithmetic", arithmetic::TESTS),
        ("harness", harness::TESTS),
        ("regimes", regimes::TESTS),
        ("kernels", kernels::TESTS),
        ("learning", learning::TESTS),
        ("rate_kernels", rate_kernels::TESTS),
        ("rate", rate::TESTS),
        ("faults", faults::TESTS),
    ];
    let no_gpu = std::env::var("LIMNOS_NO_GPU").is_ok_and(|value| value == "1");
    let trial = |module: &str, &(name, run): &Test| {
        let body = move || {
            run();
            Ok(())
        };
        Trial::test(format!("{module}::{name}"), body).with_ignored_flag(no_gpu)
    };
    let trials = modules.iter().flat_map(|(module, tests)| tests.iter().map(move |test| trial(module, test)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
