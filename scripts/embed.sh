#!/bin/sh
# scripts/embed.sh FILE... -- prints {"name", "text"}, for each file: C initialisers of the prelude's texts.
for f in "$@"; do
  printf '{"%s",\n' "$(basename "$f")"
  sed 's/\\/\\\\/g; s/"/\\"/g; s/^/ "/; s/$/\\n"/' "$f"
  printf '},\n'
done
