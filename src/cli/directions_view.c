/* cli/directions_view.c -- see directions_view.h. */
#include "cli/directions_view.h"

#include <math.h>

#define COMPONENTS 8
#define LEAST 0.05 /* components that are smaller in size are left out */

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* Number of the largest component that is not among the `count` that are taken; -1: none. */
static int next_largest(const double *v, int n, const int *taken, int count) {
  int best = -1;
  for (int i = 0; i < n; i++) {
    bool free = true;
    for (int k = 0; k < count; k++) free &= taken[k] != i;
    if (free && (best < 0 || fabs(v[i]) > fabs(v[best]))) best = i;
  }
  return best;
}

static json_t *direction(const mst_layout *layout, double sd, const double *v, int n) {
  json_t *parts = json_object();
  int taken[COMPONENTS];
  for (int k = 0; k < COMPONENTS; k++) {
    char name[MST_ELEMENT_NAME];
    const int i = taken[k] = next_largest(v, n, taken, k);
    if (i < 0 || fabs(v[i]) < LEAST) break;
    mst_global_name(layout, i, name, sizeof name);
    json_object_set_new(parts, name, json_real(v[i]));
  }
  return json_pack("{s:o,s:o}", "sd", number(sd), "components", parts);
}

json_t *mst_directions_json(const mst_directions *d, const mst_layout *layout) {
  json_t *ends[2] = {json_array(), json_array()};
  for (int k = 0; k < 2 * d->count; k++) {
    const int at = k < d->count ? k : d->n - 2 * d->count + k;
    json_array_append_new(ends[k >= d->count],
                          direction(layout, d->sd[at], d->vector + (size_t)k * (size_t)d->n, d->n));
  }
  json_t *range =
      json_pack("[o,o]", number(d->n ? d->sd[0] : NAN), number(d->n ? d->sd[d->n - 1] : NAN));
  return json_pack("{s:o,s:o,s:i,s:o,s:o,s:o}", "condition", number(d->condition),
                   "condition_scaled", number(d->scaled), "flat", d->flat, "sd", range, "stiffest",
                   ends[0], "slackest", ends[1]);
}
