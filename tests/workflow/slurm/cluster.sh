#!/usr/bin/env bash
# A Slurm cluster of two nodes on this machine while a command runs:
#
#   tests/workflow/slurm/cluster.sh bash          # sinfo, sbatch, snakemake --profile slurm; `exit` ends the cluster
#
# The node gpunode claims two GPUs (/dev/null and /dev/zero are their device files), cpunode has none. Everything lives in a folder of its own
# below /tmp with ports of its own: a Slurm that the machine belongs to is neither seen nor changed, and several of these
# run side by side. Needs root, and Slurm's programs (install.sh). CPUS and MEMORY_MB say what each node claims.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=$PATH:/usr/sbin
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "$0: Slurm's daemons need root here" >&2; exit 1; }
for program in munged mungekey slurmctld slurmd sbatch; do
    [ -x "$(command -v $program)" ] || { echo "$0: no $program: run $here/install.sh" >&2; exit 1; }
done

folder=$(mktemp -d /tmp/slurm-test.XXXXXX)
chmod 755 "$folder"
daemons=()
up=

stop() {
    trap '' INT TERM
    if [ -n "$up" ]; then                         # jobs that outlive their slurmd would be nobody's
        client squeue --noheader --format=%i | xargs -r -n 100 "$folder/bin/scancel" || true
        for _ in $(seq 300); do
            [ -n "$(client squeue --noheader)" ] || break
            sleep 0.2
        done
    fi
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
        kill "${daemons[i]}" 2>/dev/null && wait "${daemons[i]}" 2>/dev/null || true
    done
    rm -rf "$folder"
}

client() {
    timeout 20 "$folder/bin/$1" "${@:2}"
}

# The clients, told of this cluster. Not by the environment: Snakemake's plugin takes SLURM_CONF out of it.
mkdir "$folder/bin"
for program in sbatch srun scancel scontrol sinfo squeue sacct; do
    printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$folder/slurm.conf" "$(command -v $program)" >"$folder/bin/$program"
    chmod 755 "$folder/bin/$program"
done

configure() {
    local ports
    ports=($(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in sockets))'))
    sed -e "s|@HOST@|$(hostname -s)|; s|@FOLDER@|$folder|" \
        -e "s|@PORT_CONTROL@|${ports[0]}|; s|@PORT_GPU@|${ports[1]}|; s|@PORT_CPU@|${ports[2]}|" \
        -e "s|@CPUS@|${CPUS:-$(nproc)}|" \
        -e "s|@MEMORY_MB@|${MEMORY_MB:-$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)}|" \
        "$here/slurm.conf.in" >"$folder/slurm.conf"
    printf 'NodeName=gpunode Name=gpu File=%s\n' /dev/null /dev/zero >"$folder/gres.conf"
    : >"$folder/plugstack.conf"
    mkdir "$folder/state" "$folder/spool-gpunode" "$folder/spool-cpunode" "$folder/munge"
}

start() {                                         # in sessions of their own: stop() ends the jobs before the daemons
    mungekey --create --keyfile="$folder/munge/key"
    setsid munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" --log-file="$folder/munge/log" \
        >"$folder/munged.out" 2>&1 </dev/null &
    daemons+=($!)
    for _ in $(seq 50); do [ ! -S "$folder/munge/socket" ] || break; sleep 0.1; done
    setsid slurmctld -D -f "$folder/slurm.conf" >"$folder/slurmctld.out" 2>&1 </dev/null &
    daemons+=($!)
    for node in gpunode cpunode; do
        setsid slurmd -D -f "$folder/slurm.conf" -N $node >"$folder/slurmd-$node.out" 2>&1 </dev/null &
        daemons+=($!)
    done
}

await() {
    local end=$((SECONDS + 60))
    while [ $SECONDS -lt $end ] && kill -0 "${daemons[@]}"; do
        if [ "$(client sinfo --noheader --Node --format=%T 2>/dev/null | grep -cx idle)" = 2 ]; then
            up=yes
            return
        fi
        sleep 0.2
    done
    echo "$0: the daemons did not come up:" >&2
    tail -n 20 "$folder"/*.out >&2
    return 1
}

trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
configure
start
await
PATH=$folder/bin:$PATH "$@"
