#!/usr/bin/env bash
# Fuzzes every target for so many seconds (default 60), one after the other, or those that are named behind the seconds. Each begins with
# the examples in tests/fuzz/seeds and what earlier runs kept. What it finds lies in tests/fuzz/artifacts, what it says in
# target/fuzz/logs. A target that finds something does not keep the others from running; the script fails in the end.
# The flags are those of cargo-fuzz without a sanitizer, which needs no other compiler than the pinned one: the code is safe Rust.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
names=${*:2}
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')
# A target triple keeps the flags away from build scripts.
cargo build --release --quiet --target "$host" --target-dir ../../target/fuzz
mkdir -p artifacts ../../target/fuzz/logs
found=()
for name in ${names:-$(basename -s .rs targets/*.rs)}; do
    corpus=../../target/fuzz/corpus/$name
    log=../../target/fuzz/logs/$name.log
    mkdir -p "$corpus"
    echo "== $name"
    if "../../target/fuzz/$host/release/$name" -max_total_time="$seconds" -artifact_prefix="artifacts/$name-" -print_final_stats=1 \
        -max_len=4096 -timeout=5 "$corpus" "seeds/$name" >"$log" 2>&1; then
        grep -E 'DONE|stat::(number_of_executed_units|average_exec_per_sec|slowest_unit)' "$log"
    else
        found+=("$name")
        tail -n 30 "$log"
    fi
done
if ((${#found[@]})); then
    echo "Found something: ${found[*]}" >&2
    exit 1
fi
