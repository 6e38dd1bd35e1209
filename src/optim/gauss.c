/* optim/gauss.c -- see gauss.h. */
#include "optim/gauss.h"

#include <string.h>

#include "base/mem.h"
#include "linalg/lapack.h"
#include "optim/blocks.h"
#include "optim/curvature.h"

#define GLOBAL_ADDRESS (UINT64_C(1) << 62) /* globals' random numbers lie apart from the rows' */
#define PAD 32                             /* of mst_std_normal_fn */
#define NEWTON_STEPS 20                    /* of rows, to their highest points */
#define SHARE 0x1p-10                      /* of w - mode, for differences along it */

static masting_status check_rows(const mst_hessian *h, const mst_layout *layout, mst_error *err) {
  if (h->bad_rows == 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_INIT,
                  "model %s: the log density does not curve downwards in the row-local parameters "
                  "of %lld of %lld rows, the first of them row %lld; expected a mode; try more "
                  "iterations, or priors that pin what a row's data do not",
                  layout->model->name, (long long)h->bad_rows, (long long)layout->n,
                  (long long)h->first_bad + 1);
}

masting_status mst_gauss_begin(mst_gauss *g, const mst_hessian *h, mst_batch *batch,
                               mst_marginal *marginal, const double *y, const double *local,
                               uint64_t seed, mst_error *err) {
  const mst_target *t = batch->target;
  const size_t P = (size_t)h->globals, slots = (size_t)batch->slots, threads = (size_t)t->threads;
  const size_t block = (size_t)(t->data->shard.block_rows * h->each) + PAD;
  *g = (mst_gauss){.h = h,
                   .batch = batch,
                   .marginal = marginal,
                   .y = y,
                   .local = local,
                   .seed = seed,
                   .std_normal = mst_std_normal(t->isa)};
  check_rows(h, &t->layout, err);
  mst_alloc((void **)&g->root, P * P, sizeof(double), "Hessian's factor", err);
  mst_alloc((void **)&g->lp_approx, slots, sizeof(double), "densities", err);
  mst_alloc((void **)&g->log_weight, slots, sizeof(double), "densities", err);
  mst_alloc((void **)&g->squares, slots, sizeof(double), "densities", err);
  mst_alloc((void **)&g->noise, P * slots, sizeof(double), "draws", err);
  mst_alloc((void **)&g->kept, (size_t)batch->locals * slots, sizeof(double), "gradients", err);
  mst_alloc((void **)&g->row_noise, threads, sizeof(double *), "threads", err);
  for (size_t k = 0; err->status == MASTING_OK && k < threads; k++)
    mst_alloc((void **)&g->row_noise[k], block > P + PAD ? block : P + PAD, sizeof(double), "noise",
              err);
  if (err->status == MASTING_OK) mst_hessian_root(h, &t->layout, g->root, err);
  return mst_agree(t->comm, err);
}

void mst_gauss_end(mst_gauss *g) {
  for (int k = 0; g->row_noise && k < g->batch->target->threads; k++) mst_free(&g->row_noise[k]);
  mst_free(&g->row_noise);
  mst_free(&g->kept);
  mst_free(&g->noise);
  mst_free(&g->squares);
  mst_free(&g->log_weight);
  mst_free(&g->lp_approx);
  mst_free(&g->root);
}

static void noise(const mst_gauss *g, int slot, uint64_t first, int64_t count, double *out) {
  g->std_normal(g->seed, 0, (uint64_t)(g->first + slot), MST_USE_APPROXIMATION, first, count, out);
}

/* w - mode of all slots to noise [P][slots], from standard normal deviates; their sums of
 * squares. */
static masting_status draw_globals(mst_gauss *g, mst_error *err) {
  const int64_t P = g->h->globals;
  const int slots = g->batch->slots;
  double *e = g->row_noise[0];
  for (int s = 0; s < slots; s++) {
    noise(g, s, GLOBAL_ADDRESS, P, e);
    g->squares[s] = 0;
    for (int64_t i = 0; i < P; i++) {
      g->noise[i * slots + s] = e[i];
      g->squares[s] += e[i] * e[i];
    }
  }
  return mst_solve_lower("Hessian's factor", g->root, (int)P, true, g->noise, slots, err);
}

static void place(const mst_gauss *g, double share) {
  mst_batch *b = g->batch;
  for (int s = 0; s < b->slots; s++)
    for (int64_t i = 0; i < b->globals; i++)
      b->y[mst_batch_global(b, s, i)] = g->y[i] + share * g->noise[i * b->slots + s];
}

/* Hook after the second of two evaluations: the tile's z moves to its draw; sums of squares. */
static void draw_rows(const mst_tile *tile, void *context) {
  const mst_gauss *g = context;
  mst_batch *b = g->batch;
  const int64_t L = g->h->each, row = tile->element / L;
  const int lanes = tile->target->lanes;
  double *e = g->row_noise[tile->thread], v[L];
  for (int lane = 0; lane < lanes; lane++) {
    const int s = tile->batch * lanes + lane;
    noise(g, s, (uint64_t)tile->gelement, tile->elements, e);
    for (int64_t r = row; r < row + tile->rows; r++) {
      const double *c = g->h->factor + r * L * L;
      double *x = e + (r - row) * L;
      for (int64_t i = 0; i < L; i++) {
        const int64_t at = mst_batch_local(b, s, r * L + i);
        tile->extra[lane] += x[i] * x[i];
        v[i] = (g->kept[at] - b->local_grad[at]) / (2 * SHARE);
      }
      mst_block_solve(c, L, v);
      mst_block_solve_upper(c, L, x);
      for (int64_t i = 0; i < L; i++)
        b->local[mst_batch_local(b, s, r * L + i)] = g->local[r * L + i] + v[i] + x[i];
    }
  }
}

/* Hook after the second of two evaluations: the tile's z follows, and no more. */
static void follow_rows(const mst_tile *tile, void *context) {
  const mst_gauss *g = context;
  mst_batch *b = g->batch;
  const int64_t L = g->h->each, row = tile->element / L;
  const int lanes = tile->target->lanes;
  double v[L];
  for (int s = tile->batch * lanes; s < (tile->batch + 1) * lanes; s++)
    for (int64_t r = row; r < row + tile->rows; r++) {
      for (int64_t i = 0; i < L; i++) {
        const int64_t at = mst_batch_local(b, s, r * L + i);
        v[i] = (g->kept[at] - b->local_grad[at]) / (2 * SHARE);
      }
      mst_block_solve(g->h->factor + r * L * L, L, v);
      for (int64_t i = 0; i < L; i++)
        b->local[mst_batch_local(b, s, r * L + i)] = g->local[r * L + i] + v[i];
    }
}

/* Hook of the last evaluation: sums of squares of the noise that is in kept. */
static void square_rows(const mst_tile *tile, void *context) {
  const mst_gauss *g = context;
  const int lanes = tile->target->lanes;
  const double *e = g->kept + (tile->batch * g->batch->locals + tile->element) * lanes;
  for (int i = 0; i < tile->elements * lanes; i++) tile->extra[i % lanes] += e[i] * e[i];
}

/* A block's z leaves its highest point by its noise, with the factors found there. */
static void scatter_block(const mst_gauss *g, int64_t block, double *e) {
  mst_batch *b = g->batch;
  const mst_shard *shard = &b->target->data->shard;
  const int64_t L = g->h->each, row = mst_block_first(shard, block).v;
  const int64_t rows = mst_block_count(shard, block);
  double c[L * L];
  for (int s = 0; s < b->slots; s++) {
    noise(g, s, (uint64_t)((shard->first_row.v + row) * L), rows * L, e);
    for (int64_t r = 0; r < rows; r++) {
      double *x = e + r * L;
      mst_marginal_take(g->marginal, s, row + r, c);
      for (int64_t i = 0; i < L; i++) g->kept[mst_batch_local(b, s, (row + r) * L + i)] = x[i];
      mst_block_solve_upper(c, L, x);
      for (int64_t i = 0; i < L; i++) b->local[mst_batch_local(b, s, (row + r) * L + i)] += x[i];
    }
  }
}

static void scatter(const mst_gauss *g) {
  const mst_target *t = g->batch->target;
#pragma omp parallel for schedule(static, 1) num_threads(t->threads)
  for (int k = 0; k < t->threads; k++) {
    int64_t begin, end;
    mst_shard_thread(&t->data->shard, k, t->threads, &begin, &end);
    for (int64_t block = begin; block < end; block++) scatter_block(g, block, g->row_noise[k]);
  }
}

/* Rows about their highest points given each draw's w. */
static masting_status draw_integrated(mst_gauss *g, mst_error *err) {
  mst_batch *b = g->batch;
  mst_keep keep = {b, g->kept};
  mst_batch_fill(b, g->y, g->local);
  place(g, SHARE);
  if (mst_batch_eval(b, 0, mst_keep_gradient, &keep, err) != MASTING_OK) return err->status;
  place(g, -SHARE);
  if (mst_batch_eval(b, 0, follow_rows, g, err) != MASTING_OK) return err->status;
  g->evaluations += 3 - g->marginal->evaluations;
  place(g, 1);
  if (mst_marginal_rows(g->marginal, NEWTON_STEPS, err) != MASTING_OK) return err->status;
  g->evaluations += g->marginal->evaluations;
  for (int s = 0; s < b->slots; s++) {
    const double f = b->lp[s] + (g->marginal->decrement[s] - g->marginal->log_det[s]) / 2;
    g->log_weight[s] = f - g->h->lp + g->squares[s] / 2;
  }
  scatter(g);
  if (mst_batch_eval(b, 1, square_rows, g, err) != MASTING_OK) return err->status;
  for (int s = 0; s < b->slots; s++)
    g->lp_approx[s] =
        g->h->lp + (g->marginal->log_det[s] - g->squares[s] - mst_batch_extra(b, s, 0)) / 2;
  return MASTING_OK;
}

static masting_status rows_follow(mst_gauss *g, mst_error *err) {
  mst_batch *b = g->batch;
  mst_keep keep = {b, g->kept};
  mst_batch_fill(b, g->y, g->local);
  place(g, SHARE);
  if (mst_batch_eval(b, 0, mst_keep_gradient, &keep, err) != MASTING_OK) return err->status;
  place(g, -SHARE);
  if (mst_batch_eval(b, 1, draw_rows, g, err) != MASTING_OK) return err->status;
  for (int s = 0; s < b->slots; s++) g->squares[s] += mst_batch_extra(b, s, 0);
  return MASTING_OK;
}

masting_status mst_gauss_draw(mst_gauss *g, int64_t first, mst_error *err) {
  g->first = first;
  if (draw_globals(g, err) != MASTING_OK) return err->status;
  if (g->h->each && g->marginal) return draw_integrated(g, err);
  if (g->h->each && rows_follow(g, err) != MASTING_OK) return err->status;
  for (int s = 0; s < g->batch->slots; s++) g->lp_approx[s] = g->h->lp - g->squares[s] / 2;
  place(g, 1);
  g->evaluations += g->h->each ? 3 : 1;
  mst_batch_eval(g->batch, 0, NULL, NULL, err);
  for (int s = 0; s < g->batch->slots; s++) g->log_weight[s] = g->batch->lp[s] - g->lp_approx[s];
  return err->status;
}
