#!/bin/bash
# Builds libbz2.wasm, which lies beside this file and is committed: whoever builds the program needs no C compiler.
#
# Why a build of our own: no package reads a stream piece by piece, at its reader's pace and in bounded memory. unbzip2-stream
# decompresses all that it is given at once, a block of 46 MB as an array of numbers, and knows no randomised blocks; seek-bzip and
# the builds of libbz2 in npm (@foxglove/wasm-bz2, bzip2-wasm) want the whole file, and all that comes out, in memory. The
# decompressor alone is 34 kB.
#
# Runs on Debian 12 as it comes with:
#   apt-get install clang-22 lld-22 libclang-rt-22-dev-wasm32 wasi-libc curl
# The same packages give the same file; here clang 1:22.1.8-1~deb12u1, wasi-libc 0.0~git20220510.9886d3d-2.
#
#   scripts/libbz2/build.sh [bzip2_1.0.8.orig.tar.gz]
set -euo pipefail

version=1.0.8 # and in package.json
sha256=ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269 # of Debian's Sources
url=http://deb.debian.org/debian/pool/main/b/bzip2/bzip2_$version.orig.tar.gz

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then cp "$1" "$work/bzip2.tar.gz"; else curl -fsSo "$work/bzip2.tar.gz" "$url"; fi
echo "$sha256  $work/bzip2.tar.gz" | sha256sum --quiet -c
cd "$work"
tar -xf bzip2.tar.gz --strip-components=1

# What libbz2 calls when it finds itself in a state that can't be, if it has no stderr (bzlib_private.h).
echo 'void bz_internal_error(int code) { __builtin_trap(); }' >internal_error.c

objects=()
for source in {bzlib,decompress,huffman,crctable,randtable,internal_error}.c; do
  object=${source%.c}.o
  clang-22 --target=wasm32-wasip1 -isystem /usr/include/wasm32-wasi -std=gnu11 -O2 -flto -DBZ_NO_STDIO \
    -c "$source" -o "$object"
  objects+=("$object")
done

# Memory: the decompressor of the largest blocks (-9) needs 3.6 MiB.
wasm-ld-22 --no-entry --gc-sections --strip-all -O2 --lto-O2 \
  -z stack-size=65536 --max-memory=$((8 * 1024 * 1024)) \
  --export=malloc --export=BZ2_bzDecompressInit --export=BZ2_bzDecompress --export=BZ2_bzDecompressEnd \
  "${objects[@]}" -L/usr/lib/wasm32-wasi -lc \
  /usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a -o "$here/libbz2.wasm"
chmod 644 "$here/libbz2.wasm"
sha256sum "$here/libbz2.wasm"
