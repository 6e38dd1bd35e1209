/* diag/loo_compare.c -- models of the same observations side by side: see loo.h. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diag/loo.h"

#define ROUNDS 20000 /* of the iteration for weights, at most */
#define SETTLED 1e-9 /* change of a weight in a round that ends it */

typedef struct rival {
  const mst_loo *loo;
  const char *name;
  double weight, diff, diff_se;
} rival;

static int better(const void *a, const void *b) {
  const double x = ((const rival *)a)->loo->elpd, y = ((const rival *)b)->loo->elpd;
  return (x < y) - (x > y);
}

/* Weights w that maximise sum_i log sum_k w_k exp(elpd_ik), by expectation and maximisation: a
 * round multiplies each by its mean share of the mixture's density. density[count][points]. */
static void stack(rival *r, int count, int64_t points, const double *density) {
  for (int k = 0; k < count; k++) r[k].weight = 1.0 / count;
  double change = 1;
  for (int round = 0; round < ROUNDS && change > SETTLED; round++) {
    double share[64] = {0};
    for (int64_t i = 0; i < points; i++) {
      double sum = 0;
      for (int k = 0; k < count; k++) sum += r[k].weight * density[k * points + i];
      for (int k = 0; k < count; k++) share[k] += r[k].weight * density[k * points + i] / sum;
    }
    change = 0;
    for (int k = 0; k < count; k++) {
      const double weight = share[k] / (double)points;
      change = fmax(change, fabs(weight - r[k].weight));
      r[k].weight = weight;
    }
  }
}

static void difference(rival *r, const mst_loo *best) {
  const int64_t n = best->points;
  double mean = (best->elpd - r->loo->elpd) / (double)n, squares = 0;
  for (int64_t i = 0; i < n; i++) {
    const double off = best->elpd_i[i] - r->loo->elpd_i[i] - mean;
    squares += off * off;
  }
  r->diff = best->elpd - r->loo->elpd;
  r->diff_se = sqrt(squares);
}

static masting_status weigh(rival *r, int count, mst_error *err) {
  const int64_t n = r[0].loo->points;
  double *density;
  if (mst_alloc((void **)&density, (size_t)count * (size_t)n, sizeof *density, "loo: weights", err))
    return err->status;
  for (int64_t i = 0; i < n; i++) {
    double most = -INFINITY;
    for (int k = 0; k < count; k++) most = fmax(most, r[k].loo->elpd_i[i]);
    for (int k = 0; k < count; k++) density[k * n + i] = exp(r[k].loo->elpd_i[i] - most);
  }
  stack(r, count, n, density);
  mst_free(&density);
  return err->status;
}

static void print_table(const rival *r, int count, FILE *out) {
  const bool waic = r[0].loo->kind == MST_WAIC;
  int width = 5;
  for (int k = 0; k < count; k++)
    if ((int)strlen(r[k].name) > width) width = (int)strlen(r[k].name);
  fprintf(out, "%-*s %13s %10s %10s %11s %9s %7s %8s\n", width, "", waic ? "elpd_waic" : "elpd_loo",
          "se", waic ? "p_waic" : "p_loo", "elpd_diff", "diff_se", "weight",
          waic ? "" : "k > good");
  for (int k = 0; k < count; k++) {
    const mst_loo *l = r[k].loo;
    fprintf(out, "%-*s %13.2f %10.2f %10.2f %11.2f %9.2f %7.3f", width, r[k].name, l->elpd, l->se,
            l->p, r[k].diff, r[k].diff_se, r[k].weight);
    if (!waic) fprintf(out, " %8" PRId64, l->bad + l->very_bad);
    fputc('\n', out);
  }
  fputs("\nelpd_diff: how much better the first predicts; less than about 4, or than 2 diff_se, is "
        "no "
        "difference to rely on.\nweight: of the mixture of the models that predicts best "
        "(stacking).\n",
        out);
}

static bool print_json(const rival *r, int count, FILE *out) {
  json_t *all = json_array();
  for (int k = 0; k < count; k++) {
    const mst_loo *l = r[k].loo;
    json_array_append_new(all, json_pack("{s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:b}", "name",
                                         r[k].name, "rank", k, "elpd", l->elpd, "se", l->se, "p",
                                         l->p, "elpd_diff", r[k].diff, "dse", r[k].diff_se,
                                         "weight", r[k].weight, "warning",
                                         (int)(l->bad + l->very_bad + l->uneven > 0)));
  }
  bool good = json_dumpf(all, out, JSON_INDENT(2)) == 0;
  fputc('\n', out);
  json_decref(all);
  return good;
}

masting_status mst_loo_compare(const mst_loo *loo, const char *const *names, int count, bool json,
                               FILE *out, mst_error *err) {
  rival r[64];
  bool good = true;
  if (count < 2 || count > 64)
    return mst_fail(err, MASTING_ERR_USAGE, "--compare: %d files; expected 2 to 64", count);
  for (int k = 0; k < count; k++) {
    r[k] = (rival){.loo = &loo[k], .name = names[k]};
    if (loo[k].points != loo[0].points)
      return mst_fail(err, MASTING_ERR_USAGE,
                      "--compare: %s has %" PRId64 " observations, %s has %" PRId64
                      "; expected models of the same data",
                      names[0], loo[0].points, names[k], loo[k].points);
  }
  qsort(r, (size_t)count, sizeof *r, better);
  for (int k = 0; k < count; k++) difference(&r[k], r[0].loo);
  if (weigh(r, count, err)) return err->status;
  if (json)
    good = print_json(r, count, out);
  else
    print_table(r, count, out);
  if (good && fflush(out) == 0 && !ferror(out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the result failed: %s",
                  strerror(errno));
}
