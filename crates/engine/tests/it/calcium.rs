//! Astrocytes with calcium: against NEST's model, and what they may not do.

use limnos_engine::{Device, Feed, Observe, RunOptions, Simulation};
use limnos_spec::fixed::from_fixed;
use limnos_spec::{CalciumAstrocyte, CalciumOutput, Connector, Lif, Network, NetworkConfig};

/// Time (ms), IP3, calcium (uM) and h of NEST 3.10's `astrocyte_lr_1994`, which a spike of weight 1 reaches every 2 ms for 20 s
/// (benches/reference/astrocyte.py).
const NEST: [(u32, f64, f64, f64); 19] = [
    (2000, 0.33429, 0.15911, 0.78921),
    (4000, 0.46616, 0.65701, 0.70700),
    (6000, 0.56582, 0.58899, 0.60100),
    (8000, 0.64114, 0.35099, 0.57508),
    (10000, 0.69806, 0.19774, 0.59996),
    (12000, 0.74108, 0.22212, 0.63461),
    (14000, 0.77359, 0.49319, 0.62531),
    (16000, 0.79817, 0.53305, 0.58327),
    (18000, 0.81674, 0.41238, 0.57006),
    (20000, 0.83077, 0.33307, 0.58233),
    (22000, 0.66694, 0.28645, 0.59750),
    (24000, 0.54313, 0.18365, 0.61757),
    (26000, 0.44955, 0.10434, 0.65052),
    (28000, 0.37883, 0.09939, 0.67983),
    (30000, 0.32538, 0.09607, 0.70092),
    (32000, 0.28499, 0.09061, 0.71691),
    (34000, 0.25446, 0.08571, 0.72961),
    (36000, 0.23139, 0.08196, 0.73992),
    (38000, 0.21395, 0.07917, 0.74839),
];

const SPIKES_END: u32 = 20_000;

fn network(dt: f64, astrocyte: CalciumAstrocyte) -> Network {
    let mut net = Network::new(NetworkConfig { dt, seed: 1 });
    let p = net.add_population("p", 1, Lif::default());
    let x = net.add_input("x", 1);
    net.connect(x, p, Connector::AllToAll, 0.0);
    let glia = net.add_astrocyte("glia", astrocyte);
    net.watch(glia, x, 1.0);
    net
}

/// Outputs of an astrocyte under a spike every 2 ms, after each step, and IP3 and h after the last.
fn course(dt: f64, astrocyte: CalciumAstrocyte, until: u32) -> (Vec<f64>, f64, f64) {
    let net = network(dt, astrocyte);
    let per_ms = (1.0 / dt).round() as u32;
    let observe = Observe { astrocytes: Some(per_ms * until), ..Observe::default() };
    let device = Device::cpu_threads(1).unwrap();
    let mut sim = Simulation::new(&device, &net, RunOptions { observe, ..RunOptions::default() }).unwrap();
    let spikes = [(1..until.min(SPIKES_END) / 2).map(|k| ((2 * k + 1) * per_ms, 0)).collect()];
    sim.feed(net.input("x").unwrap(), Feed::Spikes { steps: until * per_ms, spikes: &spikes }).unwrap();
    sim.run(until * per_ms).unwrap();
    let words = sim.state().unwrap()[0].plastic.astrocytes[0].clone();
    let [ip3, _, h] = words[words.len() - 3..] else { panic!("three words of calcium") };
    let ip3 = astrocyte.ip3_rest + from_fixed(ip3, 27);
    (sim.modulators().unwrap().into_raw_vec_and_offset().0, ip3, from_fixed(h, 31))
}

#[test]
fn follows_nest() {
    for (dt, allowed) in [(0.1, 2e-3), (1.0, 1e-2)] {
        let last = NEST[NEST.len() - 1];
        let (calcium, ip3, h) = course(dt, CalciumAstrocyte::default(), last.0);
        let after = |ms: u32| calcium[(f64::from(ms) / dt).round() as usize - 1];
        let worst = NEST.iter().map(|n| (after(n.0) - n.2).abs()).fold(0.0, f64::max);
        assert!(worst < allowed, "calcium differs by {worst} uM with dt {dt}");
        assert!((ip3 - last.1).abs() < 5e-4 && (h - last.3).abs() < 2e-3, "IP3 {ip3}, h {h}, dt {dt}");
    }
    // It must be able to fail: with a tenth less of the pump, calcium is another.
    let weak = CalciumAstrocyte { rate_serca: 8.1e-4, ..CalciumAstrocyte::default() };
    let calcium = course(1.0, weak, 8000).0;
    assert!((calcium[7999] - NEST[3].2).abs() > 0.02, "{}", calcium[7999]);
}

#[test]
fn puts_out_the_slow_inward_current() {
    let current = CalciumAstrocyte {
        output: CalciumOutput::SlowInwardCurrent { threshold: 0.19669 },
        scale: 0.5,
        bias: 0.1,
        ..CalciumAstrocyte::default()
    };
    let (calcium, found) = (course(1.0, CalciumAstrocyte::default(), 12_000).0, course(1.0, current, 12_000).0);
    let (mut silent, mut active) = (0, 0);
    for (ca, out) in calcium.iter().zip(&found) {
        let y = (ca - 0.19669) * 1000.0;
        let expected = 0.1 + 0.5 * y.max(1.0).ln();
        *(if y > 1.0 { &mut active } else { &mut silent }) += 1;
        assert!((out - expected).abs() < 0.03, "{out} should be {expected} at {ca} uM");
    }
    assert!(silent > 1000 && active > 1000, "both should happen: {silent}, {active}");
}

#[test]
fn rests_and_cannot_be_set() {
    // Without spikes it stays near where NEST's defaults rest.
    let net = network(1.0, CalciumAstrocyte::default());
    let mut sim = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()).unwrap();
    let glia = net.astrocyte("glia").unwrap();
    assert!((sim.modulator(glia).unwrap()[0] - 0.073).abs() < 1e-6);
    sim.run(20_000).unwrap();
    assert!((sim.modulator(glia).unwrap()[0] - 0.073).abs() < 0.005, "{:?}", sim.modulator(glia));
    let error = sim.set_modulator(glia, &[1.0]).unwrap_err().to_string();
    assert!(error.starts_with("astrocyte 'glia' is one with calcium dynamics; allowed: a leaky one"), "{error}");
    let moved = sim.state().unwrap();
    sim.reset().unwrap();
    sim.run(20_000).unwrap();
    assert_eq!(sim.state().unwrap(), moved, "a reset repeats the run");
}

#[test]
fn refuses_what_would_not_hold() {
    let d = CalciumAstrocyte::default();
    let cases = [
        (CalciumAstrocyte { tau_ip3: 0.0, ..d }, "tau_ip3 of astrocyte 'glia' is 0; allowed: "),
        (CalciumAstrocyte { calcium_initial: 3.0, ..d }, "calcium_initial of astrocyte 'glia' is 3; allowed: 0 to 2"),
        (CalciumAstrocyte { h_initial: 1.5, ..d }, "h_initial of astrocyte 'glia' is 1.5; allowed: 0 to 1"),
        (CalciumAstrocyte { rate_serca: 0.5, ..d }, "rate_serca of astrocyte 'glia' is 0.5; allowed: 0 to 0.01"),
        (CalciumAstrocyte { delta_ip3: 50.0, ..d }, "delta_ip3 of astrocyte 'glia' is 50; allowed: "),
        (CalciumAstrocyte { delta_ip3: 1e-9, ..d }, "weight of astrocyte 'glia' is 0.000000001; allowed: "),
        (CalciumAstrocyte { scale: 1e12, ..d }, "scale of astrocyte 'glia' is 1000000000000; allowed: "),
        (CalciumAstrocyte { kd_inh: f64::NAN, ..d }, "kd_inh of astrocyte 'glia' is NaN; allowed: 0.001 to 1000 uM"),
        (
            CalciumAstrocyte { calcium_total: 2e-6, ..d },
            "calcium_total of astrocyte 'glia' is 0.000002; allowed: 0.001",
        ),
        (
            CalciumAstrocyte { kd_ip3_1: 1e9, ip3_rest: 1e9, ..d },
            "kd_ip3_1 of astrocyte 'glia' is 1000000000; allowed: ",
        ),
    ];
    for (astrocyte, expected) in cases {
        let net = network(1.0, astrocyte);
        let error = Simulation::new(&Device::cpu_threads(1).unwrap(), &net, RunOptions::default()).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}\nshould start with\n{expected}");
    }
}
