#!/bin/sh
# The steps of pvr (libpvr/dockerlib.go, util.go, applib.go), done with the tools that it starts or that do the same:
#   pvr-steps.sh base  APP LAYER…     app add, app update --newbase: the image's layers become APP/root.squashfs
#   pvr-steps.sh patch APP LAYER…     app update --patch: what differs from APP/root.squashfs becomes APP/root.ovl.squashfs
# Layers are .tar.gz files, the lowest first. Works in a folder below TMPDIR and removes it, as pvr does.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ExtractFiles and what follows (dockerlib.go:643-740): look for whiteouts, delete what they name, unpack, add folders.
unpack_image() {
  mkdir "$work/image"
  for layer in "$@"; do
    tar tzf "$layer" | sed -n 's,^\(\./\)\?\(.*/\)\?\.wh\.\([^/]*\)$,\2\3,p' | while read -r path; do
      rm -rf "$work/image/$path"
    done
    tar xzf "$layer" -C "$work/image" --exclude '.wh.*'
  done
  rm -f "$work/image/usr/bin/qemu-arm-static"
  for folder in proc sys dev tmp var/tmp run var/run; do mkdir -p "$work/image/$folder"; done
}

# MakeSquash (applib.go:607-651)
make_squashfs() {
  mksquashfs "$1" "$2.new" -comp xz -root-mode 0755 -no-progress -quiet
  mv "$2.new" "$2"
}

# MkTreeDiff (util.go:1139-1240) compares byte by byte; MkOvl (util.go:1242-1282) copies and makes whiteouts.
make_overlay() {
  mkdir "$work/overlay"
  (cd "$work" && diff --recursive --brief --no-dereference base image) >"$work/differences" || [ $? -eq 1 ]
  sed -n 's,^Only in base/*\(.*\): ,\1/,p' "$work/differences" | while read -r path; do
    mkdir -p "$(dirname "$work/overlay/$path")"
    mknod "$work/overlay/$path" c 0 0
  done
  sed -n -e 's,^Files base/.* and image/\(.*\) differ$,\1,p' -e 's,^Only in image/*\(.*\): ,\1/,p' \
    -e 's,^Symbolic links base/.* and image/\(.*\) differ$,\1,p' "$work/differences" | while read -r path; do
    mkdir -p "$(dirname "$work/overlay/$path")"
    cp -a "$work/image/$path" "$work/overlay/$path"
  done
}

kind=$1
app=$2
shift 2
unpack_image "$@"
case $kind in
  base)
    rm -f "$app/root.squashfs"
    make_squashfs "$work/image" "$app/root.squashfs"
    ;;
  patch)
    unsquashfs -force -no-progress -quiet -dest "$work/base" "$app/root.squashfs"
    make_overlay
    rm -f "$app/root.ovl.squashfs"
    make_squashfs "$work/overlay" "$app/root.ovl.squashfs"
    ;;
esac
