#!/usr/bin/env bash
# Makes the sets of numbers of this folder again: tests/data/numbers/collect.sh FOLDER
#
# On Debian 12 with netbase, git and python3-venv. Of a long list of numbers, the script takes about 2000,
# evenly spread, in the order of their paths. Numbers that a machine counts differ every time; docs/ascii_vs_binary.md describes
# the ones here.
set -euo pipefail
export LC_ALL=C
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../../.."

# About 2000 of the lines of standard input, evenly spread.
sample() { awk '{all[NR] = $0} END {step = int((NR + 1999) / 2000); for (i = 1; i <= NR; i += step) print all[i]}'; }

# Lengths of the messages in the captured streams of tests/data/protocols, as Wireshark's dissectors report them.
cat tests/data/protocols/*/*.len >"$out/messages.txt"

# Bytes in the lines of this repository's Rust files, without the line end.
git ls-files -z '*.rs' | xargs -0 awk '{print length($0)}' | sample >"$out/lines.txt"

# Bytes in the files of a Debian system.
find /usr -xdev -type f -printf '%p\t%s\n' | sort | cut -f2 | sample >"$out/files.txt"

# The ports of the services that have a name.
awk '$2 ~ /^[0-9]+\// {sub("/.*", "", $2); print $2}' /etc/services >"$out/ports.txt"

# What the kernel counts: memory, IP, TCP, UDP, interrupts. Values below 0 are no numbers here.
{
  awk '{print $2}' /proc/vmstat
  awk 'FNR % 2 == 0 {for (i = 2; i <= NF; i++) print $i}' /proc/net/snmp /proc/net/netstat
  awk 'FNR > 1 {for (i = 2; i <= NF; i++) print $i}' /proc/softirqs
} | grep -v -- - >"$out/counters.txt"

# Monthly closing prices of five shares, 2000 to 2010, in cents: `stocks` of the Python package vega_datasets 0.9.0.
python3 -m venv "$out/venv"
"$out/venv/bin/pip" -q install --no-deps vega_datasets==0.9.0
tail -n +2 "$out"/venv/lib/python3*/site-packages/vega_datasets/_data/stocks.csv |
  awk -F, '{printf "%d\n", $3 * 100 + 0.5}' >"$out/prices.txt"
rm -r "$out/venv"
