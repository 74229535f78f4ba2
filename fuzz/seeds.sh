#!/usr/bin/env bash
# Unpacks the seeds, one input a line in hex, into the corpus directories that cargo-fuzz reads.
set -euo pipefail
cd "$(dirname "$0")"
for file in seeds/*.hex; do
  target=$(basename "$file" .hex)
  mkdir -p "corpus/$target"
  number=0
  while read -r line; do
    number=$((number + 1))
    printf "%b" "$(sed 's/../\\x&/g' <<<"$line")" >"corpus/$target/seed-$number"
  done <"$file"
done
