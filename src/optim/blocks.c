/* optim/blocks.c -- see blocks.h: -D_r of every row by differences, and its Cholesky factor. */
#include "optim/blocks.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define MANY 4096 /* fewer elements are not worth waking threads for */

double mst_step_next(double h, double curvature) {
  if (!isfinite(curvature)) return h * 0x1p-7;
  if (curvature == 0) return h * 0x1p7;
  const double deviation = 1 / sqrt(fabs(curvature)), share = h / deviation;
  if (share < MST_STEP_LEAST) return MST_STEP_GROWN * deviation;
  return share > MST_STEP_MOST ? MST_STEP_AIM * deviation : 0;
}

void mst_batch_fill(mst_batch *b, const double *y, const double *local) {
  const mst_target *t = b->target;
  for (int s = 0; s < b->slots; s++)
    for (int64_t i = 0; i < b->globals; i++) b->y[mst_batch_global(b, s, i)] = y[i];
  for (int k = 0; k < t->batches; k++) {
    double *to = b->local + k * b->locals * t->lanes;
#pragma omp parallel for schedule(static) num_threads(t->threads) if (b->locals > MANY)
    for (int64_t i = 0; i < b->locals; i++)
      for (int lane = 0; lane < t->lanes; lane++) to[i * t->lanes + lane] = local[i];
  }
}

void mst_keep_gradient(const mst_tile *tile, void *context) {
  const mst_keep *k = context;
  const int lanes = tile->target->lanes;
  const int64_t at = (tile->batch * k->batch->locals + tile->element) * lanes;
  memcpy(k->to + at, k->batch->local_grad + at, (size_t)(tile->elements * lanes) * sizeof(double));
}

void mst_block_solve_upper(const double *c, int64_t n, double *x) {
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t k = i + 1; k < n; k++) x[i] -= c[k * n + i] * x[k];
    x[i] = c[i * n + i] != 0 ? x[i] / c[i * n + i] : 0;
  }
}

void mst_block_solve(const double *c, int64_t n, double *x) {
  for (int64_t i = 0; i < n; i++) {
    for (int64_t k = 0; k < i; k++) x[i] -= c[i * n + k] * x[k];
    x[i] = c[i * n + i] != 0 ? x[i] / c[i * n + i] : 0;
  }
  mst_block_solve_upper(c, n, x);
}

void mst_block_variances(const double *c, int64_t n, double *diagonal) {
  double x[n + 1];
  for (int64_t k = 0; k < n; k++) {
    for (int64_t i = 0; i < n; i++) x[i] = i == k;
    mst_block_solve(c, n, x);
    diagonal[k] = x[k];
  }
}

bool mst_block_factorise(double *d, int64_t n) {
  bool good = true;
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = 0; k <= i; k++)
      d[i * n + k] = d[k * n + i] = -(d[i * n + k] + d[k * n + i]) / 2;
  for (int64_t i = 0; i < n && good; i++) {
    const double whole = d[i * n + i];
    for (int64_t k = 0; k < i; k++) {
      double x = d[i * n + k];
      for (int64_t m = 0; m < k; m++) x -= d[i * n + m] * d[k * n + m];
      d[i * n + k] = x / d[k * n + k];
      d[k * n + i] = 0;
    }
    double pivot = whole;
    for (int64_t m = 0; m < i; m++) pivot -= d[i * n + m] * d[i * n + m];
    good = whole > 0 && pivot > 1e-10 * whole && isfinite(pivot);
    d[i * n + i] = good ? sqrt(pivot) : 0;
  }
  if (!good) memset(d, 0, (size_t)(n * n) * sizeof *d);
  return good;
}

typedef struct work {
  mst_hessian *h;
  mst_batch *batch;
  const double *y, *local;
  double *kept, *step; /* step [rows L] */
  int64_t first;       /* latent of slot 0 */
} work;

/* Slot s moves latent first + s of every row by that row's step. */
static void move(const work *w, double sign) {
  mst_batch *b = w->batch;
  const int64_t L = w->h->each;
  mst_batch_fill(b, w->y, w->local);
  for (int s = 0; s < b->slots && w->first + s < L; s++)
    for (int64_t i = w->first + s; i < b->locals; i += L)
      b->local[mst_batch_local(b, s, i)] += sign * w->step[i];
}

/* After the second evaluation: columns of D from both. */
static void columns(const mst_tile *tile, void *context) {
  const work *w = context;
  const mst_batch *b = w->batch;
  const int64_t L = w->h->each, row = tile->element / L;
  const int lanes = tile->target->lanes, from = tile->batch * lanes;
  for (int64_t r = row; r < row + tile->rows; r++)
    for (int s = from; s < from + lanes && w->first + s < L; s++) {
      const int64_t k = w->first + s, at = r * L + k;
      const double width = (w->local[at] + w->step[at]) - (w->local[at] - w->step[at]);
      for (int64_t i = 0; i < L; i++) {
        const int64_t g = mst_batch_local(b, s, r * L + i);
        w->h->factor[(r * L + i) * L + k] = (w->kept[g] - b->local_grad[g]) / width;
      }
    }
}

static masting_status differences(work *w, mst_error *err) {
  mst_keep keep = {w->batch, w->kept};
  for (w->first = 0; w->first < w->h->each; w->first += w->batch->slots) {
    move(w, 1);
    if (mst_batch_eval(w->batch, 0, mst_keep_gradient, &keep, err) != MASTING_OK) break;
    move(w, -1);
    if (mst_batch_eval(w->batch, 0, columns, w, err) != MASTING_OK) break;
    w->h->evaluations += 2;
  }
  return err->status;
}

/* New steps where they were bad; whether any rank has some. */
static masting_status improve(work *w, bool *again, mst_error *err) {
  const int64_t L = w->h->each;
  int mine = 0, any = 0;
  for (int64_t i = 0; i < w->batch->locals; i++) {
    const double next = mst_step_next(w->step[i], w->h->factor[i * L + i % L]);
    if (next > 0) {
      w->step[i] = next;
      mine = 1;
    }
  }
  int code = MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, w->batch->target->comm->mpi);
  *again = any;
  return mst_mpi_check(code, "MPI_Allreduce", err);
}

static masting_status factorise_all(mst_hessian *h, const mst_target *t, mst_error *err) {
  const int64_t none = INT64_MAX, L = h->each;
  int64_t bad = 0, first = none;
#pragma omp parallel for schedule(static) num_threads(t->threads) reduction(+ : bad) \
    reduction(min : first)
  for (int64_t r = 0; r < h->rows; r++)
    if (!mst_block_factorise(h->factor + r * L * L, L)) {
      bad++;
      first = first < r ? first : r;
    }
  if (first != none) first += t->data->shard.first_row.v;
  int code = MPI_Allreduce(&bad, &h->bad_rows, 1, MPI_INT64_T, MPI_SUM, t->comm->mpi);
  if (mst_mpi_check(code, "MPI_Allreduce", err) != MASTING_OK) return err->status;
  code = MPI_Allreduce(&first, &h->first_bad, 1, MPI_INT64_T, MPI_MIN, t->comm->mpi);
  if (h->first_bad == none) h->first_bad = -1;
  return mst_mpi_check(code, "MPI_Allreduce", err);
}

masting_status mst_blocks_make(mst_hessian *h, mst_batch *batch, const double *y,
                               const double *local, double *kept, mst_error *err) {
  work w = {.h = h, .batch = batch, .y = y, .local = local, .kept = kept};
  bool again = true;
  mst_alloc((void **)&w.step, (size_t)batch->locals, sizeof *w.step, "steps", err);
  mst_agree(batch->target->comm, err);
  for (int64_t i = 0; err->status == MASTING_OK && i < batch->locals; i++)
    w.step[i] = MST_STEP_FIRST * fmax(1, fabs(local[i]));
  for (int round = 0; err->status == MASTING_OK && again && round < MST_STEP_ROUNDS; round++)
    if (differences(&w, err) == MASTING_OK) improve(&w, &again, err);
  if (err->status == MASTING_OK) factorise_all(h, batch->target, err);
  mst_free(&w.step);
  return err->status;
}
