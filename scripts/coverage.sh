#!/bin/sh
# scripts/coverage.sh TOP BUILD -- lines covered, file by file, after make check in a build that was
# configured with --enable-coverage. A file that is compiled several times (lane widths, SIMD levels)
# counts as the best of them.
set -u
top=$(cd "$1" && pwd)
cd "$2" || exit 1
[ -n "$(find . -name '*.gcda' | head -n 1)" ] || {
  echo "coverage: no counts in $2; configure with --enable-coverage and run make check" >&2
  exit 1
}
find . -name '*.gcda' | sort | while read -r counts; do
  gcov -n -o "$(dirname "$counts")" "$counts" 2>/dev/null
done | awk -v top="$top/" '
  /^File / { file = substr($0, 7, length($0) - 7); sub(/^(\.\.\/)+/, "", file)
             if (index(file, top) == 1) file = substr(file, length(top) + 1) }
  /^Lines executed:/ && file ~ /^(src|include)\// {
    split($0, part, /[:% ]+/)  # Lines executed 93.5 of 46
    if (!(file in share) || part[3] > share[file]) share[file] = part[3] + 0
    lines[file] = part[5] }
  { if (/^Lines executed:/) file = "" }
  END { for (f in share) { printf "%6.1f %%  %5d  %s\n", share[f], lines[f], f
                           hit += share[f] * lines[f] / 100; all += lines[f] } 
        if (all) printf "%6.1f %%  %5d  all\n", 100 * hit / all, all }' | sort -k4
