/* diag/summary.c -- see summary.h; printing is in table.c and json.c, warnings in verdict.c. */
#include "diag/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/mem.h"
#include "diag/reader.h"
#include "diag/verdict.h"

#define PIECE_BYTES (64 << 20) /* of draws in memory at once */
#define TILE 8                 /* elements a thread takes: one cache line of every draw */

typedef struct workers { /* what the threads work with */
  int threads;
  mst_element_work **work; /* [threads] */
  double *tile;            /* [threads][TILE][count], an element's draws in a row */
  double *piece;           /* [count][most] */
  int64_t count, most;     /* draws of all chains; elements a piece */
} workers;

static void workers_free(workers *w) {
  for (int t = 0; t < w->threads && w->work; t++) mst_element_work_free(&w->work[t]);
  mst_free(&w->work);
  mst_free(&w->tile);
  mst_free(&w->piece);
}

static masting_status workers_make(workers *w, const mst_reader *r, mst_error *err) {
  const char *what = "summary: draws";
#ifdef _OPENMP
  w->threads = omp_get_max_threads();
#else
  w->threads = 1;
#endif
  w->count = r->chains * r->draws;
  w->most = PIECE_BYTES / 8 / w->count;
  if (w->most < TILE) w->most = TILE;
  size_t count = (size_t)w->count, threads = (size_t)w->threads;
  if (mst_alloc((void **)&w->work, threads, sizeof *w->work, what, err) ||
      mst_alloc((void **)&w->tile, threads * TILE * count, sizeof *w->tile, what, err) ||
      mst_alloc((void **)&w->piece, count * (size_t)w->most, sizeof *w->piece, what, err))
    return err->status;
  for (int t = 0; t < w->threads; t++)
    if (mst_element_work_make(&w->work[t], r->chains, r->draws, err)) return err->status;
  return MASTING_OK;
}

/* Elements begin .. end-1 of a piece of `width` elements, by one thread. */
static void summarise_tile(workers *w, int thread, int64_t begin, int64_t end, int64_t width,
                           mst_summary_row *row) {
  double *tile = w->tile + (int64_t)thread * TILE * w->count;
  for (int64_t i = 0; i < w->count; i++)
    for (int64_t e = begin; e < end; e++)
      tile[(e - begin) * w->count + i] = w->piece[i * width + e];
  for (int64_t e = begin; e < end; e++)
    mst_element_summarise(w->work[thread], tile + (e - begin) * w->count, &row[e].value);
}

static void summarise_piece(workers *w, int64_t width, mst_summary_row *row) {
  int64_t tiles = (width + TILE - 1) / TILE;
#pragma omp parallel for schedule(dynamic)
  for (int64_t t = 0; t < tiles; t++) {
#ifdef _OPENMP
    int thread = omp_get_thread_num();
#else
    int thread = 0;
#endif
    int64_t end = (t + 1) * TILE;
    summarise_tile(w, thread, t * TILE, end < width ? end : width, width, row);
  }
}

/* Mean and sd over all chains from those of each: the variance within and between them. */
static void pool_moments(const mst_reader *r, const double *mean, const double *sd, int64_t width,
                         mst_summary_row *row) {
  double chains = (double)r->chains, draws = (double)r->draws;
  for (int64_t e = 0; e < width; e++) {
    double all = 0, squares = 0;
    for (int64_t c = 0; c < r->chains; c++) all += mean[c * width + e] / chains;
    for (int64_t c = 0; c < r->chains; c++) {
      double s = sd[c * width + e], off = mean[c * width + e] - all;
      squares += (draws - 1) * s * s + draws * off * off;
    }
    double total = sqrt(squares / (chains * draws - 1));
    row[e].value = (mst_element){all, total, NAN, NAN, NAN, NAN, NAN, NAN};
  }
}

static masting_status add_moments(mst_reader *r, const mst_draws_variable *v, mst_summary_row *row,
                                  mst_error *err) {
  double *mean = NULL, *sd = NULL;
  int64_t most = PIECE_BYTES / 16 / r->chains;
  size_t size = (size_t)(r->chains * (v->elements < most ? v->elements : most));
  if (!mst_alloc((void **)&mean, size, sizeof *mean, "summary: moments", err))
    mst_alloc((void **)&sd, size, sizeof *sd, "summary: moments", err);
  for (int64_t e = 0, width; e < v->elements && !err->status; e += width) {
    width = mst_reader_piece(v, e, most);
    if (!mst_reader_moments(r, v, e, width, mean, sd, err))
      pool_moments(r, mean, sd, width, row + e);
  }
  mst_free(&mean);
  mst_free(&sd);
  return err->status;
}

static masting_status add_draws(mst_reader *r, workers *w, const mst_draws_variable *v,
                                mst_summary_row *row, mst_error *err) {
  for (int64_t e = 0, width; e < v->elements && !err->status; e += width) {
    width = mst_reader_piece(v, e, w->most);
    if (!mst_reader_draws(r, v, e, width, w->piece, err)) summarise_piece(w, width, row + e);
  }
  return err->status;
}

static bool wanted(const mst_summary_options *o, const char *name) {
  for (int i = 0; i < o->nvars; i++)
    if (!strcmp(o->vars[i], name)) return true;
  return o->nvars == 0;
}

static masting_status check_wanted(const mst_reader *r, const mst_summary_options *o,
                                   mst_error *err) {
  for (int i = 0; i < o->nvars; i++) {
    char names[600] = "";
    bool found = false;
    for (int k = 0; k < r->variables; k++) {
      size_t used = strlen(names);
      found = found || !strcmp(r->variable[k].name, o->vars[i]);
      snprintf(names + used, sizeof names - used, "%s%s", k ? ", " : "", r->variable[k].name);
    }
    if (!found)
      return mst_fail(err, MASTING_ERR_USAGE, "%s: no variable '%s'; expected one of: %s", r->path,
                      o->vars[i], names);
  }
  return MASTING_OK;
}

/* Room for all rows, their labels and variables. */
static masting_status list_rows(mst_summary *s, const mst_reader *r, const mst_summary_options *o,
                                mst_error *err) {
  for (int i = 0; i < r->variables; i++)
    if (wanted(o, r->variable[i].name)) s->rows += r->variable[i].elements;
  if (mst_alloc((void **)&s->variable, (size_t)r->variables, sizeof *s->variable, "summary", err) ||
      mst_alloc((void **)&s->row, (size_t)s->rows, sizeof *s->row, "summary", err))
    return err->status;
  int64_t row = 0;
  for (int i = 0; i < r->variables; i++) {
    const mst_draws_variable *v = &r->variable[i];
    if (!wanted(o, v->name)) continue;
    mst_summary_variable *to = &s->variable[s->variables++];
    *to = (mst_summary_variable){.name = strdup(v->name),
                                 .moments = v->moments,
                                 .ndims = v->ndims,
                                 .first_row = row,
                                 .rows = v->elements};
    for (int a = 0; a < v->ndims; a++) to->dims[a] = v->axis[a].size;
    for (int64_t e = 0; e < v->elements; e++, row++)
      if (!(s->row[row].label = mst_reader_label(v, e)) || !to->name)
        return mst_fail(err, MASTING_ERR_MEMORY, "summary: cannot allocate labels");
  }
  return MASTING_OK;
}

static masting_status fill_rows(mst_summary *s, mst_reader *r, const mst_summary_options *o,
                                mst_error *err) {
  workers w = {0};
  mst_summary_row *row = s->row;
  workers_make(&w, r, err);
  for (int i = 0; i < r->variables && !err->status; i++) {
    const mst_draws_variable *v = &r->variable[i];
    if (!wanted(o, v->name)) continue;
    if (v->moments)
      add_moments(r, v, row, err);
    else
      add_draws(r, &w, v, row, err);
    row += v->elements;
  }
  workers_free(&w);
  return err->status;
}

masting_status mst_summary_make(mst_summary *summary, const mst_summary_options *options,
                                mst_error *err) {
  mst_reader r;
  *summary = (mst_summary){0};
  if (!mst_reader_open(&r, options->path, err) && !check_wanted(&r, options, err)) {
    summary->chains = r.chains;
    summary->draws = r.draws;
    if (!list_rows(summary, &r, options, err) && !fill_rows(summary, &r, options, err))
      mst_verdict_make(summary, &r, err);
  }
  mst_reader_close(&r);
  return err->status;
}

void mst_summary_free(mst_summary *s) {
  for (int64_t i = 0; i < s->rows && s->row; i++) free(s->row[i].label);
  for (int64_t i = 0; i < s->variables; i++) free(s->variable[i].name);
  mst_free(&s->row);
  mst_free(&s->variable);
  mst_free(&s->verdict.ebfmi);
  *s = (mst_summary){0};
}

masting_status mst_summary_run(const mst_summary_options *options, mst_error *err) {
  mst_summary s;
  if (!mst_summary_make(&s, options, err)) {
    if (options->json)
      mst_summary_print_json(&s, stdout, err);
    else
      mst_summary_print(&s, options->all ? -1 : MST_SUMMARY_ROWS, stdout, stderr, err);
    if (!err->status) mst_summary_warn(&s);
  }
  mst_summary_free(&s);
  return err->status;
}
