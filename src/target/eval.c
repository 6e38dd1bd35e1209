/* target/eval.c -- evaluation at given points in Stan's order, for checks. See target.h. */
#include "target/batch.h"

/* Where element i lies in this rank's row-local arrays; -1 if another rank owns it. */
static int64_t mine(const mst_target *t, int64_t row, int64_t element) {
  int64_t local = row - t->data->shard.first_row.v;
  return local < 0 || local >= t->data->shard.rows ? -1 : local * t->layout.locals + element;
}

/* Slots beyond the points get the first one. */
static void broadcast(mst_batch *b, const double *points, int count) {
  const mst_target *t = b->target;
  const int64_t n = mst_layout_elements(&t->layout);
  for (int64_t i = 0; i < n; i++) {
    int64_t row = 0, element = 0;
    bool local = mst_layout_from_stan(&t->layout, i, &row, &element);
    int64_t here = local ? mine(t, row, element) : element;
    if (here < 0) continue;
    for (int slot = 0; slot < b->slots; slot++) {
      double value = points[(slot < count ? slot : 0) * n + i];
      if (local)
        b->local[mst_batch_local(b, slot, here)] = value;
      else
        b->y[mst_batch_global(b, slot, here)] = value;
    }
  }
}

static void collect(const mst_batch *b, double *lp, double *grad, int count) {
  const mst_target *t = b->target;
  const int64_t n = mst_layout_elements(&t->layout);
  for (int s = 0; s < count; s++) lp[s] = b->lp[s];
  for (int64_t i = 0; i < n; i++) {
    int64_t row = 0, element = 0;
    bool local = mst_layout_from_stan(&t->layout, i, &row, &element);
    int64_t here = local ? mine(t, row, element) : element;
    for (int s = 0; s < count; s++)
      grad[s * n + i] = here < 0 ? 0.0
                        : local  ? b->local_grad[mst_batch_local(b, s, here)]
                                 : mst_batch_grad(b, s)[element * t->lanes];
  }
}

/* Row-local gradients are known to one rank each; globals are the same on all, so rank 0's
 * count. */
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

masting_status mst_target_eval(mst_target *t, int npoints, const double *points, double *lp,
                               double *grad, mst_error *err) {
  mst_batch b;
  const int64_t n = mst_layout_elements(&t->layout);
  mst_batch_begin(&b, t, err);
  for (int first = 0; first < npoints && err->status == MASTING_OK; first += b.slots) {
    int count = npoints - first < b.slots ? npoints - first : b.slots;
    broadcast(&b, points + first * n, count);
    if (mst_batch_eval(&b, 0, NULL, NULL, err) != MASTING_OK) break;
    collect(&b, lp + first, grad + first * n, count);
    share(t, grad + first * n, count, err);
  }
  mst_batch_end(&b);
  return err->status;
}
