/* diag/loo_print.c -- LOO and WAIC for people, as JSON, and point by point: see loo.h. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/show.h"
#include "diag/loo.h"

#define WORST 5 /* points that are named */

static masting_status done(FILE *out, bool good, mst_error *err) {
  if (good && fflush(out) == 0 && !ferror(out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the result failed: %s",
                  strerror(errno));
}

static const char *name_of(const mst_loo *l) { return l->kind == MST_WAIC ? "waic" : "loo"; }

static void print_share(const char *range, const char *word, int64_t count, int64_t of, FILE *out) {
  char a[MST_SHOW_SIZE];
  fprintf(out, "  %-12s %-9s %12s  %5.1f %%\n", range, word, mst_show_count(count, a),
          100 * (double)count / (double)(of ? of : 1));
}

/* The points of the largest k, by repeated search. */
static void print_worst(const mst_loo *l, const mst_draws_variable *v, FILE *out) {
  int64_t told[WORST];
  int count = 0;
  fputs("largest:", out);
  for (; count < WORST; count++) {
    int64_t most = -1;
    for (int64_t i = 0; i < l->points; i++) {
      bool known = !(l->k_i[i] > l->good_k);
      for (int j = 0; j < count; j++) known = known || told[j] == i;
      if (!known && (most < 0 || l->k_i[i] > l->k_i[most])) most = i;
    }
    if (most < 0) break;
    told[count] = most;
    char *label = mst_reader_label(v, most);
    fprintf(out, "%s %s (%.2f)", count ? "," : "", label ? label : "?", l->k_i[most]);
    free(label);
  }
  fputc('\n', out);
}

static void print_k(const mst_loo *l, const mst_reader *r, FILE *out) {
  char good[32], bad[32];
  snprintf(good, sizeof good, "(-Inf, %.2f]", l->good_k);
  snprintf(bad, sizeof bad, "(%.2f, 1]", l->good_k);
  fputs("\nPareto k, the shape of the importance weights' tail, by observation:\n", out);
  print_share(good, "good", l->points - l->bad - l->very_bad, l->points, out);
  print_share(bad, "bad", l->bad, l->points, out);
  print_share("(1, Inf)", "very bad", l->very_bad, l->points, out);
  if (!l->bad && !l->very_bad) return;
  print_worst(l, mst_reader_find(r, l->name), out);
  fputs("These observations are predicted badly by the others, or the model is too flexible for "
        "them: "
        "their part of\nelpd is unreliable. Look at them; fit without them, or with a distribution "
        "of "
        "heavier tails.\n",
        out);
}

masting_status mst_loo_print(const mst_loo *l, const mst_reader *r, FILE *out, mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  const char *name = name_of(l);
  fprintf(out, "%s of %s: %s observations, %s draws\n\n", name, l->name,
          mst_show_count(l->points, a), mst_show_count(l->samples, b));
  fprintf(out, "  %-10s %14s %12s\n", "", "estimate", "se");
  fprintf(out, "  elpd_%-5s %14.2f %12.2f\n", name, l->elpd, l->se);
  fprintf(out, "  p_%-8s %14.2f %12s\n", name, l->p, "");
  fprintf(out, "  %sic%*s %14.2f %12.2f\n", l->kind == MST_WAIC ? "wa" : "loo",
          l->kind == MST_WAIC ? 6 : 5, "", -2 * l->elpd, 2 * l->se);
  if (l->kind == MST_LOO) print_k(l, r, out);
  if (l->uneven)
    fprintf(out,
            "\n%s observations have a variance of the log density above 0.4: WAIC is unreliable "
            "there; try masting loo\n",
            mst_show_count(l->uneven, a));
  return done(out, true, err);
}

masting_status mst_loo_print_json(const mst_loo *l, FILE *out, mst_error *err) {
  const bool waic = l->kind == MST_WAIC;
  json_t *all =
      json_pack("{s:s, s:f, s:f, s:f, s:I, s:I}", "log_lik", l->name,
                waic ? "elpd_waic" : "elpd_loo", l->elpd, "se", l->se, waic ? "p_waic" : "p_loo",
                l->p, "n_samples", (json_int_t)l->samples, "n_data_points", (json_int_t)l->points);
  if (waic) {
    json_object_set_new(all, "warning", json_boolean(l->uneven > 0));
    json_object_set_new(all, "variance_above_0.4", json_integer(l->uneven));
  } else {
    json_object_set_new(all, "warning", json_boolean(l->bad + l->very_bad > 0));
    json_object_set_new(all, "good_k", json_real(l->good_k));
    json_object_set_new(all, "reff", json_real(l->reff));
    json_object_set_new(all, "k_good", json_integer(l->points - l->bad - l->very_bad));
    json_object_set_new(all, "k_bad", json_integer(l->bad));
    json_object_set_new(all, "k_very_bad", json_integer(l->very_bad));
  }
  bool good = all && json_dumpf(all, out, JSON_INDENT(2)) == 0;
  fputc('\n', out);
  json_decref(all);
  return done(out, good, err);
}

masting_status mst_loo_print_points(const mst_loo *l, const mst_reader *r, FILE *out,
                                    mst_error *err) {
  const mst_draws_variable *v = mst_reader_find(r, l->name);
  fprintf(out, "observation,elpd_%s%s\n", name_of(l), l->k_i ? ",pareto_k" : "");
  for (int64_t i = 0; i < l->points; i++) {
    char *label = mst_reader_label(v, i);
    if (!label) return mst_fail(err, MASTING_ERR_MEMORY, "loo: cannot allocate labels");
    fprintf(out, "\"%s\",%.17g", label, l->elpd_i[i]);
    if (l->k_i) fprintf(out, ",%.17g", l->k_i[i]);
    fputc('\n', out);
    free(label);
  }
  return done(out, true, err);
}
