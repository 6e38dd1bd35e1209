/* cli/checkat.c -- see checkat.h. */
#include "cli/checkat.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/gradcheck.h"

/* A JSON number, or one of the texts for what is not finite. */
static bool number_of(const json_t *value, double *x) {
  if (json_is_number(value)) {
    *x = json_number_value(value);
    return true;
  }
  const char *text = json_string_value(value);
  if (!text) return false;
  if (strcmp(text, "NaN") == 0)
    *x = NAN;
  else if (strcmp(text, "Inf") == 0)
    *x = INFINITY;
  else if (strcmp(text, "-Inf") == 0)
    *x = -INFINITY;
  else
    return false;
  return true;
}

static json_t *json_of(double x) {
  if (isfinite(x)) return json_real(x);
  return json_string(isnan(x) ? "NaN" : x > 0 ? "Inf" : "-Inf");
}

static masting_status take_points(const json_t *root, const char *path, int64_t n, double *points,
                                  mst_error *err) {
  size_t k, i;
  json_t *point, *value;
  json_array_foreach(json_object_get(root, "points"), k, point) {
    if (!json_is_array(point) || (int64_t)json_array_size(point) != n)
      return mst_fail(err, MASTING_ERR_DATA,
                      "%s: point %zu: wrong length; expected %lld numbers (unconstrained, in "
                      "Stan's order), got %zu",
                      path, k + 1, (long long)n, json_array_size(point));
    json_array_foreach(point, i, value) {
      if (!number_of(value, &points[(int64_t)k * n + (int64_t)i]))
        return mst_fail(err, MASTING_ERR_DATA,
                        "%s: point %zu: element %zu is not a number; expected a number, \"NaN\", "
                        "\"Inf\" or \"-Inf\"",
                        path, k + 1, i + 1);
    }
  }
  return MASTING_OK;
}

/* Rank 0: the points, [*count][n], to be freed by mst_free. */
static masting_status read_points(const char *path, int64_t n, double **points, int *count,
                                  mst_error *err) {
  json_error_t problem;
  json_t *root = json_load_file(path, 0, &problem);
  if (!root && problem.line <= 0)
    return mst_fail(err, MASTING_ERR_NOFILE, "--at %s: %s", path, problem.text);
  if (!root)
    return mst_fail(err, MASTING_ERR_FORMAT, "%s:%d:%d: broken JSON: %s", path, problem.line,
                    problem.column, problem.text);
  json_t *list = json_object_get(root, "points");
  size_t k = json_array_size(list);
  if (!json_is_array(list) || k == 0 || k > 1000000)
    mst_fail(err, MASTING_ERR_FORMAT,
             "%s: no points; expected {\"points\": [[...], ...]} with 1 to 1000000 points", path);
  else if (mst_alloc((void **)points, k * (size_t)n, sizeof(double), "points", err) == MASTING_OK)
    take_points(root, path, n, *points, err);
  *count = (int)k;
  json_decref(root);
  return err->status;
}

static masting_status print_json(int count, int64_t n, const double *lp, const double *grad,
                                 mst_error *err) {
  json_t *list = json_array(), *root = json_pack("{s:o}", "points", list);
  for (int k = 0; k < count; k++) {
    json_t *g = json_array();
    for (int64_t i = 0; i < n; i++) json_array_append_new(g, json_of(grad[k * n + i]));
    json_array_append_new(list, json_pack("{s:o,s:o}", "lp", json_of(lp[k]), "grad", g));
  }
  int bad = root ? json_dumpf(root, stdout, JSON_COMPACT) : -1;
  putchar('\n');
  json_decref(root);
  if (bad || fflush(stdout) != 0)
    return mst_fail(err, MASTING_ERR_IO, "standard output: cannot write the points");
  return MASTING_OK;
}

static void print_table(const mst_layout *layout, int count, int64_t n, const double *lp,
                        const double *grad) {
  char name[128];
  for (int k = 0; k < count; k++) {
    printf("point %d\n  %-24s %24.17g\n", k + 1, "log density", lp[k]);
    for (int64_t i = 0; i < n; i++) {
      mst_element_name(layout, i, name, sizeof name);
      printf("  d/d %-20s %24.17g\n", name, grad[k * n + i]);
    }
  }
}

masting_status mst_check_at(mst_target *target, const mst_comm *comm, const char *path, int json,
                            mst_error *err) {
  const mst_layout *layout = mst_target_layout(target);
  const int64_t n = mst_layout_elements(layout);
  double *points = NULL, *lp = NULL, *grad = NULL;
  int count = 0;
  if (comm->rank == 0) read_points(path, n, &points, &count, err);
  if (mst_agree(comm, err) == MASTING_OK) mst_bcast(comm, &count, sizeof count, err);
  if (err->status == MASTING_OK) {
    if (comm->rank != 0)
      mst_alloc((void **)&points, (size_t)count * (size_t)n, sizeof(double), "points", err);
    mst_alloc((void **)&lp, (size_t)count, sizeof(double), "log densities", err);
    mst_alloc((void **)&grad, (size_t)count * (size_t)n, sizeof(double), "gradients", err);
  }
  if (mst_agree(comm, err) == MASTING_OK &&
      mst_bcast(comm, points, (int64_t)sizeof(double) * count * n, err) == MASTING_OK &&
      mst_target_eval(target, count, points, lp, grad, err) == MASTING_OK && comm->rank == 0) {
    if (json)
      print_json(count, n, lp, grad, err);
    else
      print_table(layout, count, n, lp, grad);
  }
  mst_free(&points);
  mst_free(&lp);
  mst_free(&grad);
  return mst_agree(comm, err);
}
