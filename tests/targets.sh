#!/usr/bin/env bash
# Runs the tests on a 32-bit and on a big-endian machine: i686 (directly, on an x86-64 kernel) and s390x (under qemu).
#
#   tests/targets.sh                 both
#   tests/targets.sh s390x [ARGS]    one, with other arguments for `cargo test`
#
# The standard library for these machines comes with Debian's Rust 1.85. The packages for other architectures are
# unpacked beside the build, and not installed. If they are not available, the script prints that and runs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never PROPTEST_CASES=${PROPTEST_CASES:-32}
here=$PWD/target/targets
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

skip() { echo "$1: skipped"; exit 0; }

packages() {
  command -v apt-get >/dev/null || skip "no Debian packages here"
  [ "$(id -u)" = 0 ] || [ -e "$here/ready" ] || skip "packages are installed by root alone"
  [ -e "$here/ready" ] && return 0
  dpkg --add-architecture i386
  dpkg --add-architecture s390x
  apt-get update -qq >/dev/null 2>&1 || true
  local full
  full=$(apt-cache madison rustc-web | awk -v v="$version" 'index($3, v) == 1 {print $3; exit}')
  [ -n "$full" ] || skip "Debian has no Rust $version"
  apt-get install -y -qq --no-install-recommends --allow-downgrades "rustc-web=$full" "cargo-web=$full" \
    "libstd-rust-web-dev=$full" gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross \
    qemu-user >/dev/null 2>&1 || skip "the cross compilers are not to be had"
  mkdir -p "$here/packages"
  local architecture
  for architecture in i386 s390x; do
    (cd "$here/packages" && apt-get download -qq "libstd-rust-web-dev:$architecture=$full") >/dev/null 2>&1 ||
      skip "the standard library for $architecture is not to be had"
  done
  for file in "$here"/packages/*.deb; do dpkg -x "$file" "$here/unpacked"; done
  touch "$here/ready"
}

run() {
  local name=$1 gcc=$2 runner=$3
  shift 3
  local variable triple=$name-unknown-linux-gnu
  variable=$(tr a-z- A-Z_ <<<"$triple")
  mkdir -p "$here/sysroot/lib/rustlib"
  ln -sfn "$(find "$here/unpacked" -type d -path "*rustlib/$triple" | head -1)" "$here/sysroot/lib/rustlib/$triple"
  echo "--- $triple: $(/usr/bin/rustc --version)"
  env RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc \
    "CARGO_TARGET_${variable}_LINKER=$gcc" "CARGO_TARGET_${variable}_RUNNER=$runner" \
    "CARGO_TARGET_${variable}_RUSTFLAGS=--sysroot $here/sysroot -C target-feature=+crt-static" \
    /usr/bin/cargo test --target "$triple" --target-dir "$here/build" "$@"
}

packages
wanted=${1:-all}
shift || true
arguments=("$@")
# Doc tests would be linked without the right sysroot.
[ ${#arguments[@]} -gt 0 ] || arguments=(--features testing --lib --tests)
case $wanted in all | i686) run i686 i686-linux-gnu-gcc env "${arguments[@]}" ;; esac
case $wanted in all | s390x) run s390x s390x-linux-gnu-gcc qemu-s390x "${arguments[@]}" ;; esac
