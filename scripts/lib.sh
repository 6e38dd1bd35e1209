# scripts/lib.sh -- what demo.sh and check.sh share; sourced with `top` set to the top of the tree.
#
#   say TEXT                   a line that stands out
#   die TEXT                   says what is wrong, exits 2
#   install_packages KIND...   installs what scripts/packages.txt lists under KIND and is missing
#   bootstrap                  makes configure, unless this is a release or it is there and newer
#   configure_build DIR OPTS   configures $top in DIR; does nothing when DIR is configured alike
#   find_ccache                sets ccache to 'ccache ' where it is there, to nothing where not
#   jobs                       how many processes may compile at once
#   mpi_settings               environment under which mpirun works as root, in containers, on few cores

say() { printf '\n== %s\n' "$*"; }
die() {
  printf 'masting: %s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing and this is neither root nor a machine with sudo; as root, run: $*"
  fi
}

# Names of the packages of the given kinds that are not installed.
missing_packages() {
  for kind in "$@"; do
    awk -v kind="$kind" '$1 == kind { print $2 }' "$top/scripts/packages.txt"
  done | while read -r package; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || echo "$package"
  done
}

install_packages() {
  command -v dpkg-query >/dev/null || {
    say "not a Debian system: the libraries are expected to be there; configure names what is missing"
    return 0
  }
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  say "installing $missing"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null ||
    echo "apt-get update failed: going on with the lists that are there" >&2
  # shellcheck disable=SC2086  # one word a package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install $missing </dev/null >/dev/null ||
    die "apt-get could not install: $missing"
}

bootstrap() {
  [ -e "$top/config.status" ] &&
    die "$top is configured in place; run 'make distclean' there: builds go to folders of their own"
  if [ -x "$top/configure" ] && [ ! -e "$top/.git" ]; then return 0; fi
  newer=$(find "$top/configure.ac" "$top/m4/masting.m4" "$top/Makefile.am" -newer "$top/configure" \
    2>/dev/null || echo yes)
  if [ -x "$top/configure" ] && [ -z "$newer" ]; then return 0; fi
  say "making configure"
  (cd "$top" && autoreconf -fi)
}

configure_build() {
  dir=$1
  shift
  mkdir -p "$dir" || return
  if [ -e "$dir/Makefile" ] && [ "$(cat "$dir/.options" 2>/dev/null)" = "$*" ]; then return 0; fi
  (cd "$dir" && "$top/configure" "$@" </dev/null) && printf '%s\n' "$*" >"$dir/.options"
}

find_ccache() {
  ccache=
  command -v ccache >/dev/null || return 0
  # A checkout in another folder finds what was compiled in this one.
  export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$top}" CCACHE_NOHASHDIR=1
  ccache='ccache '
}

jobs() { nproc 2>/dev/null || echo 2; }

mpi_settings() {
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export OMPI_MCA_rmaps_base_oversubscribe=1
  export OMPI_MCA_btl_vader_single_copy_mechanism=none
  export OMPI_MCA_btl_base_warn_component_unused=0
  # Two ranks share this machine's cores between them instead of being bound to one core each.
  export OMPI_MCA_hwloc_base_binding_policy=none
}
