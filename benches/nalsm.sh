#!/bin/sh
# The runs behind RESULTS.md: one JSON line each, in OUT. What is there already is not run again.
#   sh benches/nalsm.sh DATA OUT [DEVICE] [quick|full|large]
# quick: 10 000 training samples, three networks a rule; the row of stdp is smaller (one network, 2000 samples), since it saturates and each of its
# many spikes costs. full: all samples, three networks. large: 8000 neurons, all samples; for a GPU.
set -eu
data=${1:?folder with mnist, fashion-mnist and n-mnist}
out=${2:?folder for the results}
device=${3:-cpu}
size=${4:-quick}
mkdir -p "$out"
cargo build --release -p limnos-examples --example nalsm
program=${CARGO_TARGET_DIR:-target}/release/examples/nalsm

run() {
    name=$1
    shift
    if [ ! -s "$out/$name.json" ]; then
        "$program" --data "$data" --device "$device" --out "$out/$name" --json "$@" > "$out/$name.txt"
        tail -n 1 "$out/$name.txt" > "$out/$name.json.part"
        mv "$out/$name.json.part" "$out/$name.json"
    fi
}

case $size in
quick)
    run branching --rule astro --w-astro .002,.015,.05,.1,.2 --repeat 3 --train 0 --test 20
    part="--repeat 3 --train 10000 --test 5000 --readout softmax,paper --epochs 1000"
    # Every word of $part is an argument of its own.
    run static-part --rule static $part
    run astro-part --rule astro $part
    run ap-stdp-part --rule ap-stdp $part
    # Alone it saturates: a smaller row, not to be compared sample for sample.
    run stdp-part --rule stdp --develop 2000 --train 2000 --test 2000 --readout softmax,paper --epochs 1000
    ;;
full)
    all="--repeat 3 --readout softmax,paper --epochs 1000"
    for set in mnist fashion; do
        run "static-$set" --set "$set" --rule static $all
        run "astro-$set" --set "$set" --rule astro $all
        run "ap-stdp-$set" --set "$set" --rule ap-stdp $all
    done
    run n-mnist-astro --set n-mnist --rule astro $all
    run n-mnist-static --set n-mnist --rule static --w .8,.95 $all
    ;;
large)
    for set in mnist fashion; do
        run "astro-8000-$set" --set "$set" --rule astro --neurons 8000
    done
    ;;
*)
    echo "unknown size '$size'; known are quick, full, large" >&2
    exit 2
    ;;
esac
