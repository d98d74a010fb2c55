#!/bin/sh
# The runs behind RESULTS.md: one JSON line each, in OUT. What is there already is not run again.
#   sh benches/nalsm.sh DATA OUT [DEVICE] [quick|small|full|large]
# quick: 10 000 training samples, three networks a rule. small: 2000 samples, one network; plain STDP too, whose development is short since it saturates
# and each of its many spikes costs, and 8000 neurons. full: all samples, three networks. large: 8000 neurons, all samples; for a GPU.
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
    ;;
small)
    part="--train 2000 --test 2000 --readout softmax,paper --epochs 1000"
    run static-2000 --rule static $part
    run stdp-part --rule stdp --develop 2000 $part
    run ap-stdp-2000 --rule ap-stdp $part
    run astro-2000 --rule astro $part
    run static-8000-part --rule static --neurons 8000 --train 2000 --test 1000
    run astro-8000-part --rule astro --neurons 8000 --train 2000 --test 1000
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
    echo "unknown size '$size'; known are quick, small, full, large" >&2
    exit 2
    ;;
esac
