#!/bin/bash
# Builds liblzma.wasm, which lies beside this file and is committed: whoever builds the program needs no C compiler.
#
# Why a build of our own: to the same bytes, it compresses with an eighth less CPU than the one in npm's node-liblzma 5.1.3; its
# exports have names, and no LGPL comes with it. A good part of that is the link-time optimisation; what faster.patch does:
#   - Matches are compared 8 bytes at a time, which liblzma does on 64-bit processors; WASM has 64-bit words, too.
#   - The match finder's hash table and tree are too large for most L2 caches: what the next 8 searches begin with is loaded
#     at once, since these loads don't wait for each other. It pays (5 %) when all cores compress.
# Gained nothing: -O3, SIMD, -funroll-loops, tail calls, profiles (PGO), wasm-opt, direct calls of the match finder, and
# searches in the tree without branches (slower). The range encoder's state in registers gained 3 %, for a long patch.
#
# Runs on Debian 12 as it comes with:
#   apt-get install clang-22 lld-22 libclang-rt-22-dev-wasm32 wasi-libc curl patch xz-utils
# The same packages give the same file; here clang 1:22.1.8-1~deb12u1, wasi-libc 0.0~git20220510.9886d3d-2.
#
#   scripts/liblzma/build.sh [xz-utils_5.8.4.orig.tar.xz]
set -euo pipefail

version=5.8.4 # and in package.json
sha256=4ce24038fd4221e0d13bc1a2de7a4db56e90b92b3bf75321f6c14be73f65de4b # of Debian's Sources
url=http://deb.debian.org/debian/pool/main/x/xz-utils/xz-utils_$version.orig.tar.xz

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then cp "$1" "$work/xz.tar.xz"; else curl -fsSo "$work/xz.tar.xz" "$url"; fi
echo "$sha256  $work/xz.tar.xz" | sha256sum --quiet -c
cd "$work"
tar -xf xz.tar.xz --strip-components=1
patch -s -p1 <"$here/faster.patch"
cd src

defines=(
  NDEBUG HAVE_STDINT_H HAVE_INTTYPES_H HAVE_STDBOOL_H HAVE_STRING_H HAVE_LIMITS_H
  HAVE___BUILTIN_BSWAPXX HAVE___BUILTIN_ASSUME_ALIGNED TUKLIB_FAST_UNALIGNED_ACCESS TUKLIB_SYMBOL_PREFIX=lzma_
  # What presets 4 to 9 use.
  HAVE_ENCODERS HAVE_ENCODER_LZMA1 HAVE_ENCODER_LZMA2 HAVE_MF_BT4
  # All that mksquashfs can write, with -Xbcj too.
  HAVE_DECODERS HAVE_DECODER_LZMA1 HAVE_DECODER_LZMA2 HAVE_CHECK_CRC32 HAVE_CHECK_CRC64 HAVE_CHECK_SHA256
  HAVE_DECODER_{X86,ARM,ARMTHUMB,ARM64,POWERPC,IA64,SPARC,RISCV,DELTA}
  HAVE_ENCODER_{X86,ARM,ARMTHUMB,ARM64,POWERPC,IA64,SPARC}
)
includes=(common liblzma/{api,common,check,lz,lzma,rangecoder,delta,simple})
sources=(
  liblzma/check/{check,crc32_fast,crc64_fast,sha256}.c
  liblzma/common/{common,block_util,filter_common,index,stream_flags_common,vli_size}.c
  liblzma/common/{block_buffer,block,block_header,filter,filter_flags,index,stream_buffer,stream_flags,vli}_encoder.c
  liblzma/common/{block,block_header,filter,filter_flags,stream_buffer,stream,stream_flags,vli}_decoder.c
  liblzma/common/index_hash.c
  liblzma/delta/delta_{common,decoder}.c
  liblzma/lz/{lz_decoder,lz_encoder,lz_encoder_mf}.c
  liblzma/lzma/{fastpos_table,lzma2_decoder,lzma2_encoder,lzma_decoder,lzma_encoder,lzma_encoder_presets}.c
  liblzma/lzma/lzma_encoder_optimum_{fast,normal}.c
  liblzma/rangecoder/price_table.c
  liblzma/simple/{simple_coder,simple_decoder,simple_encoder,arm,arm64,armthumb,ia64,powerpc,riscv,sparc,x86}.c
)
objects=()
for source in "${sources[@]}"; do
  object=$(basename "$source" .c).o
  clang-22 --target=wasm32-wasip1 -isystem /usr/include/wasm32-wasi -std=gnu11 -O2 -flto \
    "${defines[@]/#/-D}" "${includes[@]/#/-I}" -c "$source" -o "$object"
  objects+=("$object")
done

# Memory: an encoder with a dictionary of 1 MiB needs some 14 MiB, a decoder of blocks 9 MiB, one of an xz file as `xz -9` makes
# it 65 MiB.
wasm-ld-22 --no-entry --gc-sections --strip-all -O2 --lto-O2 \
  -z stack-size=65536 --max-memory=$((128 * 1024 * 1024)) \
  --export=malloc --export=lzma_stream_buffer_encode --export=lzma_stream_buffer_decode \
  --export=lzma_stream_decoder --export=lzma_code --export=lzma_end \
  "${objects[@]}" -L/usr/lib/wasm32-wasi -lc \
  /usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a -o "$here/liblzma.wasm"
chmod 644 "$here/liblzma.wasm"
sha256sum "$here/liblzma.wasm"
