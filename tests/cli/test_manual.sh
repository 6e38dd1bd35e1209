#!/bin/sh
# Every option of every command stands in its man page and in the completions of bash, zsh and fish; bash completes by them.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
fail() { echo "FAIL $*"; failed=1; }
sh "$srcdir/scripts/make_man.sh" "$MASTING" "$dir/man" || exit 1
cd "$dir/man" || exit 1
commands=$("$MASTING" help | sed -n '/^commands:/,/^$/s/^  \([a-z_]*\) .*/\1/p')
[ "$(echo "$commands" | wc -w)" -ge 11 ] || fail "commands: $commands"

# The lines of a command in a completion: in bash and zsh from its case on to the next one's.
of() { awk -v c="  $1)" '$0 == c { on = 1; next } /^  [a-z_]*\)$/ { on = 0 } on' "$2"; }
options=0
for command in $commands; do
  grep -q "^.fB$command.fR\$" masting.1 || fail "masting.1: no $command"
  grep -q "^.BR masting.-$command (1)" masting.1 || fail "masting.1 does not refer to masting-$command"
  grep -q '^.SH EXIT STATUS' "masting-$command.1" || fail "masting-$command.1: no exit status"
  of "$command" masting.bash >bash
  of "$command" _masting >zsh
  grep "from $command'" masting.fish >fish
  for option in $("$MASTING" "$command" --help | sed -n 's/^  \(-., \|    \)--\([a-z0-9-]*\).*/\2/p'); do
    options=$((options + 1))
    sed 's/\\-/-/g' "masting-$command.1" | grep -q "^.*--$option.fR" || fail "masting-$command.1: no --$option"
    grep -q "[ ']--$option[ ']" bash || fail "bash: $command: no --$option"
    grep -q -e "--$option[]=['}[]" zsh || fail "zsh: $command: no --$option"
    grep -q -e " -l $option " fish || fail "fish: $command: no --$option"
  done
done
[ "$options" -ge 150 ] || fail "only $options options seen"
for shell in bash zsh fish; do
  if command -v $shell >/dev/null; then
    case $shell in zsh) file=_masting ;; *) file=masting.$shell ;; esac
    $shell -n $file || fail "$shell does not read it"
  fi
done
if command -v groff >/dev/null; then
  for page in *.1; do groff -man -ww -Tutf8 -z "$page" >log 2>&1 && [ ! -s log ] || { cat log; fail "$page"; }; done
fi

# complete WORDS...: what bash offers for the last of them
PATH=$(dirname "$MASTING"):$PATH
complete_bash() {
  bash -c '. ./masting.bash
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _masting
    echo "${COMPREPLY[@]}"' bash "$@"
}
offers() { # offers WORDS... = WHAT
  words='' want=''
  while [ "$1" != is ]; do words="$words $1"; shift; done
  shift
  # shellcheck disable=SC2086  # words
  got=$(complete_bash $words)
  [ "$got" = "$*" ] || fail "bash:$words: expected '$*', got '$got'"
}
offers masting samp is sample
offers masting sample --targ is --target-accept
offers masting sample --metric d is diag diag-var dense
offers masting sample --metric = lowr is lowrank
offers masting sample pp is ppca
offers masting sample --chains 4 is
offers masting summary masting.f is masting.fish
offers masting sample -o masting.f is masting.fish
[ "$("$MASTING" help --completion tcsh 2>&1)" = \
  "masting: error: --completion: expected bash, zsh or fish, got 'tcsh'" ] || fail "tcsh"
exit $failed
