//! Networks in files.

use limnos::Device;
use limnos::esn::{Esn, EsnConfig, Layer, Nvar, Precision, Reads, StateFeatures};
use limnos::ndarray::s;

use super::{esn, noise, reservoir};

fn configs() -> [EsnConfig; 3] {
    let base = EsnConfig { reservoir: reservoir(25, 1), warmup: 10, alpha: 1e-4, ..EsnConfig::default() };
    let layer = Layer { reservoir: reservoir(10, 2), reads: Reads::InputsAndPrevious };
    [
        EsnConfig { layers: vec![layer], states: StateFeatures::RawAndSquared, ..base.clone() },
        EsnConfig { nvar: Some(Nvar { delays: 3, stride: 2, order: 2 }), precision: Precision::F64, ..base.clone() },
        EsnConfig { fit_bias: false, read_inputs: false, states: StateFeatures::SquaredAlternate, ..base },
    ]
}

#[test]
fn a_loaded_network_goes_on_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.esn");
    let series = noise(200, 2, 1);
    for config in configs() {
        let mut saved = esn(config);
        saved.fit_forecast(&series).unwrap();
        saved.generate(7).unwrap();
        saved.save(&path).unwrap();
        let mut loaded = Esn::load(&path, &Device::cpu().unwrap()).unwrap();
        assert_eq!(loaded.readout(), saved.readout());
        assert_eq!(loaded.model(), saved.model());
        assert_eq!(loaded.generate(20).unwrap(), saved.generate(20).unwrap());
        assert_eq!(loaded.predict(&series).unwrap(), saved.predict(&series).unwrap());
        // It learns again as the first did.
        loaded.fit_forecast(series.slice(s![..150, ..])).unwrap();
        saved.fit_forecast(series.slice(s![..150, ..])).unwrap();
        assert_eq!(loaded.readout(), saved.readout());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else should be left");
    }
}

#[test]
fn networks_with_feedback_are_kept_with_what_they_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.esn");
    let (x, y) = (noise(200, 1, 1), noise(200, 1, 2));
    let mut saved = esn(EsnConfig { feedback: true, alpha: 1.0, ..configs()[2].clone() });
    saved.fit(&x, &y).unwrap();
    saved.save(&path).unwrap();
    let mut loaded = Esn::load(&path, &Device::cpu().unwrap()).unwrap();
    assert_eq!(loaded.advance(&x).unwrap(), saved.advance(&x).unwrap());
}

#[test]
fn damaged_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.esn");
    let device = Device::cpu().unwrap();
    let mut network = esn(configs()[0].clone());
    assert!(network.save(&path).unwrap_err().to_string().contains("not fitted"));
    network.fit_forecast(&noise(100, 1, 1)).unwrap();
    network.save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Esn::load(&path, &device).map(|_| ()).unwrap_err().to_string()
    };
    for cut in (0..whole.len()).step_by(37) {
        load(&whole[..cut]);
    }
    for at in (0..whole.len()).step_by(101) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        load(&changed);
    }
    assert!(load(b"hello").contains("starts with 'hello'"));
    let mut newer = whole.clone();
    newer[16] = 9;
    assert!(load(&newer).contains("version 9"));
    let missing = Esn::load(folder.path().join("none"), &device).map(|_| ()).unwrap_err().to_string();
    assert!(missing.contains("cannot read"), "{missing}");
    assert!(network.save(folder.path().join("no/such/folder")).unwrap_err().to_string().contains("cannot write"));
}
