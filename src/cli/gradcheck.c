/* cli/gradcheck.c -- see gradcheck.h. */
#include "cli/gradcheck.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum { STEPS = 4, EVALS = 2 * STEPS };
static const double first_step = 0.06, step_factor = 3.0;
/* A gradient may be off by this, relative to max(1, |gradient|), and the differences' own error. */
static const double tolerance = 1e-6, trust = 10.0, too_rough = 1e-2;

typedef struct work {
  mst_target *target;
  const mst_layout *layout;
  int64_t n;      /* elements */
  double *point;  /* [n] */
  double *grad;   /* [n] at the point */
  double *moved;  /* [EVALS][n] */
  double *unused; /* [EVALS][n] */
} work;

/* Extrapolates differences d[0 .. STEPS-1] (steps falling by step_factor) to step zero. */
static double extrapolate(const double d[STEPS], const double noise[STEPS], double *error) {
  double table[STEPS][STEPS], best = d[STEPS - 1];
  *error = INFINITY;
  for (int j = 0; j < STEPS; j++) {
    double power = step_factor * step_factor;
    table[j][0] = d[j];
    for (int i = 1; i <= j; i++) {
      table[j][i] = (power * table[j][i - 1] - table[j - 1][i - 1]) / (power - 1);
      power *= step_factor * step_factor;
      double e =
          fmax(fabs(table[j][i] - table[j][i - 1]), fabs(table[j][i] - table[j - 1][i - 1])) +
          noise[j];
      if (e < *error) {
        *error = e;
        best = table[j][i];
      }
    }
  }
  return best;
}

static masting_status difference(work *w, int64_t element, double *value, double *error,
                                 mst_error *err) {
  double lp[EVALS], d[STEPS], noise[STEPS], step[STEPS];
  double h = first_step * fmax(1.0, fabs(w->point[element]));
  for (int j = 0; j < STEPS; j++, h /= step_factor) {
    double up = w->point[element] + h, down = w->point[element] - h;
    w->moved[2 * j * w->n + element] = up;
    w->moved[(2 * j + 1) * w->n + element] = down;
    step[j] = up - down;
  }
  mst_target_eval(w->target, EVALS, w->moved, lp, w->unused, err);
  for (int j = 0; j < STEPS; j++) {
    d[j] = (lp[2 * j] - lp[2 * j + 1]) / step[j];
    noise[j] = 0x1p-52 * (fabs(lp[2 * j]) + fabs(lp[2 * j + 1])) / step[j];
  }
  for (int j = 0; j < EVALS; j++) w->moved[j * w->n + element] = w->point[element];
  *value = extrapolate(d, noise, error);
  return err->status;
}

static masting_status check_element(work *w, int point, int64_t element, mst_gradcheck *r,
                                    mst_error *err) {
  double value = 0, error = 0, g = w->grad[element];
  if (difference(w, element, &value, &error, err) != MASTING_OK) return err->status;
  double scale = fmax(1.0, fabs(g)), off = fabs(value - g) / scale;
  r->checked++;
  if (!isfinite(value) || error / scale > too_rough) {
    r->undecided++;
    return MASTING_OK;
  }
  if (!(off <= tolerance + trust * error / scale)) r->wrong++;
  if (off > r->worst || !isfinite(off) || r->worst_element < 0) {
    r->worst = off;
    r->worst_point = point;
    r->worst_element = element;
    r->worst_gradient = g;
    r->worst_difference = value;
  }
  return MASTING_OK;
}

/* The i-th of `take` elements looked at, of `count`: all, or a random one of each equal piece. */
static int64_t pick(uint64_t seed, int point, int param, int64_t i, int64_t take, int64_t count) {
  if (take >= count) return i;
  double u = mst_uniform(seed, (uint64_t)point + 1, (uint64_t)param, MST_USE_CHECK, (uint64_t)i);
  int64_t element = (int64_t)(((double)i + u) * (double)count / (double)take);
  return element < count ? element : count - 1;
}

static masting_status check_point(work *w, int point, const mst_gradcheck_options *o,
                                  mst_gradcheck *r, mst_error *err) {
  double lp = 0;
  for (int64_t i = 0; i < w->n; i++)
    w->point[i] =
        o->radius * (2 * mst_uniform(o->seed, 0, (uint64_t)point, MST_USE_CHECK, (uint64_t)i) - 1);
  if (mst_target_eval(w->target, 1, w->point, &lp, w->grad, err) != MASTING_OK) return err->status;
  if (!isfinite(lp)) {
    r->bad_points++;
    return MASTING_OK;
  }
  for (int j = 0; j < EVALS; j++)
    memcpy(w->moved + j * w->n, w->point, (size_t)w->n * sizeof(double));
  int64_t start = 0;
  for (int p = 0; p < w->layout->model->nparams; p++) {
    const mst_param_layout *q = &w->layout->param[p];
    int64_t count = q->local ? q->elements * w->layout->n : q->elements;
    int64_t most = q->local ? o->most_local : o->most_global, take = count < most ? count : most;
    for (int64_t i = 0; i < take; i++)
      if (check_element(w, point, start + pick(o->seed, point, p, i, take, count), r, err) !=
          MASTING_OK)
        return err->status;
    start += count;
  }
  return MASTING_OK;
}

masting_status mst_gradcheck_run(mst_target *target, const mst_comm *comm,
                                 const mst_gradcheck_options *options, mst_gradcheck *result,
                                 mst_error *err) {
  work w = {.target = target, .layout = mst_target_layout(target)};
  *result = (mst_gradcheck){.worst_element = -1};
  w.n = mst_layout_elements(w.layout);
  mst_alloc((void **)&w.point, (size_t)w.n, sizeof(double), "check: point", err);
  mst_alloc((void **)&w.grad, (size_t)w.n, sizeof(double), "check: gradient", err);
  mst_alloc((void **)&w.moved, (size_t)w.n * EVALS, sizeof(double), "check: points", err);
  mst_alloc((void **)&w.unused, (size_t)w.n * EVALS, sizeof(double), "check: gradients", err);
  mst_agree(comm, err);
  for (int k = 0; k < options->points && err->status == MASTING_OK; k++)
    check_point(&w, k, options, result, err);
  mst_free(&w.point);
  mst_free(&w.grad);
  mst_free(&w.moved);
  mst_free(&w.unused);
  return err->status;
}
