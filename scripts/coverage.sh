#!/bin/sh
# scripts/coverage.sh [--rooms] TOP BUILD -- lines covered, file by file, after make check in a build that was
# configured with --enable-coverage. A file that is compiled several times (lane widths, SIMD levels)
# counts as the best of them.
#
# --rooms: room by room, a folder of src/lang being one, and then the ten files that are covered least.
set -u
rooms=
[ "$1" != --rooms ] || { rooms=yes; shift; }
top=$(cd "$1" && pwd)
cd "$2" || exit 1
[ -n "$(find . -name '*.gcda' | head -n 1)" ] || {
  echo "coverage: no counts in $2; configure with --enable-coverage and run make check" >&2
  exit 1
}
find . -name '*.gcda' | sort | while read -r counts; do
  gcov -n -o "$(dirname "$counts")" "$counts" 2>/dev/null
done | awk -v top="$top/" -v rooms="$rooms" '
  /^File / { file = substr($0, 7, length($0) - 7); sub(/^(\.\.\/)+/, "", file)
             if (index(file, top) == 1) file = substr(file, length(top) + 1) }
  /^Lines executed:/ && file ~ /^(src|include)\// {
    split($0, part, /[:% ]+/)  # Lines executed 93.5 of 46
    if (!(file in share) || part[3] > share[file]) share[file] = part[3] + 0
    lines[file] = part[5] }
  { if (/^Lines executed:/) file = "" }
  END { for (f in share) { printf "%6.1f %%  %5d  %s\n", share[f], lines[f], f
                           hit += share[f] * lines[f] / 100; all += lines[f]
                           room = f; sub(/\/[^\/]*$/, "", room)
                           room_hit[room] += share[f] * lines[f] / 100; room_all[room] += lines[f] }
        for (r in room_all) if (rooms) printf "%6.1f %%  %5d  %s/\n", 100 * room_hit[r] / room_all[r], room_all[r], r
        if (all) printf "%6.1f %%  %5d  all\n", 100 * hit / all, all }' | sort -k4 |
  if [ -n "$rooms" ]; then
    # A file of a few lines says little.
    awk '/\/$| all$/ { print; next } $3 >= 20' | { sort -n >"coverage.$$"
      grep -E '/$| all$' "coverage.$$" | sort -k4
      echo 'covered least:'
      grep -vE '/$| all$' "coverage.$$" | head -n 10
      rm -f "coverage.$$"; }
  else
    cat
  fi
