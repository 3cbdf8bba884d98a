# Sourced by scripts that a person runs on a bare Debian or Ubuntu machine: installs what they need, one line a step.
# shellcheck shell=bash

go_version=1.26.8 # fetched where the machine has none that the reference's modules can be built with
go_at_least=1.26.8
cache=${XDG_CACHE_HOME:-$HOME/.cache}/podwire
reference=${PODWIRE_REFERENCE_BIN:-$cache/bin}

green='' red='' dim='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' off=$'\e[0m'; fi
readonly green red dim off

# step TITLE COMMAND...: one line with the time; where the command fails, what was run and what it said, and the end.
# Wants a scratch directory in $work.
# shellcheck disable=SC2154
step() {
  local title=$1 started=${EPOCHREALTIME/[.,]/} status=0 log=$work/log.$BASHPID
  shift
  set +e
  (trap 'exit 143' TERM; set -ex; "$@") > "$log" 2>&1
  status=$?
  set -e
  local took=$(((${EPOCHREALTIME/[.,]/} - started) / 1000))
  if [ $status = 0 ]; then
    printf '%s✓%s %7d ms  %s\n' "$green" "$off" "$took" "$title"
  else
    printf '%s✗%s %7d ms  %s: exit %d\n' "$red" "$off" "$took" "$title" "$status"
    sed 's/^/    /' "$log"
    exit 1
  fi
}

running=() # process groups

# together FUNCTION...: runs them side by side, each a row of steps; where a step fails, the other rows end too.
together() {
  local row
  set -m # a process group for each
  for row; do
    # A shell with a trap waits for its command before it ends.
    (trap 'exit 143' TERM; "$row") < /dev/null &
    running+=($!)
  done
  set +m
  for row; do wait -n || exit 1; done
  running=()
}

# Ends the rows that still run, and waits for them. A script that calls `together` has it in its trap on EXIT.
end_running() {
  [ ${#running[@]} = 0 ] || kill -- "${running[@]/#/-}" 2> /dev/null || true
  wait
}

# show COMMAND...: what it prints, below the last step.
show() { "$@" | sed "s/^/               $dim/; s/\$/$off/"; }

die() { echo "$0: $*" >&2; exit 1; }

# Runs in a shell of its own. No service that a package brings is started: policy-rc.d is Debian's way to say so.
install_packages() {
  command -v apt-get > /dev/null || { echo "missing: $*; apt-get is not here to install them"; exit 1; }
  trap '' TERM # not in the middle, where the next apt-get would have to mend it
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
  fi
  apt-get update -q
  apt-get install -qy --no-install-recommends "$@"
}

# require_packages WHAT:PACKAGE...: installs each package whose WHAT is missing, a command or an absolute path.
require_packages() {
  local entry what missing=()
  for entry; do
    what=${entry%%:*}
    if [[ $what == /* ]]; then [ -e "$what" ]; else command -v "$what" > /dev/null; fi || missing+=("${entry#*:}")
  done
  [ ${#missing[@]} = 0 ] || step "install ${missing[*]}" install_packages "${missing[@]}"
}

has_go() {
  local version
  version=$(go env GOVERSION 2> /dev/null) || return 1
  printf '%s\n' "$go_at_least" "${version#go}" | sort --check=quiet --version-sort
}

# Debian 12's own Go is too old for the modules, but can fetch a newer one and check it against sum.golang.org.
fetch_go() {
  [ -z "$(command -v go)" ] && install_packages ca-certificates golang-go
  local arch modules=$work/modules found
  case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) echo "no Go for $(uname -m)"; exit 1 ;; esac
  found=$(cd / && GOFLAGS=-modcacherw GOMODCACHE=$modules GOTOOLCHAIN=local \
    go mod download -json "golang.org/toolchain@v0.0.1-go$go_version.linux-$arch" | jq -r .Dir)
  chmod -R u+w "$found"
  find "$found/bin" "$found/pkg/tool" -type f -exec chmod +x {} +
  mkdir -p "$cache"
  rm -rf "$cache/go-$go_version"
  mv "$found" "$cache/go-$go_version"
  rm -rf "$modules"
}

has_modules() { [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]; }

# has_reference NAME...: true where each tool of scripts/reference is installed in the version that it names.
has_reference() {
  local name wanted
  for name; do
    wanted=$(grep -o "github.com/containernetworking/[^ ]*/$name@[^ ]*" scripts/reference)
    [ -x "$reference/$name" ] && [ "$(cat "$reference/.$name.version" 2> /dev/null)" = "$wanted" ] || return 1
  done
}

# The Go that the reference's modules can be built with, where there is one or where it is fetched to, first in PATH.
find_go() {
  has_go || PATH=/usr/local/go/bin:$PATH
  has_go || PATH=$cache/go-$go_version/bin:$PATH
}

# require_reference NAME...: cnitool and the newest reference plugins, with Go where the machine has none for them.
require_reference() {
  has_reference "$@" && return
  has_go || step "fetch Go $go_version" fetch_go
  step "install $* from Go modules" scripts/reference "$@"
}

# require_kubernetes: API server and etcd, and kubectl where the machine has none; scripts/kubernetes says which.
require_kubernetes() {
  local tools=(etcd kube-apiserver)
  command -v kubectl > /dev/null || tools+=(kubectl)
  has_go || step "fetch Go $go_version" fetch_go
  step "${tools[*]} from Go modules: ten minutes of a processor the first time" scripts/kubernetes "${tools[@]}"
}

# What a script needs beside the build; it adds its own before it calls `prepare`.
packages=(ip:iproute2 nft:nftables ping:iputils-ping jq:jq unshare:util-linux)
reference_tools=(cnitool)

prepare_machine() {
  require_packages "${packages[@]}"
  require_reference "${reference_tools[@]}"
}

prepare_build() {
  has_modules || step "npm ci" npm ci
  step "npm run build" npm run build
}

# Everything that both the demonstration and the tests stand on. Its two rows have nothing to do with each other.
prepare() {
  [ "$(id -u)" = 0 ] || die "not root: namespaces are made"
  command -v npm > /dev/null || die "npm is missing; want Node 20 or later"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die "Node $(node -v); want 20 or later"
  find_go
  together prepare_machine prepare_build
}
