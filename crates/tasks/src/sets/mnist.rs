//! MNIST and Fashion-MNIST from their four idx files.

use std::path::Path;

use crate::error::mismatch;
use crate::read::idx::{read_idx_images, read_idx_labels};
use crate::sets::folder::{check_folder, find_files};
use crate::{About, Dataset, Result, TrainTest};

/// Classes of both sets.
const CLASSES: u32 = 10;

/// The names of the files: training images and labels, test images and labels.
const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// MNIST, 60 000 training and 10 000 test digits of 28 x 28, from a folder with its four files, each `.gz` or plain.
///
/// Features are samples x 784, 0 to 255. Y. LeCun, C. Cortes, C. J. C. Burges; CC BY-SA 3.0.
///
/// # Errors
/// If a file is missing (all missing ones are named) or malformed, if images and labels differ in number, or if training
/// and test images differ in size.
pub fn mnist(folder: impl AsRef<Path>) -> Result<TrainTest<Dataset>> {
    let about =
        About::of("MNIST", "Y. LeCun, C. Cortes, C. J. C. Burges", "CC BY-SA 3.0", "http://yann.lecun.com/exdb/mnist");
    load(folder.as_ref(), &about)
}

/// Fashion-MNIST, 60 000 training and 10 000 test pictures of clothes, in files named as those of [`mnist`].
///
/// H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
/// arXiv:1708.07747, 2017; MIT licence.
///
/// # Errors
/// As [`mnist`].
pub fn fashion_mnist(folder: impl AsRef<Path>) -> Result<TrainTest<Dataset>> {
    let about = About::of(
        "Fashion-MNIST",
        "H. Xiao, K. Rasul, R. Vollgraf (Zalando SE)",
        "MIT",
        "https://github.com/zalandoresearch/fashion-mnist",
    );
    load(folder.as_ref(), &about)
}

fn load(folder: &Path, about: &About) -> Result<TrainTest<Dataset>> {
    check_folder(folder, &NAMES)?;
    let names = NAMES.map(|name| [format!("{name}.gz"), name.to_owned()]);
    let paths = find_files(folder, names.each_ref().map(|n| n.as_slice()))?;
    let train = part(&paths[0], &paths[1], about)?;
    let test = part(&paths[2], &paths[3], about)?;
    let (pixels, expected) = (test.features.ncols(), train.features.ncols());
    if pixels != expected {
        let expected = format!("{expected}, as in {}", paths[0].display());
        return Err(mismatch(&paths[2], format!("{pixels} pixels an image"), expected));
    }
    Ok(TrainTest { train, test })
}

/// Images and their labels.
fn part(images: &Path, labels: &Path, about: &About) -> Result<Dataset> {
    let classes = read_idx_labels(labels, CLASSES)?;
    let features = read_idx_images(images)?;
    if classes.len() != features.nrows() {
        let expected = format!("{}, one for each image in {}", features.nrows(), images.display());
        return Err(mismatch(labels, format!("{} labels", classes.len()), expected));
    }
    Dataset::new(features, classes, CLASSES, 255.0, about.clone())
}
