/* run/record.c -- see record.h. */
#include "run/record.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "data/simrng.h"
#include "model/transform.h"

#define WARMUP_DRAWS (UINT64_C(1) << 62) /* addresses of warm-up's draws lie apart */

static int64_t local_elements(const mst_record *r) {
  const mst_target *t = r->target;
  return t->data->shard.rows * t->layout.locals;
}

static int64_t derived_elements(const mst_record *r) {
  const mst_target *t = r->target;
  return t->data->shard.rows * t->layout.row_derived;
}

/* Is anything row-local stored, as draws or moments? */
static bool stores_rows(const mst_record *r) {
  return r->file && r->target->layout.stored && mst_drawfile_latents(r->file) != MST_LATENTS_NONE;
}

/* Are quantities of rows derived: to be stored, or because they may reject the draw? */
static bool derives_rows(const mst_record *r) {
  const masting_model *m = r->target->model;
  return r->file && m->nrow_derived > 0 && (stores_rows(r) || m->rows_may_reject);
}

static bool keeps_moments(const mst_record *r) {
  return stores_rows(r) && mst_drawfile_latents(r->file) == MST_LATENTS_MOMENTS;
}

masting_status mst_record_begin(mst_record *r, const mst_target *target, uint64_t seed, int chains,
                                mst_drawfile *file, mst_error *err) {
  memset(r, 0, sizeof *r);
  r->target = target;
  r->seed = seed;
  r->chains = chains;
  r->file = file;
  const mst_layout *l = &target->layout;
  const size_t C = (size_t)chains, n = (size_t)local_elements(r);
  const size_t derived = (size_t)derived_elements(r);
  mst_alloc((void **)&r->theta, (size_t)(l->globals + l->derived), 8, "a draw", err);
  mst_alloc((void **)&r->mean, C, sizeof *r->mean, "moments", err);
  mst_alloc((void **)&r->m2, C, sizeof *r->m2, "moments", err);
  mst_alloc((void **)&r->count, C, sizeof *r->count, "moments", err);
  if (l->local_transforms)
    mst_alloc((void **)&r->staging, n, 8, "a draw's row-local parameters", err);
  if (stores_rows(r) || derives_rows(r))
    mst_alloc((void **)&r->row_derived, derived, 8, "a draw's row-derived quantities", err);
  for (size_t c = 0; err->status == MASTING_OK && keeps_moments(r) && c < C; c++) {
    mst_alloc((void **)&r->mean[c], n + derived, 8, "moments", err);
    mst_alloc((void **)&r->m2[c], n + derived, 8, "moments", err);
  }
  return err->status;
}

void mst_record_end(mst_record *r) {
  for (int c = 0; r->mean && r->m2 && c < r->chains; c++) {
    mst_free(&r->mean[c]);
    mst_free(&r->m2[c]);
  }
  mst_free(&r->mean);
  mst_free(&r->m2);
  mst_free(&r->count);
  mst_free(&r->theta);
  mst_free(&r->staging);
  mst_free(&r->row_derived);
}

/* Row-local elements of the draw, constrained; the point itself when there is nothing to do. */
static const double *constrained_locals(mst_record *r, const double *y) {
  const mst_layout *l = &r->target->layout;
  if (!l->local_transforms) return y;
  const int64_t rows = r->target->data->shard.rows;
  for (int p = 0; p < l->model->nparams; p++) {
    if (!l->param[p].local) continue;
    const mst_span span = mst_span_of(l, p);
#pragma omp parallel for schedule(static) num_threads(r->target->threads)
    for (int64_t row = 0; row < rows; row++) {
      double ignored = 0;
      int64_t at = row * l->locals + l->param[p].offset;
      mst_constrain_scalar(&span, y + at, r->staging + at, &ignored);
    }
  }
  return r->staging;
}

static void constrain_globals(mst_record *r, const double *y) {
  const mst_layout *l = &r->target->layout;
  double ignored = 0;
  for (int p = 0; p < l->model->nparams; p++) {
    if (l->param[p].local) continue;
    const mst_span span = mst_span_of(l, p);
    mst_constrain_scalar(&span, y + l->param[p].offset, r->theta + l->param[p].offset, &ignored);
  }
}

/* ---- derived quantities ---- */

static masting_derive derive_at(const mst_record *r, mst_use use, int c, mst_phase phase, int draw,
                                masting_rng *rng, masting_trouble *rejection) {
  const bool warm = phase == MST_PHASE_WARMUP;
  mst_simrng_draw(rng, r->seed, use, (uint64_t)c, (uint64_t)draw + (warm ? WARMUP_DRAWS : 0));
  *rejection = (masting_trouble){0};
  return (masting_derive){.chain = c,
                          .draw = draw,
                          .warmup = warm,
                          .ops = &mst_simrng_ops,
                          .rng = rng,
                          .rejection = rejection};
}

static void derive(mst_record *r, int c, mst_phase phase, int draw) {
  const mst_target *t = r->target;
  masting_rng rng;
  const masting_derive at = derive_at(r, MST_USE_DERIVE, c, phase, draw, &rng, &r->rejection);
  if (t->model->nderived)
    t->model->derive(t->state, t->size, t->replicated, r->theta, &at, r->theta + t->layout.globals);
}

static void derive_block(const mst_record *r, const double *local, const masting_derive *at,
                         int64_t block, void *scratch) {
  const mst_target *t = r->target;
  const mst_shard *s = &t->data->shard;
  const int64_t first = mst_block_first(s, block).v;
  const void *data[MST_MAX_DATA];
  for (int v = 0; v < t->model->ndata; v++)
    data[v] = (const char *)t->var[v] + first * t->row_bytes[v];
  const masting_derive_block b = {.first_row = s->first_row.v + first,
                                  .rows = mst_block_count(s, block),
                                  .data = data,
                                  .type = t->data->type,
                                  .size = t->size,
                                  .scratch = scratch,
                                  .at = at,
                                  .theta = r->theta,
                                  .derived = r->theta + t->layout.globals,
                                  .local = local + first * t->layout.locals,
                                  .out = r->row_derived + first * t->layout.row_derived};
  t->model->derive_rows(t->state, &b);
}

/* A rejection is that of the first of this rank's rows that makes one. */
static void derive_rows(mst_record *r, const double *local, int c, mst_phase phase, int draw) {
  const mst_target *t = r->target;
  int first = t->threads;
#pragma omp parallel for schedule(static, 1) num_threads(t->threads)
  for (int k = 0; k < t->threads; k++) {
    masting_rng rng;
    masting_trouble rejection;
    const masting_derive at = derive_at(r, MST_USE_DERIVE_ROW, c, phase, draw, &rng, &rejection);
    int64_t begin, end;
    mst_shard_thread(&t->data->shard, k, t->threads, &begin, &end);
    for (int64_t block = begin; block < end; block++)
      derive_block(r, local, &at, block, t->work[k].scratch);
#pragma omp critical(mst_record_rejection)
    if (rejection.claimed && k < first) {
      first = k;
      r->rejection = rejection;
    }
  }
}

/* ---- draws whose quantities are rejected ---- */

/* Collective if rows may reject: a draw that one rank's rows reject is rejected on all, with the
 * message of the first row that did. */
static void tell_rejection(mst_record *r, mst_error *err) {
  const mst_comm *comm = r->target->comm;
  int from = r->rejection.claimed ? comm->rank : INT_MAX;
  if (!r->target->model->rows_may_reject || comm->size == 1) return;
  mst_mpi_check(MPI_Allreduce(MPI_IN_PLACE, &from, 1, MPI_INT, MPI_MIN, comm->mpi), "MPI_Allreduce",
                err);
  r->rejection.claimed = from < INT_MAX;
  if (from < INT_MAX && r->rejected == 0)
    mst_mpi_check(MPI_Bcast(r->rejection.text, sizeof r->rejection.text, MPI_CHAR, from, comm->mpi),
                  "MPI_Bcast", err);
}

static double missing(const masting_param *p) { return p->integer ? INT32_MIN : NAN; }

/* Parameters and what was computed from them before stay. */
static void clear_quantities(const mst_record *r) {
  const mst_layout *l = &r->target->layout;
  const masting_model *m = l->model;
  for (int i = 0; i < m->nderived; i++) {
    const mst_param_layout *at = &l->param[m->nparams + i];
    double *to = r->theta + at->offset; /* globals come first */
    for (int64_t k = 0; m->derived[i].rejectable && k < at->elements; k++)
      to[k] = missing(&m->derived[i]);
  }
  const int64_t rows = r->row_derived ? r->target->data->shard.rows : 0;
  for (int i = 0; i < m->nrow_derived; i++) {
    const mst_param_layout *at = &l->param[m->nparams + m->nderived + i];
    if (!m->row_derived[i].rejectable) continue;
    for (int64_t row = 0; row < rows; row++)
      for (int64_t k = 0; k < at->elements; k++)
        r->row_derived[row * l->row_derived + at->offset + k] = missing(&m->row_derived[i]);
  }
}

static void note_rejection(mst_record *r) {
  if (!r->rejection.claimed) return;
  if (r->rejected++ == 0) memcpy(r->why, r->rejection.text, sizeof r->why);
  clear_quantities(r);
}

void mst_record_tell(const mst_record *r) {
  char count[MST_SHOW_SIZE];
  if (r->rejected == 0 || r->target->comm->rank != 0) return;
  mst_warn("%s; the program rejected %s draw%s by reject() or a constraint in generated "
           "quantities: what this block "
           "declares is NaN in %s, parameters are kept",
           r->why, mst_show_count(r->rejected, count), r->rejected > 1 ? "s" : "",
           r->rejected > 1 ? "them" : "it");
}

/* ---- storing a draw ---- */

static void update_estimators(double *mean, double *m2, double share, const double *x, int64_t n,
                              int threads) {
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < n; i++) {
    double d = x[i] - mean[i];
    mean[i] += d * share;
    m2[i] += d * (x[i] - mean[i]);
  }
}

static void learn_moments(mst_record *r, int c, const double *local) {
  const int64_t n = local_elements(r), derived = derived_elements(r);
  const int threads = r->target->threads;
  const double share = 1.0 / (double)++r->count[c];
  update_estimators(r->mean[c], r->m2[c], share, local, n, threads);
  update_estimators(r->mean[c] + n, r->m2[c] + n, share, r->row_derived, derived, threads);
}

const double *mst_record_theta(mst_record *r, const mst_record_point *p) {
  constrain_globals(r, p->globals);
  derive(r, p->chain, p->phase, p->draw);
  return r->theta;
}

masting_status mst_record_draw(mst_record *r, const mst_record_point *p, mst_error *err) {
  if (!r->file) return MASTING_OK;
  const mst_target *t = r->target;
  const int c = p->chain;
  const bool rows = stores_rows(r), row_derived = derives_rows(r);
  r->rejection.claimed = 0;
  if (t->comm->rank == 0 || row_derived) mst_record_theta(r, p);
  const double *local = rows || row_derived ? constrained_locals(r, p->locals) : NULL;
  if (row_derived) {
    if (!r->rejection.claimed) derive_rows(r, local, c, p->phase, p->draw);
    tell_rejection(r, err);
  }
  note_rejection(r);
  if (err->status != MASTING_OK || mst_target_trouble(t, err) != MASTING_OK) return err->status;
  if (t->comm->rank == 0 &&
      mst_drawfile_put(r->file, p->phase, c, p->draw, r->theta, &p->stats, err) != MASTING_OK)
    return err->status;
  if (!rows) return MASTING_OK;
  if (mst_drawfile_latents(r->file) == MST_LATENTS_ALL)
    return mst_drawfile_put_local(r->file, p->phase, c, p->draw, local, r->row_derived, err);
  if (p->phase == MST_PHASE_DRAWS) learn_moments(r, c, local);
  return MASTING_OK;
}

/* One chain's sums: row-local elements, and behind them the row-derived ones. */
static void archive_sums(mst_archive *a, const mst_record *r, const char *what, int c, double *x) {
  const mst_layout *l = &r->target->layout;
  const mst_shard *shard = &r->target->data->shard;
  char name[64];
  snprintf(name, sizeof name, "moments %s %d", what, c);
  mst_archive_rows(a, name, shard, l->locals * 8, x);
  snprintf(name, sizeof name, "moments derived %s %d", what, c);
  if (l->row_derived) mst_archive_rows(a, name, shard, l->row_derived * 8, x + local_elements(r));
}

void mst_record_archive(mst_archive *a, mst_record *r) {
  bool keeps = keeps_moments(r);
  mst_fields *f = mst_archive_fields(a, "record");
  mst_field_bool(f, &keeps);
  f->bad |= keeps != keeps_moments(r);
  mst_field_i64s(f, r->count, (size_t)r->chains);
  mst_field_i64(f, &r->rejected);
  mst_field_bytes(f, r->why, sizeof r->why);
  r->why[sizeof r->why - 1] = '\0';
  mst_archive_fields_end(a, "record");
  for (int c = 0; keeps && c < r->chains && !mst_archive_failed(a); c++) {
    if (r->count[c] <= 0) continue;
    archive_sums(a, r, "mean", c, r->mean[c]);
    archive_sums(a, r, "squares", c, r->m2[c]);
  }
}

masting_status mst_record_moments(mst_record *r, mst_error *err) {
  if (!keeps_moments(r)) return MASTING_OK;
  const int64_t n = local_elements(r) + derived_elements(r);
  for (int c = 0; c < r->chains && err->status == MASTING_OK; c++) {
    const double degrees = (double)(r->count[c] - 1);
    for (int64_t i = 0; i < n; i++) r->m2[c][i] = sqrt(r->m2[c][i] / degrees);
    mst_drawfile_put_moments(r->file, c, r->mean[c], r->m2[c], err);
  }
  return err->status;
}
