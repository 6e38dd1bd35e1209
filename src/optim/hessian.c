/* optim/hessian.c -- see hessian.h. */
#include "optim/hessian.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/memory.h"
#include "optim/blocks.h"

#define MARGINAL_LEAST 1e-5
#define STEP_MARGINAL 1e-4 /* of max(1, |x|): second differences have larger errors */
#define COPIES 3           /* of a matrix that every rank has: itself, a factor, a covariance */
#define MANY 4096          /* fewer elements are not worth waking threads for */

typedef struct work {
  mst_hessian *h;
  mst_batch *batch;
  const double *y, *local;
  mst_marginal *marginal; /* NULL: of the density of all parameters */
  double *follow;    /* [batches][locals][lanes] row-local gradients, then how far z goes with w */
  double *grad;      /* [slots][P] gradients at the first of two points */
  mst_square square; /* distributed: the columns */
  bool *finite;      /* [P] columns that are */
  int64_t *todo;     /* [P] columns to make */
  int64_t count, first; /* of them; the one in slot 0 */
} work;

static int64_t column(const work *w, int slot) {
  return w->first + slot < w->count ? w->todo[w->first + slot] : -1;
}

static double width(const work *w, int64_t j) {
  return (w->y[j] + w->h->step[j]) - (w->y[j] - w->h->step[j]);
}

/* Slot s moves along its column; slots to spare stay at the point. */
static void move(const work *w, double sign) {
  mst_batch *b = w->batch;
  for (int s = 0; s < b->slots; s++) {
    const int64_t j = column(w, s);
    for (int64_t i = 0; i < b->globals; i++) b->y[mst_batch_global(b, s, i)] = w->y[i];
    if (j >= 0) b->y[mst_batch_global(b, s, j)] += sign * w->h->step[j];
  }
}

/* The rows' z: at the point (share 0), or a share of the way they follow. */
static void move_rows(const work *w, double share) {
  mst_batch *b = w->batch;
  const mst_target *t = b->target;
  for (int k = 0; k < t->batches; k++) {
    const int64_t from = k * b->locals * t->lanes;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (b->locals > MANY)
    for (int64_t i = 0; i < b->locals; i++)
      for (int lane = 0; lane < t->lanes; lane++) {
        const int64_t at = from + i * t->lanes + lane;
        b->local[at] = w->local[i] + (share == 0 ? 0 : share * w->follow[at]);
      }
  }
}

/* Hook after the second of two evaluations: v_r = (-D_r)^-1 (g(+h) - g(-h)) / 2. */
static void follow(const mst_tile *tile, void *context) {
  const work *w = context;
  const mst_batch *b = w->batch;
  const int64_t L = w->h->each;
  const int lanes = tile->target->lanes;
  double v[L];
  for (int64_t r = tile->element / L; r < tile->element / L + tile->rows; r++)
    for (int s = tile->batch * lanes; s < (tile->batch + 1) * lanes; s++) {
      for (int64_t i = 0; i < L; i++) {
        const int64_t at = mst_batch_local(b, s, r * L + i);
        v[i] = (w->follow[at] - b->local_grad[at]) / 2;
      }
      mst_block_solve(w->h->factor + r * L * L, L, v);
      for (int64_t i = 0; i < L; i++) w->follow[mst_batch_local(b, s, r * L + i)] = v[i];
    }
}

static masting_status find_follow(work *w, mst_error *err) {
  mst_keep keep = {w->batch, w->follow};
  move_rows(w, 0);
  move(w, 1);
  if (mst_batch_eval(w->batch, 0, mst_keep_gradient, &keep, err) != MASTING_OK) return err->status;
  move(w, -1);
  w->h->evaluations += 2;
  return mst_batch_eval(w->batch, 0, follow, w, err);
}

/* The gradient that is differenced, at the batch's points. */
static masting_status evaluate(work *w, mst_error *err) {
  if (!w->marginal) {
    w->h->evaluations++;
    return mst_batch_eval(w->batch, 0, NULL, NULL, err);
  }
  const int64_t before = w->marginal->evaluations;
  mst_marginal_eval(w->marginal, 0, err);
  w->h->evaluations += w->marginal->evaluations - before;
  return err->status;
}

static double gradient(const work *w, int slot, int64_t i) {
  return w->marginal ? w->marginal->grad[slot * w->batch->globals + i]
                     : mst_batch_grad(w->batch, slot)[i * w->batch->target->lanes];
}

/* Column j of S, x[P]: whole, or what this rank has of it. */
static void take_column(work *w, int64_t j, const double *x) {
  mst_hessian *h = w->h;
  w->finite[j] = true;
  for (int64_t i = 0; i < h->globals; i++) w->finite[j] &= isfinite(x[i]) != 0;
  h->diagonal[j] = x[j];
  if (h->matrix)
    memcpy(h->matrix + j * h->globals, x, (size_t)h->globals * sizeof *x);
  else
    mst_square_column(&w->square, (int)j, x);
}

/* Columns todo[first ..] of S, as many as there are slots. */
static masting_status some_columns(work *w, mst_error *err) {
  const mst_batch *b = w->batch;
  const int64_t P = b->globals;
  const bool rows = w->h->each > 0;
  if (rows && find_follow(w, err) != MASTING_OK) return err->status;
  if (rows) move_rows(w, 1);
  move(w, 1);
  if (evaluate(w, err) != MASTING_OK) return err->status;
  for (int s = 0; s < b->slots && column(w, s) >= 0; s++)
    for (int64_t i = 0; i < P; i++) w->grad[s * P + i] = gradient(w, s, i);
  if (rows) move_rows(w, -1);
  move(w, -1);
  if (evaluate(w, err) != MASTING_OK) return err->status;
  for (int s = 0; s < b->slots; s++) {
    const int64_t j = column(w, s);
    if (j < 0) break;
    for (int64_t i = 0; i < P; i++)
      w->grad[s * P + i] = (w->grad[s * P + i] - gradient(w, s, i)) / width(w, j);
    take_column(w, j, w->grad + s * P);
  }
  return MASTING_OK;
}

/* Second differences are rougher: their steps may be no less than 1e-5 of a standard deviation. */
static double next_step(const work *w, double h, double curvature) {
  const double share = h * sqrt(fabs(curvature));
  if (!w->marginal || !(share < MARGINAL_LEAST) || curvature == 0)
    return mst_step_next(h, curvature);
  return fmin(100 * h, MST_STEP_AIM / sqrt(fabs(curvature)));
}

/* Columns whose step was bad get another, and stay in todo. */
static void improve(work *w) {
  const mst_hessian *h = w->h;
  int64_t left = 0;
  for (int64_t k = 0; k < w->count; k++) {
    const int64_t j = w->todo[k];
    const double curvature = w->finite[j] ? h->diagonal[j] : NAN;
    const double next = next_step(w, h->step[j], curvature);
    if (next == 0) continue;
    h->step[j] = next;
    w->todo[left++] = j;
  }
  w->count = left;
}

static masting_status all_columns(work *w, const double *scale, mst_error *err) {
  mst_hessian *h = w->h;
  w->count = h->globals;
  for (int64_t j = 0; j < h->globals; j++) {
    const bool told = scale && isfinite(scale[j]) && scale[j] > 0;
    const double first = w->marginal ? STEP_MARGINAL : MST_STEP_FIRST;
    h->step[j] = told ? MST_STEP_AIM * scale[j] : first * fmax(1, fabs(w->y[j]));
    w->todo[j] = j;
  }
  for (int round = 0; round < MST_STEP_ROUNDS && w->count; round++) {
    for (w->first = 0; w->first < w->count; w->first += w->batch->slots)
      if (some_columns(w, err) != MASTING_OK) return err->status;
    improve(w);
  }
  for (int64_t j = 0; j < h->globals; j++) {
    char name[MST_ELEMENT_NAME];
    if (w->finite[j]) continue;
    mst_global_name(&w->batch->target->layout, j, name, sizeof name);
    return mst_fail(err, MASTING_ERR_INIT,
                    "model %s: no curvature: the gradient is not finite next to the point, along "
                    "%s; expected finite numbers; try another point",
                    w->batch->target->model->name, name);
  }
  return MASTING_OK;
}

/* The mean of both halves. Collective if it is distributed. */
static masting_status symmetrise(work *w, mst_error *err) {
  mst_hessian *h = w->h;
  const int64_t P = h->globals;
  if (!h->matrix) {
    mst_square_mean(&w->square, h->diagonal, &h->asymmetry, err);
    h->dist = w->square.below;
    w->square.below = (mst_dist){.n = 0};
    return err->status;
  }
  double *m = h->matrix;
  for (int64_t i = 0; i < P; i++)
    for (int64_t j = 0; j < i; j++) {
      const double scale = sqrt(fabs(m[i * P + i] * m[j * P + j]));
      const double share = fabs(m[i * P + j] - m[j * P + i]) / scale;
      if (scale > 0 && share > h->asymmetry) h->asymmetry = share;
      m[i * P + j] = m[j * P + i] = (m[i * P + j] + m[j * P + i]) / 2;
    }
  return MASTING_OK;
}

/* Density and gradient at the point itself must be finite before any difference is taken. */
static masting_status check_point(work *w, mst_error *err) {
  const mst_batch *b = w->batch;
  const mst_target *t = b->target;
  char name[MST_ELEMENT_NAME];
  mst_batch_fill(w->batch, w->y, w->local);
  if (evaluate(w, err) != MASTING_OK) return err->status;
  w->h->lp = w->marginal ? w->marginal->f[0] : b->lp[0];
  if (!isfinite(w->h->lp))
    return mst_fail(err, MASTING_ERR_INIT,
                    "model %s: no curvature: the log density is not finite at the point; expected "
                    "a finite number, got %g",
                    t->model->name, w->h->lp);
  for (int64_t i = 0; i < b->globals; i++) {
    const double g = w->h->gradient[i] = gradient(w, 0, i);
    if (isfinite(g)) continue;
    mst_global_name(&t->layout, i, name, sizeof name);
    return mst_fail(err, MASTING_ERR_INIT,
                    "model %s: no curvature: the gradient of %s at the point; expected a finite "
                    "number, got %g",
                    t->model->name, name, g);
  }
  return MASTING_OK;
}

static masting_status allocate(work *w, const mst_grid *grid, mst_error *err) {
  const mst_batch *b = w->batch;
  mst_hessian *h = w->h;
  const size_t P = (size_t)b->globals, L = (size_t)h->each;
  if (!grid && mst_memory_refuse(b->target->comm, COPIES * 8 * (int64_t)(P * P), "Hessian", err) !=
                   MASTING_OK)
    return err->status;
  if (grid && mst_square_begin(&w->square, grid, "Hessian", (int)P, err) != MASTING_OK)
    return err->status;
  if (!grid) mst_alloc((void **)&h->matrix, P * P, sizeof(double), "Hessian", err);
  mst_alloc((void **)&h->diagonal, P, sizeof(double), "Hessian", err);
  mst_alloc((void **)&w->finite, P, sizeof(bool), "Hessian", err);
  mst_alloc((void **)&h->gradient, P, sizeof(double), "gradient", err);
  mst_alloc((void **)&h->step, P, sizeof(double), "steps", err);
  mst_alloc((void **)&h->factor, (size_t)h->rows * L * L, sizeof(double), "rows' Hessians", err);
  mst_alloc((void **)&w->follow, (size_t)b->locals * (size_t)b->slots, sizeof(double),
            "row-local gradients", err);
  mst_alloc((void **)&w->grad, P * (size_t)b->slots, sizeof(double), "gradients", err);
  mst_alloc((void **)&w->todo, P, sizeof *w->todo, "columns", err);
  return mst_agree(b->target->comm, err);
}

static masting_status make(work *w, const double *scale, const mst_grid *grid, mst_error *err) {
  mst_hessian *h = w->h;
  const mst_target *t = w->batch->target;
  *h = (mst_hessian){.globals = w->batch->globals,
                     .each = t->layout.locals,
                     .rows = t->data->shard.rows,
                     .first_bad = -1};
  if (allocate(w, grid, err) == MASTING_OK && check_point(w, err) == MASTING_OK &&
      (h->each == 0 ||
       mst_blocks_make(h, w->batch, w->y, w->local, w->follow, err) == MASTING_OK) &&
      all_columns(w, scale, err) == MASTING_OK)
    symmetrise(w, err);
  mst_square_end(&w->square);
  mst_free(&w->finite);
  mst_free(&w->follow);
  mst_free(&w->grad);
  mst_free(&w->todo);
  return err->status;
}

masting_status mst_hessian_make(mst_hessian *h, mst_batch *batch, const double *y,
                                const double *local, const double *scale, const mst_grid *grid,
                                mst_error *err) {
  work w = {.h = h, .batch = batch, .y = y, .local = local};
  return make(&w, scale, grid, err);
}

masting_status mst_hessian_integrated(mst_hessian *h, mst_marginal *marginal, const double *y,
                                      const double *local, const double *scale,
                                      const mst_grid *grid, mst_error *err) {
  work w = {.h = h, .batch = marginal->batch, .marginal = marginal, .y = y, .local = local};
  return make(&w, scale, grid, err);
}

void mst_hessian_free(mst_hessian *h) {
  mst_free(&h->matrix);
  mst_free(&h->diagonal);
  mst_dist_end(&h->dist);
  mst_free(&h->gradient);
  mst_free(&h->step);
  mst_free(&h->factor);
}
