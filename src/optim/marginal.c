/* optim/marginal.c -- see marginal.h. */
#include "optim/marginal.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "optim/blocks.h"

#define SHARE 0x1p-9  /* of a standard deviation: second differences */
#define FOLLOW 0x1p-8 /* of the way that rows turn: first differences */
/* standard deviations that Newton's first step moves a row; then twice that */
#define FARTHEST 5.0
#define FOUND 1e-8 /* sum of squared distances of rows from their highest points, likewise */

masting_status mst_marginal_begin(mst_marginal *m, mst_batch *b, mst_error *err) {
  const size_t P = (size_t)b->globals, slots = (size_t)b->slots;
  const size_t n = (size_t)b->locals * slots, L = (size_t)b->target->layout.locals;
  double **const arrays[] = {&m->z, &m->step, &m->kept, &m->middle, &m->redirect, &m->way};
  *m = (mst_marginal){.batch = b, .each = (int64_t)L};
  mst_alloc((void **)&m->factor, n * L, 8, "rows' Hessians", err);
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    mst_alloc((void **)arrays[i], n, 8, "row-local elements", err);
  mst_alloc((void **)&m->grad, P * slots, 8, "gradients", err);
  mst_alloc((void **)&m->first, P * slots, 8, "gradients", err);
  mst_alloc((void **)&m->f, slots, 8, "densities", err);
  mst_alloc((void **)&m->log_det, slots, 8, "densities", err);
  mst_alloc((void **)&m->decrement, slots, 8, "densities", err);
  mst_alloc((void **)&m->bad, slots, 8, "densities", err);
  return mst_agree(b->target->comm, err);
}

void mst_marginal_end(mst_marginal *m) {
  mst_free(&m->factor);
  mst_free(&m->z);
  mst_free(&m->step);
  mst_free(&m->kept);
  mst_free(&m->middle);
  mst_free(&m->redirect);
  mst_free(&m->way);
  mst_free(&m->grad);
  mst_free(&m->first);
  mst_free(&m->f);
  mst_free(&m->log_det);
  mst_free(&m->decrement);
  mst_free(&m->bad);
}

/* ---- positions ---- */

/* Row-local elements at z + share * way, of latent k alone (k < 0: of all). */
static void place(const mst_marginal *m, const double *way, double share, int64_t k) {
  mst_batch *b = m->batch;
  const mst_target *t = b->target;
  const int64_t L = m->each, W = t->lanes;
  for (int batch = 0; batch < t->batches; batch++) {
    const int64_t from = batch * b->locals * W;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (b->locals > 4096)
    for (int64_t i = 0; i < b->locals; i++)
      for (int64_t at = from + i * W; at < from + (i + 1) * W; at++)
        b->local[at] = m->z[at] + (k < 0 || i % L == k ? share * way[at] : 0);
  }
}

static masting_status evaluate(mst_marginal *m, int nextra, mst_batch_hook *hook, mst_error *err) {
  m->evaluations++;
  return mst_batch_eval(m->batch, nextra, hook, m, err);
}

static void keep(const mst_tile *tile, void *context) {
  const mst_marginal *m = context;
  const mst_keep k = {m->batch, m->kept};
  mst_keep_gradient(tile, (void *)&k);
}

/* ---- D, and Newton's steps ---- */

/* The column of D of m->latent from two gradients. */
static void column(const mst_tile *tile, void *context) {
  const mst_marginal *m = context;
  const mst_batch *b = m->batch;
  const int64_t L = m->each, k = m->latent, row = tile->element / L;
  const int lanes = tile->target->lanes;
  for (int64_t r = row; r < row + tile->rows; r++)
    for (int s = tile->batch * lanes; s < (tile->batch + 1) * lanes; s++) {
      double *d = mst_marginal_factor(m, s, r);
      const int64_t at = mst_batch_local(b, s, r * L + k);
      const double width = (m->z[at] + m->step[at]) - (m->z[at] - m->step[at]);
      for (int64_t i = 0; i < L; i++) {
        const int64_t g = mst_batch_local(b, s, r * L + i);
        d[(i * L + k) * lanes] = (m->kept[g] - b->local_grad[g]) / width;
      }
      const double next = mst_step_next(m->step[at], d[(k * L + k) * lanes]);
      if (next > 0) m->step[at] = next; /* the next time */
    }
}

/* A slot's D_r to its factor. Without one: that of its diagonal's size, so that z still moves
 * uphill. */
static bool factorise(double *d, int64_t n, int lanes) {
  double c[n * n];
  for (int64_t i = 0; i < n * n; i++) c[i] = d[i * lanes];
  const bool good = mst_block_factorise(c, n);
  for (int64_t i = 0; !good && i < n; i++) {
    const double size = sqrt(fabs(d[(i * n + i) * lanes]));
    c[i * n + i] = isfinite(size) && size > 1e-4 ? size : 1;
  }
  for (int64_t i = 0; i < n * n; i++) d[i * lanes] = c[i];
  return good;
}

static void solve(const mst_marginal *m, int slot, int64_t row, double *x) {
  double c[m->each * m->each];
  mst_marginal_take(m, slot, row, c);
  mst_block_solve(c, m->each, x);
}

/* At z: factors, and Newton's step to way. Extras: squared lengths of the steps in standard
 * deviations, log|-D|, rows without a factor. */
static void middle(const mst_tile *tile, void *context) {
  const mst_marginal *m = context;
  const mst_batch *b = m->batch;
  const int64_t L = m->each, row = tile->element / L;
  const int lanes = tile->target->lanes;
  double x[L];
  for (int64_t r = row; r < row + tile->rows; r++)
    for (int lane = 0; lane < lanes; lane++) {
      const int s = tile->batch * lanes + lane;
      double *d = mst_marginal_factor(m, s, r), square = 0, log_det = 0;
      if (!factorise(d, L, lanes)) tile->extra[2 * lanes + lane] += 1;
      for (int64_t i = 0; i < L; i++) {
        const int64_t at = mst_batch_local(b, s, r * L + i);
        x[i] = m->middle[at] = b->local_grad[at];
        log_det += 2 * log(d[(i * L + i) * lanes]);
      }
      solve(m, s, r, x);
      for (int64_t i = 0; i < L; i++) square += x[i] * m->middle[mst_batch_local(b, s, r * L + i)];
      const double share = square > m->farthest * m->farthest ? m->farthest / sqrt(square) : 1;
      for (int64_t i = 0; i < L; i++) m->way[mst_batch_local(b, s, r * L + i)] = share * x[i];
      tile->extra[lane] += square;
      tile->extra[lanes + lane] += log_det;
    }
}

static masting_status find_blocks(mst_marginal *m, mst_error *err) {
  for (m->latent = 0; m->latent < m->each; m->latent++) {
    place(m, m->step, 1, m->latent);
    if (evaluate(m, 0, keep, err) != MASTING_OK) return err->status;
    place(m, m->step, -1, m->latent);
    if (evaluate(m, 0, column, err) != MASTING_OK) return err->status;
  }
  place(m, m->way, 0, 0);
  if (evaluate(m, 3, middle, err) != MASTING_OK) return err->status;
  for (int s = 0; s < m->batch->slots; s++) {
    m->decrement[s] = mst_batch_extra(m->batch, s, 0);
    m->log_det[s] = mst_batch_extra(m->batch, s, 1);
    m->bad[s] = mst_batch_extra(m->batch, s, 2);
  }
  return MASTING_OK;
}

static void take_positions(mst_marginal *m) {
  const mst_batch *b = m->batch;
  const int64_t n = b->locals * b->slots;
  for (int64_t i = 0; i < n; i++) {
    m->z[i] = isfinite(b->local[i]) ? b->local[i] : 0;
    const double first = MST_STEP_FIRST * fmax(1, fabs(m->z[i]));
    if (!(m->step[i] > 0)) m->step[i] = first;
  }
}

masting_status mst_marginal_rows(mst_marginal *m, int steps, mst_error *err) {
  for (int step = 0;; step++) {
    bool far = false;
    m->farthest = ldexp(FARTHEST, step);
    take_positions(m);
    if (find_blocks(m, err) != MASTING_OK) return err->status;
    for (int s = 0; s < m->batch->slots; s++) far |= m->decrement[s] > FOUND;
    if (!far || step == steps) return MASTING_OK;
    place(m, m->way, 1, -1);
  }
}

/* ---- the gradient ---- */

/* Column k of V, V V' = (-D)^-1, to way; with the first, turn begins as the rows' own gradient. */
static void column_of_v(mst_marginal *m) {
  const mst_batch *b = m->batch;
  const mst_target *t = b->target;
  const int64_t L = m->each;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (b->locals > 4096)
  for (int64_t r = 0; r < t->data->shard.rows; r++)
    for (int s = 0; s < b->slots; s++) {
      double c[L * L], x[L];
      mst_marginal_take(m, s, r, c);
      for (int64_t i = 0; i < L; i++) x[i] = i == m->latent;
      mst_block_solve_upper(c, L, x);
      for (int64_t i = 0; i < L; i++) m->way[mst_batch_local(b, s, r * L + i)] = x[i];
    }
}

/* After the second gradient along v_k: half the second difference of row-local gradients to
 * turn. */
static void redirect(const mst_tile *tile, void *context) {
  const mst_marginal *m = context;
  const mst_batch *b = m->batch;
  const int lanes = tile->target->lanes;
  const int64_t from = (tile->batch * b->locals + tile->element) * lanes;
  for (int64_t i = from; i < from + tile->elements * lanes; i++) {
    const double second = m->kept[i] - 2 * m->middle[i] + b->local_grad[i];
    m->redirect[i] = (m->latent ? m->redirect[i] : m->middle[i]) + second / (2 * SHARE * SHARE);
  }
}

static void add_globals(const mst_marginal *m, double *to, double share) {
  const mst_batch *b = m->batch;
  for (int s = 0; s < b->slots; s++)
    for (int64_t i = 0; i < b->globals; i++)
      to[s * b->globals + i] += share * mst_batch_grad(b, s)[i * b->target->lanes];
}

/* way = (-D)^-1 turn. */
static void way_of_turn(mst_marginal *m) {
  const mst_batch *b = m->batch;
  const mst_target *t = b->target;
  const int64_t L = m->each;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (b->locals > 4096)
  for (int64_t r = 0; r < t->data->shard.rows; r++)
    for (int s = 0; s < b->slots; s++) {
      double x[L];
      for (int64_t i = 0; i < L; i++) x[i] = m->redirect[mst_batch_local(b, s, r * L + i)];
      solve(m, s, r, x);
      for (int64_t i = 0; i < L; i++) m->way[mst_batch_local(b, s, r * L + i)] = x[i];
    }
}

/* Two gradients along way; their weighted sum is added to grad. */
static masting_status along(mst_marginal *m, double share, double weight_plus, double weight_minus,
                            mst_batch_hook *hook, mst_error *err) {
  place(m, m->way, share, -1);
  if (evaluate(m, 0, keep, err) != MASTING_OK) return err->status;
  add_globals(m, m->grad, weight_plus);
  place(m, m->way, -share, -1);
  if (evaluate(m, 0, hook, err) != MASTING_OK) return err->status;
  add_globals(m, m->grad, weight_minus);
  return MASTING_OK;
}

masting_status mst_marginal_eval(mst_marginal *m, int steps, mst_error *err) {
  mst_batch *b = m->batch;
  const double second = 1 / (2 * SHARE * SHARE), first = 1 / (2 * FOLLOW);
  if (mst_marginal_rows(m, steps, err) != MASTING_OK) return err->status;
  memset(m->grad, 0, (size_t)(b->slots * b->globals) * sizeof *m->grad);
  add_globals(m, m->grad, 1 - 2 * second * (double)m->each);
  for (int s = 0; s < b->slots; s++) {
    m->f[s] = b->lp[s] + (m->decrement[s] - m->log_det[s]) / 2;
    if (m->bad[s] > 0) m->f[s] = NAN;
  }
  for (m->latent = 0; m->latent < m->each; m->latent++) {
    column_of_v(m);
    if (along(m, SHARE, second, second, redirect, err) != MASTING_OK) return err->status;
  }
  way_of_turn(m);
  if (along(m, FOLLOW, first, -first, NULL, err) != MASTING_OK) return err->status;
  place(m, m->way, 0, 0);
  return MASTING_OK;
}
