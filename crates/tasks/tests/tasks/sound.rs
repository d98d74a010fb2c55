//! wav files of every form that is read, written byte by byte.

use limnos_tasks::read_wav;

use crate::support::write;

/// A wav file with a plain 16-byte format chunk (`format`: 1 whole numbers, 3 floats).
pub fn wav(format: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(format.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn every_width_gives_the_same_wave() {
    // -1, -1/2, 0, 1/2 in each form; 8 bits are unsigned around 128.
    let wave = [-1.0_f32, -0.5, 0.0, 0.5];
    let scaled = |bits: u32| wave.map(|x| (f64::from(x) * 2_f64.powi(bits as i32 - 1)) as i32);
    let forms = [
        (1, 8, scaled(8).iter().map(|x| (x + 128) as u8).collect::<Vec<_>>()),
        (1, 16, scaled(16).iter().flat_map(|x| (*x as i16).to_le_bytes()).collect()),
        (1, 24, scaled(24).iter().flat_map(|x| x.to_le_bytes()[..3].to_vec()).collect()),
        (1, 32, scaled(32).iter().flat_map(|x| x.to_le_bytes()).collect()),
        (3, 32, wave.iter().flat_map(|x| x.to_le_bytes()).collect()),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (format, bits, data) in forms {
        let path = write(folder.path(), "wave.wav", &wav(format, 1, 12_345, bits, &data));
        let read = read_wav(path).unwrap();
        assert_eq!(read.samples, wave, "format {format}, {bits} bits");
        assert_eq!(read.sample_rate, 12_345);
    }
}
