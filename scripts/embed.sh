#!/bin/sh
# scripts/embed.sh FILE... -- prints {.name = "name", .text = "text"}, for each file: C initialisers of the prelude's
# texts.
for f in "$@"; do
  printf '{.name = "%s", .text =\n' "$(basename "$f")"
  sed 's/\\/\\\\/g; s/"/\\"/g; s/^/ "/; s/$/\\n"/' "$f"
  printf '},\n'
done
