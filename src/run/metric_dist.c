/* run/metric_dist.c -- see metric_dist.h. */
#include "run/metric_dist.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "data/memory.h"
#include "linalg/blas.h"

#define MOST_LANES 16

/* ---- memory */

static double limit_for_tests;

void mst_metric_dist_limit(double bytes) { limit_for_tests = bytes; }

/* While a slot is recomputed: the other one's 12 P^2 bytes, X, Z and their inverses, or the rows
 * of G with G and L^-1, and a base and its inverse: 8 P^2. */
double mst_metric_dist_bytes(int64_t parameters, int ranks, double draws) {
  const double p = (double)parameters;
  return (36.0 * p * p + 2.0 * 16.0 * p * draws) / ranks;
}

double mst_metric_dist_available(const mst_comm *comm) {
  MPI_Comm here = MPI_COMM_NULL;
  int ranks = 1;
  double least = limit_for_tests > 0 ? limit_for_tests : (double)mst_memory_available();
  if (MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &here) ==
          MPI_SUCCESS &&
      here != MPI_COMM_NULL) {
    MPI_Comm_size(here, &ranks);
    MPI_Comm_free(&here);
  }
  if (limit_for_tests <= 0) least /= ranks;
  MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_DOUBLE, MPI_MIN, comm->mpi);
  return least;
}

static masting_status check_memory(const mst_comm *comm, int64_t n, double draws, mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE], d[MST_SHOW_SIZE];
  const double need = mst_metric_dist_bytes(n, comm->size, draws),
               have = mst_metric_dist_available(comm);
  if (have <= 0 || need <= have) return MASTING_OK;
  const double ranks = ceil(need * comm->size / have);
  return mst_fail(
      err, MASTING_ERR_MEMORY,
      "metric: the dense metric of %s global parameters needs %s on each of %d rank%s; expected at "
      "most the %s "
      "that a rank has available; try %s ranks with as much each, or --metric lowrank or diag",
      mst_show_count(n, a), mst_show_bytes((int64_t)need, b), comm->size,
      comm->size == 1 ? "" : "s", mst_show_bytes((int64_t)have, c),
      mst_show_count((int64_t)ranks, d));
}

/* Four matrices, and on rank 0 six more while a fit is made. */
masting_status mst_metric_replicated_fits(const mst_comm *comm, int64_t n, mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  const double need = 10.0 * sizeof(double) * (double)n * (double)n;
  if (n < MST_METRIC_DIST_FROM && limit_for_tests <= 0) return MASTING_OK;
  const double have = mst_metric_dist_available(comm);
  if (have <= 0 || need <= have) return MASTING_OK;
  return mst_fail(
      err, MASTING_ERR_MEMORY,
      "metric: the dense metric of %s global parameters needs %s on a rank that holds it whole; "
      "expected at most the "
      "%s that a rank has available; try --metric-spread always, or --metric lowrank or diag",
      mst_show_count(n, a), mst_show_bytes((int64_t)need, b), mst_show_bytes((int64_t)have, c));
}

/* ---- slots */

masting_status mst_metric_dist_begin(mst_metric_dist *s, mst_target *target, double draws,
                                     mst_error *err) {
  const mst_comm *comm = target->comm;
  *s = (mst_metric_dist){.target = target, .n = target->layout.globals, .at = {0, 1}};
  if (check_memory(comm, s->n, draws, err) != MASTING_OK ||
      mst_blas_agree(comm, err) != MASTING_OK ||
      mst_grid_begin(&s->grid, comm, 0, 0, err) != MASTING_OK) {
    s->target = NULL;
    return err->status;
  }
  mst_alloc((void **)&s->room, (size_t)s->n * MOST_LANES, sizeof(double), "metric", err);
  mst_alloc((void **)&s->base.scale, (size_t)s->n, sizeof(double), "metric", err);
  for (int k = 0; k < 2; k++)
    mst_alloc((void **)&s->slot[k].scale, (size_t)s->n, sizeof(double), "metric", err);
  return mst_agree(comm, err);
}

static void empty(mst_metric_dist_slot *slot) {
  if (!slot->made) return;
  slot->made = false;
  mst_rowwise_end(&slot->g);
  mst_rowwise_end(&slot->start);
}

void mst_metric_dist_end(mst_metric_dist *s) {
  if (!s->target) return;
  for (int k = 0; k < 2; k++) {
    empty(&s->slot[k]);
    mst_free(&s->slot[k].scale);
  }
  mst_dist_end(&s->base.g);
  mst_dist_end(&s->base.inverse);
  mst_free(&s->base.scale);
  mst_free(&s->room);
  mst_grid_end(&s->grid);
  s->target = NULL;
}

void mst_metric_dist_drop(mst_metric_dist *s, int slot) {
  if (s->at[0] == s->at[1])
    s->at[slot] = !s->at[!slot];
  else
    empty(&s->slot[s->at[slot]]);
}

void mst_metric_dist_share(mst_metric_dist *s, int slot) {
  if (s->at[0] == s->at[1]) return;
  empty(&s->slot[s->at[slot]]);
  s->at[slot] = s->at[!slot];
}

masting_status mst_metric_dist_set(mst_metric_dist *s, int slot, mst_metric_fit_dist *fit,
                                   mst_error *err) {
  mst_metric_dist_drop(s, slot);
  mst_metric_dist_slot *to = &s->slot[s->at[slot]];
  memcpy(to->scale, fit->scale, (size_t)s->n * sizeof(double));
  mst_rowwise_begin(&to->g, &fit->g, MST_ROWWISE_SYMMETRIC, s->target->isa, err);
  mst_dist_end(&fit->g);
  if (err->status == MASTING_OK &&
      mst_rowwise_begin(&to->start, &fit->inverse, MST_ROWWISE_TRANSPOSED, s->target->isa, err) !=
          MASTING_OK)
    mst_rowwise_end(&to->g);
  mst_dist_end(&fit->inverse);
  to->g.what = to->start.what = "metric";
  to->made = err->status == MASTING_OK;
  return err->status;
}

/* ---- products */

static void scale_rows(int64_t n, int lanes, const double *scale, const double *x, double *y) {
  for (int64_t i = 0; i < n; i++)
    for (int k = 0; k < lanes; k++) y[i * lanes + k] = scale[i] * x[i * lanes + k];
}

void mst_metric_dist_apply(void *context, int slot, mst_apply what, int lanes, const double *x,
                           double *y) {
  mst_metric_dist *s = context;
  mst_error err = {0};
  const mst_metric_dist_slot *m = &s->slot[s->at[slot]];
  MST_ASSERT(m->made && lanes <= MOST_LANES);
  if (what == MST_APPLY_MASS) {
    scale_rows(s->n, lanes, m->scale, x, s->room);
    mst_rowwise_apply(&m->g, lanes, s->room, y, &err);
    scale_rows(s->n, lanes, m->scale, y, y);
  } else {
    mst_rowwise_apply(&m->start, lanes, x, y, &err);
    for (int64_t i = 0; i < s->n; i++)
      for (int k = 0; k < lanes; k++) y[i * lanes + k] /= m->scale[i];
  }
  if (err.status != MASTING_OK) mst_abort_all(s->target->comm, &err);
  s->target->collectives++;
  s->target->collective_bytes += s->n * lanes * (int64_t)sizeof(double);
}
