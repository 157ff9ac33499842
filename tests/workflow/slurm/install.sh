#!/usr/bin/env bash
# Debian's packages of Slurm, for the test that runs the workflow on it. Where systemd runs, they start munged; Slurm's own
# daemons wait for an /etc/slurm/slurm.conf, which this does not write.
set -euo pipefail
packages=(munge slurmctld slurmd slurm-client)
if dpkg-query --show --showformat='${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null | grep -c '^ii' | grep -qx 4; then
    exit 0
fi
[ -e /etc/debian_version ] || { echo "Slurm is not installed, and this is no Debian" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "Slurm is not installed, and that needs root" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install --yes -qq --no-install-recommends "${packages[@]}" >/dev/null
