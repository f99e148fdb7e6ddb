#!/bin/sh
# Installs what the integration tests compare with (the real squashfs-tools, registry, docker daemon and image tools), and the
# browser that a real VS Code is driven in.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends \
  dosfstools fusefat squashfs-tools docker.io docker-registry umoci skopeo mmdebstrap attr zstd lz4 openssl cryptsetup-bin \
  openssh-server openssh-client netcat-openbsd avahi-daemon iproute2 \
  chromium
