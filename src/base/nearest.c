/* base/nearest.c -- see nearest.h. */
#include "base/nearest.h"

#include <string.h>

/* Levenshtein distance with a row of a table; names are short. */
static size_t distance(const char *a, const char *b) {
  size_t row[65], nb = strlen(b);
  if (nb > 64) return 64;
  for (size_t j = 0; j <= nb; j++) row[j] = j;
  for (size_t i = 0; a[i]; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < nb; j++) {
      size_t best = diagonal + (a[i] != b[j]);
      if (row[j + 1] + 1 < best) best = row[j + 1] + 1;
      if (row[j] + 1 < best) best = row[j] + 1;
      diagonal = row[j + 1];
      row[j + 1] = best;
    }
  }
  return row[nb];
}

const char *mst_nearest(const char *name, const char *const *names) {
  const char *best = NULL;
  size_t best_distance = strlen(name) / 3 + 2;
  for (; *names; names++) {
    size_t d = distance(name, *names);
    if (d < best_distance) {
      best_distance = d;
      best = *names;
    }
  }
  return best;
}
