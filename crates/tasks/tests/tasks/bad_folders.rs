//! Folders of data sets with files missing or not belonging together, and the texts of the refusals.

use std::path::Path;

use limnos_tasks::{fsdd, mnist, nmnist, nmnist_first};

use crate::sound::wav;
use crate::support::{error_text, event, gzip, idx, write};

const ALL_IDX: &str = "train-images-idx3-ubyte.gz, train-images-idx3-ubyte, train-labels-idx1-ubyte.gz, \
    train-labels-idx1-ubyte, t10k-images-idx3-ubyte.gz, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte.gz, \
    t10k-labels-idx1-ubyte";

/// A tiny MNIST: training and test images of given dimensions, and numbers of labels.
fn tiny_mnist(folder: &Path, dims: [[u32; 3]; 2], labels: [u32; 2]) {
    for (part, name) in ["train", "t10k"].into_iter().enumerate() {
        let pixels = dims[part].iter().product::<u32>() as usize;
        let data: Vec<u8> = (0..labels[part]).map(|i| (i % 10) as u8).collect();
        write(folder, &format!("{name}-images-idx3-ubyte.gz"), &gzip(&idx(&dims[part], &vec![9; pixels])));
        write(folder, &format!("{name}-labels-idx1-ubyte"), &idx(&[labels[part]], &data));
    }
}

#[test]
fn mnist_names_what_is_missing_and_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let text = || error_text(mnist(folder.path()), folder.path());
    let gone = error_text(mnist(folder.path().join("gone")), folder.path());
    assert_eq!(
        gone,
        "@/gone: missing the folder itself; searched for train-images-idx3-ubyte, train-labels-idx1-ubyte, \
         t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"
    );
    write(folder.path(), "train-images-idx3-ubyte.gz", &[]);
    write(folder.path(), "t10k-labels-idx1-ubyte", &[]);
    assert_eq!(
        text(),
        format!(
            "@: missing train-labels-idx1-ubyte.gz or train-labels-idx1-ubyte, t10k-images-idx3-ubyte.gz or \
             t10k-images-idx3-ubyte; searched for {ALL_IDX}"
        )
    );
    tiny_mnist(folder.path(), [[3, 2, 2], [2, 2, 2]], [4, 2]);
    assert_eq!(
        text(),
        "@/train-labels-idx1-ubyte: 4 labels; expected 3, one for each image in @/train-images-idx3-ubyte.gz"
    );
    tiny_mnist(folder.path(), [[3, 2, 2], [2, 2, 3]], [3, 2]);
    assert_eq!(
        text(),
        "@/t10k-images-idx3-ubyte.gz: 6 pixels an image; expected 4, as in @/train-images-idx3-ubyte.gz"
    );
    tiny_mnist(folder.path(), [[3, 2, 2], [2, 2, 2]], [3, 2]);
    let parts = mnist(folder.path()).unwrap();
    assert_eq!((parts.train.features.dim(), parts.test.labels), ((3, 4), vec![0, 1]));
}

/// A small N-MNIST of the given lists, with an event file for each given number.
fn small_nmnist(folder: &Path, train: &str, test: &str, files: &[u32]) {
    write(folder, "train1K.txt", train.as_bytes());
    write(folder, "test100.txt", test.as_bytes());
    for number in files {
        write(folder, &format!("{number}.bs2"), &event(1, 2, true, *number));
    }
}

#[test]
fn nmnist_lists_and_files_must_belong_together() {
    let table: [(&str, &str, &[u32], &str); 8] = [
        (
            "1 5\n2 0\n",
            "7 x\n",
            &[1, 2],
            "@/test100.txt, line 1: \"7 x\"; expected a sample number and a label of 0 to 9",
        ),
        (
            "#a\r\n1\t10\r\n",
            "7 1",
            &[1, 7],
            "@/train1K.txt, line 2: \"1\\t10\"; expected a sample number and a label of 0 to 9",
        ),
        ("1 5 6\n", "7 1", &[1, 7], "@/train1K.txt, line 1: \"1 5 6\"; expected a sample number and a label of 0 to 9"),
        ("1 5\n1 5\n", "7 1", &[1, 7], "@/train1K.txt, line 2: sample 1 again; expected each sample once"),
        ("#a\n", "7 1", &[7], "@/train1K.txt, line 1: no labels; expected lines of sample number and label"),
        (
            "1 5\n2 5\n3 5\n",
            "7 1",
            &[2, 7],
            "@: missing 1.bs2 or 1.bin, 3.bs2 or 3.bin; searched for an event file for each of the 3 labels",
        ),
        (
            "1 5\n",
            "7 1",
            &[1, 2, 3, 7],
            "@: 2 event files without a label, the first of number 2; expected a line for each in train1K.txt or test100.txt",
        ),
        (
            "1 1\n2 1\n3 1\n4 1\n5 1\n6 1\n8 1\n",
            "7 1",
            &[],
            "@: missing 1.bs2 or 1.bin, 2.bs2 or 2.bin, 3.bs2 or 3.bin, 4.bs2 or 4.bin, 5.bs2 or 5.bin, 2 more; \
             searched for an event file for each of the 7 labels",
        ),
    ];
    for (train, test, files, text) in table {
        let folder = tempfile::tempdir().unwrap();
        small_nmnist(folder.path(), train, test, files);
        assert_eq!(error_text(nmnist(folder.path()), folder.path()), text);
    }
}

#[test]
fn nmnist_names_missing_lists_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    let text = || error_text(nmnist(folder.path()), folder.path());
    assert_eq!(text(), "@: missing train1K.txt, test100.txt; searched for train1K.txt, test100.txt");
    let gone = error_text(nmnist(folder.path().join("gone")), folder.path());
    assert_eq!(gone, "@/gone: missing the folder itself; searched for train1K.txt, test100.txt, Train/, Test/");
    write(folder.path(), "Train/0/00002.bin", &event(1, 2, true, 3));
    write(folder.path(), "Test/0/00004.bin", &event(1, 2, true, 3));
    assert_eq!(text(), "@/Train/1: missing the folder itself; searched for {number}.bin");
    small_nmnist(folder.path(), "1 5\n", "7 1\n", &[1, 7]);
    let none = error_text(nmnist_first(folder.path(), 0, 1), folder.path());
    assert_eq!(none, "`train` is 0; allowed is at least 1");
}

#[test]
fn both_layouts_of_nmnist_give_the_same_samples() {
    let small = tempfile::tempdir().unwrap();
    small_nmnist(small.path(), "#n label\r\n1\t5\r\n2\t0\r\n10\t5\r\n", "7 1\n", &[1, 2, 10, 7]);
    let full = tempfile::tempdir().unwrap();
    for part in ["Train", "Test"] {
        (0..10).for_each(|digit| std::fs::create_dir_all(full.path().join(format!("{part}/{digit}"))).unwrap());
    }
    for (path, number) in [("Train/5/00001", 1), ("Train/0/00002", 2), ("Train/5/00010", 10), ("Test/1/00007", 7)] {
        write(full.path(), &format!("{path}.bin"), &event(1, 2, true, number));
    }
    let of = |folder: &Path| nmnist(folder).unwrap();
    assert_eq!(of(small.path()), of(full.path()));
    assert_eq!(of(small.path()).train.labels(), [5, 0, 5]);
    let first = nmnist_first(full.path(), 2, 9).unwrap();
    assert_eq!((first.train.len(), first.test.len()), (2, 1));
}

#[test]
fn fsdd_refuses_strange_names_and_empty_parts() {
    let folder = tempfile::tempdir().unwrap();
    let text = || error_text(fsdd(folder.path()), folder.path());
    let sound = wav(1, 1, 8000, 16, &[0, 64]);
    let gone = error_text(fsdd(folder.path().join("gone")), folder.path());
    assert_eq!(gone, "@/gone: missing the folder itself; searched for recordings/{digit}_{speaker}_{index}.wav");
    assert_eq!(text(), "@: missing every training recording; searched for recordings/{digit}_{speaker}_{index}.wav");
    write(folder.path(), "recordings/3_an_na_7.wav", &sound);
    assert_eq!(
        text(),
        "@/recordings: missing every test recording; searched for recordings/{digit}_{speaker}_{index}.wav"
    );
    write(folder.path(), "recordings/3_an_na_4.wav", &sound);
    write(folder.path(), "recordings/notes.txt", b"passed over");
    let parts = fsdd(folder.path()).unwrap();
    assert_eq!((parts.train.samples[0].index, parts.test.samples[0].index), (7, 4));
    assert_eq!((parts.test.samples[0].speaker.as_str(), &parts.test.samples[0].samples), ("an_na", &vec![0.5]));
    for name in ["hello", "3_anna", "10_anna_1", "3__1", "3_anna_x"] {
        let path = write(folder.path(), &format!("recordings/{name}.wav"), &sound);
        assert_eq!(
            text(),
            format!(
                "@/recordings/{name}.wav: this name is not of the data set; expected digit_speaker_index.wav with a digit of 0 to 9"
            )
        );
        std::fs::remove_file(path).unwrap();
    }
}
