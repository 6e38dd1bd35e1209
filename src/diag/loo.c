/* diag/loo.c -- see loo.h. */
#include "diag/loo.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/mem.h"
#include "diag/element.h"

#define PIECE_BYTES (32 << 20) /* of log likelihoods in memory at once */
#define UNEVEN 0.4             /* variance above which WAIC begins to fail */

typedef struct block { /* rows in memory, and what threads work with */
  int threads;
  int64_t count, most; /* draws of all chains; rows */
  double *piece;       /* [count][most] */
  double *work;        /* [threads][4 count] */
} block;

static masting_status block_make(block *b, const mst_reader *r, mst_error *err) {
#ifdef _OPENMP
  b->threads = omp_get_max_threads();
#else
  b->threads = 1;
#endif
  b->count = r->chains * r->draws;
  b->most = PIECE_BYTES / 8 / b->count;
  if (b->most < 8) b->most = 8;
  const size_t n = (size_t)b->count;
  if (!mst_alloc((void **)&b->piece, n * (size_t)b->most, sizeof *b->piece, "loo: draws", err))
    mst_alloc((void **)&b->work, n * 4 * (size_t)b->threads, sizeof *b->work, "loo: draws", err);
  return err->status;
}

static void block_free(block *b) {
  mst_free(&b->piece);
  mst_free(&b->work);
}

static bool moments_only(const mst_reader *r, const char *name) {
  for (int i = 0; i < r->variables; i++)
    if (r->variable[i].moments && !strcmp(r->variable[i].name, name)) return true;
  return false;
}

static masting_status none_found(const mst_reader *r, const char *name, mst_error *err) {
  char all[500] = "";
  for (int i = 0; i < r->variables; i++) {
    size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", r->variable[i].name);
  }
  if (moments_only(r, name))
    return mst_fail(
        err, MASTING_ERR_USAGE,
        "%s: of %s only mean and sd were stored; expected its draws; try masting sample "
        "--store %s",
        r->path, name, name);
  return mst_fail(err, MASTING_ERR_USAGE,
                  "%s: no log likelihood of each observation; expected a variable called %s, got: "
                  "%s; try --log-lik NAME, or vector[N] log_lik in generated quantities",
                  r->path, name, all);
}

/* The one that is named, else the only one of the group, else log_lik. */
static const mst_draws_variable *find(const mst_reader *r, const char *name, mst_error *err) {
  const mst_draws_variable *found = NULL;
  if (!name)
    for (int i = 0; i < r->variables; i++) {
      const mst_draws_variable *v = &r->variable[i];
      if (!v->likelihood) continue;
      if (found) {
        mst_fail(err, MASTING_ERR_USAGE,
                 "%s: several log likelihoods; expected one; try --log-lik %s or --log-lik %s",
                 r->path, found->name, v->name);
        return NULL;
      }
      found = v;
    }
  if (found) return found;
  if (!name) name = "log_lik";
  found = mst_reader_find(r, name);
  if (!found) none_found(r, name, err);
  return found;
}

/* The mean ESS of all elements of the posterior over the number of draws. */
static double relative_ess(const mst_reader *r, block *b, mst_error *err) {
  mst_element_work *work = NULL;
  double sum = 0, *x = b->work;
  int64_t elements = 0;
  if (r->chains == 1) return 1;
  mst_element_work_make(&work, r->chains, r->draws, &mst_element_defaults, err);
  for (int i = 0; i < r->variables && !err->status; i++) {
    const mst_draws_variable *v = &r->variable[i];
    if (v->aside || v->moments) continue;
    for (int64_t e = 0, width; e < v->elements && !err->status; e += width) {
      width = mst_reader_piece(v, e, b->most);
      if (mst_reader_draws(r, v, e, width, b->piece, err)) break;
      for (int64_t j = 0; j < width; j++) {
        for (int64_t k = 0; k < b->count; k++) x[k] = b->piece[k * width + j];
        const double ess = mst_element_ess(work, x);
        if (!isfinite(ess)) continue;
        sum += ess;
        elements++;
      }
    }
  }
  mst_element_work_free(&work);
  return elements ? sum / (double)elements / (double)b->count : 1;
}

typedef struct totals {
  double lppd, variance;
  int64_t undefined;
} totals;

static void take_point(mst_loo *l, int64_t at, const mst_loo_point *p, totals *t) {
  const bool waic = l->kind == MST_WAIC;
  const double elpd = waic ? p->lppd - p->variance : p->elpd_loo;
  l->elpd_i[at] = elpd;
  if (l->k_i) l->k_i[at] = p->k;
  t->lppd += p->lppd;
  t->variance += p->variance;
  t->undefined += !isfinite(elpd);
  l->uneven += waic && p->variance > UNEVEN;
  l->bad += !waic && p->k > l->good_k && p->k <= 1;
  l->very_bad += !waic && !(p->k <= 1);
}

/* Rows first .. first+width-1. Points are added up in order, whatever the threads. */
static void do_rows(mst_loo *l, const block *b, int64_t first, int64_t width, mst_loo_point *point,
                    totals *t) {
  const int64_t tail = l->kind == MST_WAIC ? 0 : mst_loo_tail(b->count, l->reff);
#pragma omp parallel for schedule(dynamic, 8)
  for (int64_t j = 0; j < width; j++) {
#ifdef _OPENMP
    double *x = b->work + 4 * b->count * omp_get_thread_num();
#else
    double *x = b->work;
#endif
    for (int64_t k = 0; k < b->count; k++) x[k] = b->piece[k * width + j];
    mst_loo_observation(x, b->count, tail, x + b->count, &point[j]);
  }
  for (int64_t j = 0; j < width; j++) take_point(l, first + j, &point[j], t);
}

static void sum_up(mst_loo *l, const totals *t) {
  const double n = (double)l->points;
  double squares = 0;
  l->elpd = 0;
  for (int64_t i = 0; i < l->points; i++) l->elpd += l->elpd_i[i];
  for (int64_t i = 0; i < l->points; i++) {
    const double off = l->elpd_i[i] - l->elpd / n;
    squares += off * off;
  }
  l->se = sqrt(squares); /* sqrt(n variance), variance = squares / n */
  l->p = l->kind == MST_WAIC ? t->variance : t->lppd - l->elpd;
}

static masting_status stream(mst_loo *l, const mst_reader *r, const mst_draws_variable *v, block *b,
                             mst_error *err) {
  mst_loo_point *point = NULL;
  totals t = {0};
  mst_alloc((void **)&point, (size_t)b->most, sizeof *point, "loo: points", err);
  for (int64_t e = 0, width; e < v->elements && !err->status; e += width) {
    width = mst_reader_piece(v, e, b->most);
    if (!mst_reader_draws(r, v, e, width, b->piece, err)) do_rows(l, b, e, width, point, &t);
  }
  mst_free(&point);
  if (!err->status && t.undefined)
    mst_fail(err, MASTING_ERR_DATA,
             "%s: %s of %" PRId64 " of %" PRId64 " observations is NaN or infinite in some draw; "
             "expected log densities",
             r->path, v->name, t.undefined, v->elements);
  if (!err->status) sum_up(l, &t);
  return err->status;
}

masting_status mst_loo_make(mst_loo *l, const mst_reader *r, const mst_loo_options *o,
                            mst_error *err) {
  block b = {0};
  *l = (mst_loo){.kind = o->kind, .samples = r->chains * r->draws};
  const mst_draws_variable *v = find(r, o->log_lik, err);
  if (!v) return err->status;
  snprintf(l->name, sizeof l->name, "%s", v->name);
  l->points = v->elements;
  l->good_k = fmin(1 - 1 / log10((double)l->samples), 0.7);
  const size_t n = (size_t)l->points;
  mst_alloc((void **)&l->elpd_i, n, sizeof *l->elpd_i, "loo: points", err);
  if (o->kind == MST_LOO) mst_alloc((void **)&l->k_i, n, sizeof *l->k_i, "loo: points", err);
  if (!err->status && !block_make(&b, r, err)) {
    l->reff = o->reff;
    if (isnan(l->reff) && o->kind == MST_LOO) l->reff = relative_ess(r, &b, err);
    if (o->kind == MST_WAIC) l->reff = 1;
    if (!err->status) stream(l, r, v, &b, err);
  }
  block_free(&b);
  return err->status;
}

void mst_loo_free(mst_loo *l) {
  mst_free(&l->elpd_i);
  mst_free(&l->k_i);
  *l = (mst_loo){0};
}
