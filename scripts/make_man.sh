#!/bin/sh
# scripts/make_man.sh MASTING DIR -- fills DIR with the man pages of the program and of its commands, and with completions for
# bash, zsh and fish: all printed by the program itself, from its option tables.
set -eu
masting=$1 dir=$2
mkdir -p "$dir"
rm -f "$dir"/*
"$masting" help --man >"$dir/masting.1"
for command in $("$masting" help | sed -n '/^commands:/,/^$/s/^  \([a-z_]*\) .*/\1/p'); do
  "$masting" help --man "$command" >"$dir/masting-$command.1"
done
"$masting" help --completion bash >"$dir/masting.bash"
"$masting" help --completion zsh >"$dir/_masting"
"$masting" help --completion fish >"$dir/masting.fish"
: >"$dir/stamp"
