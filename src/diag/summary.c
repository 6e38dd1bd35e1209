/* diag/summary.c -- see summary.h; printing is in table.c, rows_csv.c and json.c, warnings in
 * verdict.c. */
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

#define PIECE_BYTES (16 << 20) /* of draws in memory at once */
#define PIECE_ROWS 65536       /* of the summary in memory at once */
#define TILE 8                 /* elements a thread takes: one cache line of every draw */

typedef struct workers { /* what the threads work with */
  int threads;
  mst_element_work **work; /* [threads] */
  double *tile;            /* [threads][TILE][count], an element's draws in a row */
  double *piece;           /* [count][most] */
  int64_t count, most;     /* draws of all chains; elements a piece */
  mst_summary_row *row;    /* [most] of the piece */
} workers;

typedef struct job { /* what one summary goes through */
  const mst_reader *reader;
  const mst_summary_options *options;
  mst_summary *summary;
  workers w;
  mst_summary_visit *visit;
  void *context;
} job;

static void workers_free(workers *w) {
  for (int t = 0; t < w->threads && w->work; t++) mst_element_work_free(&w->work[t]);
  mst_free(&w->work);
  mst_free(&w->tile);
  mst_free(&w->piece);
  for (int64_t i = 0; i < w->most && w->row; i++) free(w->row[i].label);
  mst_free(&w->row);
}

static masting_status workers_make(workers *w, const mst_reader *r,
                                   const mst_element_choice *choice, mst_error *err) {
  const char *what = "summary: draws";
#ifdef _OPENMP
  w->threads = omp_get_max_threads();
#else
  w->threads = 1;
#endif
  w->count = r->chains * r->draws;
  w->most = PIECE_BYTES / 8 / w->count;
  if (w->most < TILE) w->most = TILE;
  if (w->most > PIECE_ROWS) w->most = PIECE_ROWS;
  size_t count = (size_t)w->count, threads = (size_t)w->threads;
  if (mst_alloc((void **)&w->work, threads, sizeof *w->work, what, err) ||
      mst_alloc((void **)&w->tile, threads * TILE * count, sizeof *w->tile, what, err) ||
      mst_alloc((void **)&w->piece, count * (size_t)w->most, sizeof *w->piece, what, err) ||
      mst_alloc((void **)&w->row, (size_t)w->most, sizeof *w->row, what, err))
    return err->status;
  for (int t = 0; t < w->threads; t++)
    if (mst_element_work_make(&w->work[t], r->chains, r->draws, choice, err)) return err->status;
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
    double *x = &row[e].value.mean;
    for (size_t i = 0; i < sizeof row[e].value / sizeof *x; i++) x[i] = NAN;
    row[e].value.mean = all;
    row[e].value.sd = total;
  }
}

static masting_status read_moments(job *j, const mst_draws_variable *v, int64_t first,
                                   int64_t count, mst_error *err) {
  double *mean = NULL, *sd = NULL;
  size_t size = (size_t)(j->reader->chains * count);
  if (!mst_alloc((void **)&mean, size, sizeof *mean, "summary: moments", err) &&
      !mst_alloc((void **)&sd, size, sizeof *sd, "summary: moments", err) &&
      !mst_reader_moments(j->reader, v, first, count, mean, sd, err))
    pool_moments(j->reader, mean, sd, count, j->w.row);
  mst_free(&mean);
  mst_free(&sd);
  return err->status;
}

/* The labels of elements first .. first+count-1, into the rows. */
static masting_status label_rows(job *j, const mst_draws_variable *v, int64_t first, int64_t count,
                                 mst_error *err) {
  for (int64_t i = 0; i < count; i++) {
    free(j->w.row[i].label);
    j->w.row[i].label = mst_reader_label(v, first + i);
    if (!j->w.row[i].label)
      return mst_fail(err, MASTING_ERR_MEMORY, "summary: cannot allocate labels");
  }
  return MASTING_OK;
}

/* Elements first .. first+count-1, which mst_reader_piece allows, computed, judged, handed on. */
static masting_status do_piece(job *j, const mst_draws_variable *v, int64_t first, int64_t count,
                               bool begins, bool ends, mst_error *err) {
  if (label_rows(j, v, first, count, err)) return err->status;
  if (v->moments) {
    if (read_moments(j, v, first, count, err)) return err->status;
  } else {
    if (mst_reader_draws(j->reader, v, first, count, j->w.piece, err)) return err->status;
    summarise_piece(&j->w, count, j->w.row);
  }
  for (int64_t i = 0; i < count; i++) mst_verdict_judge(j->summary, &j->w.row[i]);
  const mst_summary_piece piece = {v, j->w.row, first, count, begins, ends};
  return j->visit(j->context, &piece, err);
}

static masting_status do_all(job *j, const mst_draws_variable *v, mst_error *err) {
  for (int64_t e = 0, width; e < v->elements && !err->status; e += width) {
    width = mst_reader_piece(v, e, j->w.most);
    do_piece(j, v, e, width, e == 0, e + width == v->elements, err);
  }
  return err->status;
}

/* One by one: who names elements names few. The last one is known when the next is sought. */
static masting_status do_some(job *j, const mst_draws_variable *v, mst_error *err) {
  int64_t before = -1;
  bool begins = true;
  for (int64_t e = 0; e <= v->elements && !err->status; e++) {
    char *label = e < v->elements ? mst_reader_label(v, e) : NULL;
    if (e < v->elements && !label)
      mst_fail(err, MASTING_ERR_MEMORY, "summary: cannot allocate labels");
    const bool end = e == v->elements,
               taken = label && mst_select_element(&j->options->select, label);
    free(label);
    if (!end && !taken) continue;
    if (before >= 0 && !err->status) {
      do_piece(j, v, before, 1, begins, end, err);
      begins = false;
    }
    before = end ? -1 : e;
  }
  return err->status;
}

/* What has no axis of rows comes first. */
static masting_status do_variables(job *j, mst_error *err) {
  for (int by_row = 0; by_row < 2; by_row++)
    for (int i = 0; i < j->reader->variables && !err->status; i++) {
      const mst_draws_variable *v = &j->reader->variable[i];
      mst_taken taken = mst_select_variable(&j->options->select, v);
      if (v->by_row != by_row || taken == MST_TAKEN_NONE) continue;
      if (taken == MST_TAKEN_ALL)
        do_all(j, v, err);
      else
        do_some(j, v, err);
    }
  return err->status;
}

masting_status mst_summary_make(mst_summary *summary, const mst_reader *reader,
                                const mst_summary_options *options, mst_summary_visit *visit,
                                void *context, mst_error *err) {
  job j = {
      .reader = reader, .options = options, .summary = summary, .visit = visit, .context = context};
  *summary = (mst_summary){.chains = reader->chains, .draws = reader->draws};
  mst_verdict_begin(summary);
  if (!mst_select_check(&options->select, reader, err) &&
      !workers_make(&j.w, reader, &options->choice, err) && !do_variables(&j, err))
    mst_verdict_end(summary, reader, err);
  workers_free(&j.w);
  return err->status;
}

void mst_summary_free(mst_summary *s) {
  mst_free(&s->verdict.ebfmi);
  *s = (mst_summary){0};
}

static masting_status print(mst_summary *s, const mst_reader *r, const mst_summary_options *o,
                            mst_error *err) {
  mst_csv_rows csv = {.columns = &o->columns, .out = stdout};
  mst_json_rows json = {.reader = r, .columns = &o->columns, .out = stdout};
  mst_table *table;
  switch (o->form) {
  case MST_SUMMARY_CSV:
    mst_summary_make(s, r, o, mst_csv_rows_add, &csv, err);
    break;
  case MST_SUMMARY_JSON:
    if (!mst_summary_make(s, r, o, mst_json_rows_add, &json, err)) mst_json_rows_end(&json, s, err);
    break;
  case MST_SUMMARY_TABLE:
    if (!mst_table_begin(&table, o, stdout, stderr, err))
      mst_summary_make(s, r, o, mst_table_add, table, err);
    mst_table_end(&table, err);
    break;
  }
  return err->status;
}

masting_status mst_summary_run(const mst_summary_options *options, mst_error *err) {
  mst_summary s = {0};
  mst_reader r;
  if (!mst_reader_open_all(&r, options->paths, options->npaths, err) &&
      !print(&s, &r, options, err))
    mst_summary_warn(&s, options->quiet);
  mst_summary_free(&s);
  mst_reader_close(&r);
  return err->status;
}
