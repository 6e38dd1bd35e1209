#!/bin/sh
# scripts/slowest.sh DIR [N] -- the N tests (default 12) that took most CPU time when make check ran in DIR,
# and the sum of all: CPU seconds, wall seconds, test. A test that was passed over is left out.
set -u
find "$1" -name '*.log' -path '*tests/*' | sort | while read -r log; do
  awk -v name="${log#"$1"/}" '
    function seconds(t, part) { split(t, part, /[ms]/); return 60 * part[1] + part[2] }
    /^== took [0-9]+ s; CPU time/ { wall = $3; line = NR }
    line && NR == line + 2 { printf "%8.1f %6d  %s\n", seconds($1) + seconds($2), wall, name }' "$log"
done | sort -rn | awk -v most="${2:-12}" '
  { cpu += $1; wall += $2 }
  NR <= most { print }
  END { if (NR) printf "%8.1f %6d  all %d\n", cpu, wall, NR }'
