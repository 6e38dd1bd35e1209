/* tests/interp/variants.c -- variants MODEL.stan DATA.json --at POINTS.json [WAY ...]
 *
 * Compiles a Stan program in the ways that must agree: rows cut and not, optimised and not,
 * small ints of the data known and not, for 1, 4 and 8 lanes; prints for each the log density
 * and gradient at the points, a line of JSON: {"variant": "cut optimised 4", "points": [...]};
 * or "error" in place of points, where one cannot be had. WAY: the first letters of a variant's
 * name; those alone. The C compiler runs without optimisation, as many programs are to be tried.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/job.h"
#include "model/build.h"
#include "target/target.h"

typedef struct way { /* of compiling */
  const char *name;
  bool cut, optimise, known;
  unsigned widths; /* as mst_cc_options has them */
} way;
static const way ways[] = {{"cut optimised", true, true, false, 1 | 4 | 8},
                           {"whole optimised", false, true, false, 1 | 4 | 8},
                           {"cut plain", true, false, false, 4},
                           {"whole plain", false, false, false, 8},
                           {"cut optimised known", true, true, true, 8}};

static json_t *json_of(double x) {
  return isfinite(x) ? json_real(x) : json_string(isnan(x) ? "NaN" : x > 0 ? "Inf" : "-Inf");
}

static void print(const way *w, int lanes, json_t *points, const mst_error *err) {
  char name[64];
  json_t *line = json_object();
  snprintf(name, sizeof name, "%s %d", w->name, lanes);
  json_object_set_new(line, "variant", json_string(name));
  if (err->status == MASTING_OK)
    json_object_set(line, "points", points);
  else
    json_object_set_new(line, "error", json_string(err->message));
  json_dumpf(line, stdout, JSON_COMPACT);
  putchar('\n');
  fflush(stdout);
  json_decref(line);
}

/* theta: [*count][n], to be freed. */
static double *read_points(const char *path, int64_t n, int *count) {
  json_error_t problem;
  json_t *root = json_load_file(path, 0, &problem), *list = json_object_get(root, "points");
  *count = (int)json_array_size(list);
  double *theta = calloc((size_t)*count * (size_t)n + 1, sizeof *theta);
  if (!theta) abort();
  for (int k = 0; k < *count; k++)
    for (int64_t i = 0; i < n; i++)
      theta[k * n + i] =
          json_number_value(json_array_get(json_array_get(list, (size_t)k), (size_t)i));
  json_decref(root);
  return theta;
}

static void evaluate(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                     const way *w, int lanes, const char *at, mst_error *err) {
  mst_target *target = NULL;
  int count = 0;
  json_t *list = json_array();
  if (mst_target_create(&target, &job->comm, model, data, job->isa, lanes, lanes, MST_EXACT, err) ==
      MASTING_OK) {
    const int64_t n = mst_layout_elements(mst_target_layout(target));
    double *theta = read_points(at, n, &count);
    double *lp = calloc((size_t)count + 1, sizeof *lp);
    double *grad = calloc((size_t)count * (size_t)n + 1, sizeof *grad);
    if (!lp || !grad) abort();
    mst_target_eval(target, count, theta, lp, grad, err);
    for (int k = 0; k < count; k++) {
      json_t *g = json_array();
      for (int64_t i = 0; i < n; i++) json_array_append_new(g, json_of(grad[k * n + i]));
      json_array_append_new(list, json_pack("{s:o,s:o}", "lp", json_of(lp[k]), "grad", g));
    }
    free(theta);
    free(lp);
    free(grad);
  }
  mst_target_free(&target);
  print(w, lanes, list, err);
  json_decref(list);
}

/* Of the widths that the way has, those that the command line names; all without any. */
static unsigned wanted(const way *w, char *const *list) {
  unsigned mask = 0;
  char name[64];
  for (int lanes = 1; lanes <= 8; lanes *= 2) {
    snprintf(name, sizeof name, "%s %d", w->name, lanes);
    bool named = !*list;
    for (char *const *one = list; *one; one++)
      named = named || strncmp(name, *one, strlen(*one)) == 0;
    if (named) mask |= w->widths & (unsigned)lanes;
  }
  return mask;
}

static void try_way(mst_job *job, const way *w, unsigned widths, char *const *argument) {
  mst_error err = {0};
  mst_read_options read = {0};
  mst_model_set model = {0};
  mst_dataset data = {0};
  char *object = NULL;
  job->build = (mst_build_options){.no_optimise = !w->optimise, .cc.cflags = "-O0 -w"};
  job->build.lang.size = w->cut ? NULL : "none";
  job->lanes = 8;
  mst_build_options build = job->build;
  build.cc.widths = widths;
  const char *name = argument[1];
  if (!w->known && mst_build(name, &build, &object, &err) == MASTING_OK) name = object;
  if (err.status == MASTING_OK &&
      mst_job_load(job, name, argument[2], &read, &model, &data, &err) == MASTING_OK) {
    for (int lanes = 1; lanes <= 8; lanes *= 2) {
      mst_error one = {0};
      if (widths & (unsigned)lanes) evaluate(job, &model, &data, w, lanes, argument[4], &one);
    }
  } else {
    print(w, 0, NULL, &err);
  }
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(object);
}

int main(int argc, char **argv) {
  mst_error err = {0};
  mst_job job;
  const mst_job_options how = {.threads = 1, .isa = MST_ISA_COUNT};
  if (argc < 5 || strcmp(argv[3], "--at") != 0) {
    fprintf(stderr, "usage: variants MODEL.stan DATA.json --at POINTS.json [WAY ...]\n");
    return 2;
  }
  if (mst_job_begin(&job, &how, &err) == MASTING_OK)
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
      unsigned widths = wanted(&ways[i], argv + 5);
      if (widths) try_way(&job, &ways[i], widths, argv);
    }
  return mst_job_end(&job, &err);
}
