/* target/eval.c -- evaluation at given points in Stan's order, for checks. See target.h. */
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/mem.h"
#include "target/hot.h"
#include "target/pass.h"

typedef struct buffers {
  double *y, *local, *local_grad; /* [batches][globals or row-local elements][lanes] */
  int64_t rows_elements;          /* row-local elements of this rank */
} buffers;

static void free_buffers(buffers *b) {
  mst_free(&b->y);
  mst_free(&b->local);
  mst_free(&b->local_grad);
}

static masting_status make_buffers(buffers *b, const mst_target *t, mst_error *err) {
  const size_t lane = (size_t)t->lanes * sizeof(double), B = (size_t)t->batches;
  b->rows_elements = t->data->shard.rows * t->layout.locals;
  mst_alloc((void **)&b->y, B * (size_t)t->layout.globals, lane, "points", err);
  mst_alloc((void **)&b->local, B * (size_t)b->rows_elements, lane, "points", err);
  mst_alloc((void **)&b->local_grad, B * (size_t)b->rows_elements, lane, "gradients", err);
  return mst_agree(t->comm, err);
}

/* Index in a [batches][elements][lanes] array. */
static int64_t at(const mst_target *t, int64_t elements, int64_t element, int slot) {
  return ((slot / t->lanes) * elements + element) * t->lanes + slot % t->lanes;
}

/* Where element i lies in this rank's row-local arrays; -1 if another rank owns it. */
static int64_t mine(const mst_target *t, int64_t row, int64_t element) {
  int64_t local = row - t->data->shard.first_row.v;
  return local < 0 || local >= t->data->shard.rows ? -1 : local * t->layout.locals + element;
}

static void spread(const mst_target *t, buffers *b, const double *points, int first, int count) {
  const int64_t n = mst_layout_elements(&t->layout);
  for (int64_t i = 0; i < n; i++) {
    int64_t row = 0, element = 0;
    bool local = mst_layout_from_stan(&t->layout, i, &row, &element);
    int64_t here = local ? mine(t, row, element) : element;
    if (here < 0) continue;
    for (int slot = 0; slot < t->batches * t->lanes; slot++) {
      double value = points[(first + (slot < count ? slot : 0)) * n + i];
      if (local)
        b->local[at(t, b->rows_elements, here, slot)] = value;
      else
        b->y[at(t, t->layout.globals, here, slot)] = value;
    }
  }
}

static void collect(const mst_target *t, const buffers *b, double *lp, double *grad, int count) {
  const int64_t n = mst_layout_elements(&t->layout);
  for (int s = 0; s < count; s++)
    lp[s] = mst_total_lp(t, s / t->lanes, 0)[s % t->lanes];
  for (int64_t i = 0; i < n; i++) {
    int64_t row = 0, element = 0;
    bool local = mst_layout_from_stan(&t->layout, i, &row, &element);
    int64_t here = local ? mine(t, row, element) : element;
    for (int s = 0; s < count; s++)
      grad[s * n + i] =
          here < 0 ? 0.0
          : local  ? b->local_grad[at(t, b->rows_elements, here, s)]
                   : mst_theta_grad(t, s / t->lanes, 0)[element * t->lanes + s % t->lanes];
  }
}

/* Row-local gradients are known to one rank each; globals are the same on all, so rank 0's count. */
static masting_status share(const mst_target *t, double *grad, int count, mst_error *err) {
  const int64_t n = mst_layout_elements(&t->layout);
  if (t->layout.locals == 0 || t->comm->size == 1) return MASTING_OK;
  if (t->comm->rank != 0)
    for (int64_t i = 0; i < n; i++) {
      int64_t row, element;
      if (mst_layout_from_stan(&t->layout, i, &row, &element)) continue;
      for (int s = 0; s < count; s++) grad[s * n + i] = 0.0;
    }
  for (int s = 0; s < count; s++)
    for (int64_t from = 0; from < n; from += 1 << 28) {
      int piece = (int)(n - from < (1 << 28) ? n - from : 1 << 28);
      if (mst_mpi_check(MPI_Allreduce(MPI_IN_PLACE, grad + s * n + from, piece, MPI_DOUBLE, MPI_SUM,
                                      t->comm->mpi),
                        "MPI_Allreduce", err) != MASTING_OK)
        return err->status;
    }
  return MASTING_OK;
}

static masting_status eval_some(mst_target *t, buffers *b, double *lp, double *grad, int count,
                                mst_error *err) {
  const mst_target_hot *hot = mst_target_hot_at(t->isa, t->lanes);
  const int64_t P = t->layout.globals * t->lanes;
  for (int k = 0; k < t->batches; k++) hot->constrain(t, k, b->y + k * P);
#pragma omp parallel num_threads(t->threads)
  {
#ifdef _OPENMP
    int first = omp_get_thread_num(), given = omp_get_num_threads();
#else
    int first = 0, given = 1;
#endif
    /* the shares are fixed; if the system gives fewer threads, each takes more of them */
    for (int k = first; k < t->threads; k += given) hot->eval(t, k, b->local, b->local_grad);
  }
  if (mst_target_reduce(t, 0, err) != MASTING_OK) return err->status;
  for (int k = 0; k < t->batches; k++) hot->finish(t, k, b->y + k * P);
  mst_target_trouble(t, err);
  if (mst_agree(t->comm, err) != MASTING_OK) return err->status;
  collect(t, b, lp, grad, count);
  return share(t, grad, count, err);
}

masting_status mst_target_eval(mst_target *t, int npoints, const double *points, double *lp,
                               double *grad, mst_error *err) {
  buffers b = {0};
  const int64_t n = mst_layout_elements(&t->layout);
  const int each = t->batches * t->lanes;
  make_buffers(&b, t, err);
  for (int first = 0; first < npoints && err->status == MASTING_OK; first += each) {
    int count = npoints - first < each ? npoints - first : each;
    spread(t, &b, points, first, count);
    eval_some(t, &b, lp + first, grad + first * n, count, err);
  }
  free_buffers(&b);
  return err->status;
}
